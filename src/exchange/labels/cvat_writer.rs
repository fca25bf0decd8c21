//! CVAT for images 1.1 out: every region a `<mask>`, since its polygons have no holes and its masks lose nothing.

use std::fmt::Write as _;
use std::path::PathBuf;

use quick_xml::escape::escape;

use super::error::ExchangeError;
use super::model::Shape;
use super::shape_area::box_runs;
use super::writer::{ClassList, ExportImage, IGNORE_NAME, LabelWriter, put};
use crate::raster::Area;

pub(super) struct CvatWriter {
    out: PathBuf,
    classes: ClassList,
    images: String,
    count: usize,
}

impl CvatWriter {
    pub const fn new(out: PathBuf, classes: ClassList) -> Self {
        Self { out, classes, images: String::new(), count: 0 }
    }
}

impl LabelWriter for CvatWriter {
    fn add(&mut self, image: &ExportImage) -> Result<(), ExchangeError> {
        let names = self.classes.names();
        let (width, height) = (image.label.width(), image.label.height());
        let mut text =
            format!("  <image id=\"{}\" name=\"{}\" width=\"{width}\" height=\"{height}\">\n", self.count, escape(&image.name));
        let objects = image.objects();
        for (i, runs) in objects.iter().enumerate() {
            let label = names[self.classes.require(objects.value(i), image)?];
            let Shape::BoxRuns { x, y, width, height, counts } = box_runs(&Area::of_runs(runs)) else { continue };
            let rle = counts.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
            let label = escape(label);
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "    <mask label=\"{label}\" source=\"manual\" occluded=\"0\" rle=\"{rle}\" left=\"{x}\" top=\"{y}\" width=\"{width}\" height=\"{height}\" z_order=\"0\">\n    </mask>"
            );
        }
        text.push_str("  </image>\n");
        self.images.push_str(&text);
        self.count += 1;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), ExchangeError> {
        let mut text = String::from(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n  <version>1.1</version>\n  <meta>\n    <task>\n",
        );
        let _ = writeln!(text, "      <size>{}</size>\n      <mode>annotation</mode>\n      <labels>", self.count);
        let ignore = self.classes.has_ignore.then_some((IGNORE_NAME, [96; 3]));
        let classes = self.classes.classes.iter().map(|c| (c.name.as_str(), c.colour)).chain(ignore);
        for (name, [r, g, b]) in classes {
            let name = escape(name);
            let _ = writeln!(
                text,
                "        <label>\n          <name>{name}</name>\n          <color>#{r:02x}{g:02x}{b:02x}</color>\n          <type>any</type>\n          <attributes>\n          </attributes>\n        </label>"
            );
        }
        text.push_str("      </labels>\n    </task>\n  </meta>\n");
        text.push_str(&self.images);
        text.push_str("</annotations>\n");
        put(&self.out.join("annotations.xml"), text.as_bytes())
    }
}
