//! `delimit export`: labels of a project for other tools, with the proof that they are the same.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use delimit::exchange::labels::{Certificate, Format};
use delimit::workflow::judging::images_of;
use delimit::workflow::label_exchange::export_labels;

use super::exit::Exit;
use super::input::{open_for_reading, part_numbers};
use super::output::{Table, write_json};
use super::progress::Progress;

#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Folder of the project.
    project: PathBuf,
    /// The folder to write into; made when it is not there.
    out: PathBuf,
    /// The format.
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: FormatName,
    /// Only this part number.
    #[arg(long, value_name = "PN")]
    part_number: Option<String>,
    /// Write into a folder that is not empty; files of the same names are replaced.
    #[arg(long)]
    replace: bool,
    /// The certificate as JSON instead of a table.
    #[arg(long)]
    json: bool,
}

/// A format to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// COCO instances, masks as compressed run lengths.
    Coco,
    /// COCO instances, polygons with bridged holes.
    CocoPolygons,
    /// labelme: polygons, and masks where there are holes.
    Labelme,
    /// CVAT for images 1.1, masks.
    Cvat,
    /// YOLO segmentation, polygons with bridged holes.
    Yolo,
    /// Pascal VOC `SegmentationClass`.
    Voc,
    /// Indexed PNG with a class table.
    Png,
    /// Gray PNG with a class table.
    Gray,
}

impl FormatName {
    const fn format(self) -> Format {
        match self {
            Self::Coco => Format::Coco,
            Self::CocoPolygons => Format::CocoPolygons,
            Self::Labelme => Format::Labelme,
            Self::Cvat => Format::Cvat,
            Self::Yolo => Format::Yolo,
            Self::Voc => Format::Voc,
            Self::Png => Format::Png,
            Self::Gray => Format::Gray,
        }
    }
}

pub fn run(args: &ExportArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let session = open_for_reading(&args.project)?;
    let numbers = part_numbers(session.project(), args.part_number.as_deref())?;
    let is_taken = args.out.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    if is_taken && !args.replace {
        anyhow::bail!("{}: the folder is not empty; choose another, or write into it with --replace", args.out.display());
    }
    let snapshot = session.snapshot();
    let mut images: Vec<usize> = numbers.iter().flat_map(|&pn| images_of(&snapshot, pn)).collect();
    images.sort_unstable();
    let bar = Progress::new("writing", 2 * images.len());
    let certificate = export_labels(&snapshot, &images, args.format.format(), &args.out, || bar.step())?;
    drop(bar);
    if args.json {
        write_json(out, &certificate)?;
    } else {
        write_table(args, &certificate, out)?;
    }
    Ok(if certificate.is_exact { Exit::Fine } else { Exit::Found })
}

fn write_table(args: &ExportArgs, certificate: &Certificate, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut table = Table::new(&["image", "objects", "px", "differ px", "least IoU", "holes"], &[1, 2, 3, 4, 5]);
    for image in certificate.images.iter().filter(|i| i.objects > 0) {
        table.row(vec![
            image.image.clone(),
            image.objects.to_string(),
            image.label_px.to_string(),
            image.xor_px.to_string(),
            format!("{:.4}", image.iou.iter().copied().fold(1.0, f64::min)),
            format!("{}/{}", image.holes_read, image.holes),
        ]);
    }
    table.write(out)?;
    writeln!(out, "{}: {}; {}", args.out.display(), certificate.format, certificate.line())?;
    Ok(())
}
