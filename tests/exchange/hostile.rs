//! Files that lie, break off or are noise: an error that names the file and the place, never a panic, never a giant allocation.

use std::path::{Path, PathBuf};

use delimit::exchange::labels::{Format, ImportOptions, ImportPlan, LabelSet, read};
use proptest::prelude::*;

use super::project;

const READERS: [Format; 6] = [Format::Coco, Format::Labelme, Format::Cvat, Format::Yolo, Format::Voc, Format::Png];

fn lay(folder: &Path, format: Format, bytes: &[u8]) -> PathBuf {
    let (from, file) = match format {
        Format::Coco | Format::CocoPolygons | Format::Labelme => ("a.json", "a.json"),
        Format::Cvat => ("a.xml", "a.xml"),
        Format::Yolo => ("a.txt", "a.txt"),
        Format::Voc => ("", "SegmentationClass/a.png"),
        Format::Png | Format::Gray => ("a.png", "a.png"),
    };
    let path = folder.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
    folder.join(from)
}

/// Reading, or rendering what was read for an image of 8 × 6 px: the first error.
fn error_of(format: Format, text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = lay(folder.path(), format, text.as_bytes());
    match read(&path, Some(format)) {
        Err(error) => error.to_string(),
        Ok(set) => match render(set) {
            Err(error) => error,
            Ok(_) => String::new(),
        },
    }
}

fn render(set: LabelSet) -> Result<u64, String> {
    let names: Vec<String> = set.classes.iter().map(|c| c.name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).take(254).collect();
    let project = project(Path::new("/nowhere"), &["a.png"], &names);
    let plan = ImportPlan::new(set, &project, &ImportOptions::default()).map_err(|e| e.to_string())?;
    let mut pixels = 0;
    for image in &plan.images {
        let rendered = plan.render(image, (8, 6)).map_err(|e| e.to_string())?;
        pixels += rendered.label.histogram()[1..].iter().sum::<u64>();
    }
    Ok(pixels)
}

#[track_caller]
fn refused(format: Format, text: &str, words: &[&str]) {
    let error = error_of(format, text);
    for word in words {
        assert!(error.contains(word), "{word:?} is not in {error:?} for {text}");
    }
    let file = if format == Format::Cvat {
        "a.xml"
    } else if format == Format::Yolo {
        "a.txt"
    } else {
        "a.json"
    };
    assert!(error.contains(file), "{error}");
}

fn coco(image: &str, annotation: &str) -> String {
    format!(r#"{{"images":[{image}],"categories":[{{"id":1,"name":"dent"}}],"annotations":[{annotation}]}}"#)
}

#[test]
fn coco_names_the_annotation() {
    let image = r#"{"id":1,"file_name":"a.png","width":8,"height":6}"#;
    let with =
        |segmentation: &str| coco(image, &format!(r#"{{"id":4,"image_id":1,"category_id":1,"segmentation":{segmentation}}}"#));
    refused(Format::Coco, &with(r#"{"size":[6,8],"counts":[40,9]}"#), &["annotation 4", "sum up to 49"]);
    refused(Format::Coco, &with(r#"{"size":[6,8],"counts":[4,-9,53]}"#), &["line 1"]);
    refused(Format::Coco, &with(r#"{"size":[6,8],"counts":"zzzzzzzzzzzz"}"#), &["annotation 4"]);
    refused(Format::Coco, &with(r#"{"size":[4294967295,4294967295],"counts":[]}"#), &["annotation 4", "4294967295"]);
    refused(Format::Coco, &with(r#"{"size":[40000,50000],"counts":[0,2000000000]}"#), &["annotation 4", "50000×40000"]);
    refused(Format::Coco, &with("[[0,0,5]]"), &["annotation 4", "pairs"]);
    refused(Format::Coco, &with("[[0,0,1,1]]"), &["annotation 4", "three"]);
    refused(Format::Coco, &with("[[0,0,5,0,5,1e999]]"), &["line 1"]);
    refused(Format::Coco, &with("[[0,0,5,0,5,-1e30]]"), &["annotation 4", "far outside"]);
    refused(Format::Coco, &with("[[0,0,5,0,5,NaN]]"), &["line 1"]);
    refused(Format::Coco, &coco(image, r#"{"id":4,"image_id":1,"category_id":3}"#), &["annotation 4", "no category", "3"]);
    refused(Format::Coco, &coco(image, r#"{"id":4,"image_id":8,"category_id":1}"#), &["annotation 4", "no image", "8"]);
    for name in ["/etc/a.png", "../a.png", "x/../../a.png", "C:\\\\a.png", ""] {
        let image = format!(r#"{{"id":3,"file_name":"{name}"}}"#);
        refused(Format::Coco, &coco(&image, ""), &["image 3", "name"]);
    }
    refused(Format::Coco, &coco(r#"{"id":3,"file_name":"a.png","width":0,"height":5}"#, ""), &["image 3", "0×5"]);
    refused(Format::Coco, "{\"images\":[", &["line 1", "no COCO file"]);
    refused(Format::Coco, &"[".repeat(100_000), &["no COCO file"]);
}

#[test]
fn labelme_names_the_shape() {
    let with = |shape: &str| format!(r#"{{"imagePath":"../photos/a.png","imageWidth":8,"imageHeight":6,"shapes":[{shape}]}}"#);
    refused(Format::Labelme, &with(r#"{"label":"x","points":[[0,0],[1,1]],"shape_type":"polygon"}"#), &["shape 1", "three"]);
    refused(Format::Labelme, &with(r#"{"label":"x","points":[[0,0]],"shape_type":"circle"}"#), &["shape 1", "two"]);
    refused(Format::Labelme, &with(r#"{"label":"x","points":[[0,0]],"shape_type":"star"}"#), &["shape 1", "star"]);
    refused(Format::Labelme, &with(r#"{"label":"x","points":[[0,0]],"shape_type":"mask","mask":"%%"}"#), &["shape 1", "base64"]);
    refused(Format::Labelme, &with(r#"{"label":"x","points":[[0,0]],"shape_type":"mask","mask":"AAAA"}"#), &["shape 1", "PNG"]);
    refused(Format::Labelme, &with(r#"{"label":"x","points":[[0,0],[1e9,0],[0,5]]}"#), &["shape 1", "far outside"]);
    refused(Format::Labelme, "{}", &["line 1", "no labelme file"]);
}

#[test]
fn cvat_names_the_line() {
    let with = |inside: &str| {
        format!("<annotations>\n<image id=\"0\" name=\"a.png\" width=\"8\" height=\"6\">\n{inside}\n</image></annotations>")
    };
    refused(
        Format::Cvat,
        &with(r#"<mask label="x" rle="1, 9" left="0" top="0" width="2" height="2"/>"#),
        &["line 3", "sum up to 10"],
    );
    refused(Format::Cvat, &with(r#"<mask label="x" rle="1, -9" left="0" top="0" width="2" height="2"/>"#), &["line 3", "-9"]);
    refused(
        Format::Cvat,
        &with(r#"<mask label="x" rle="0" left="0" top="0" width="99999999" height="99999999"/>"#),
        &["line 3", "size"],
    );
    refused(Format::Cvat, &with(r#"<mask label="x" rle="0, 4" left="900" top="0" width="2" height="2"/>"#), &["line 3", "outside"]);
    refused(Format::Cvat, &with(r#"<polygon label="x" points="1,2;3"/>"#), &["line 3", "no point"]);
    refused(Format::Cvat, &with(r#"<polygon label="x" points="1,2;3,NaN;5,5"/>"#), &["line 3", "far outside"]);
    refused(Format::Cvat, &with(r#"<polygon points="1,2;3,4;5,5"/>"#), &["line 3", "no label"]);
    refused(
        Format::Cvat,
        "<annotations><image name=\"/a\" width=\"1\" height=\"1\"/></annotations>",
        &["line 1", "leaves its folder"],
    );
    refused(Format::Cvat, "<annotations><image name=\"a\" width=\"-1\" height=\"1\"/></annotations>", &["line 1", "width"]);
    refused(Format::Cvat, "<annotations>", &["ends inside"]);
    refused(Format::Cvat, "<html/>", &["no <annotations>"]);
    refused(Format::Cvat, &format!("<annotations>{}", "<a>".repeat(1000)), &["64 deep"]);
}

#[test]
fn yolo_names_the_line() {
    refused(Format::Yolo, "0 0 0 0.5 0 0.5 0.5\nx 0 0 1 1 0 1", &["line 2", "class number"]);
    refused(Format::Yolo, "0 0 0 120 0 120 60", &["line 1", "120", "divided"]);
    refused(Format::Yolo, "0 0 0 NaN 0 1 1", &["line 1", "NaN"]);
    refused(Format::Yolo, "0 0 0 1 0 1", &["line 1", "5 numbers"]);
    refused(Format::Yolo, "-1 0 0 1 0 1 1", &["line 1", "class number"]);
}

#[test]
fn a_png_that_promises_more_than_its_bytes_can_hold_is_refused_before_it_takes_memory() {
    // A header of 60000 × 30000 px with a handful of data.
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 60_000, 30_000);
    encoder.set_color(png::ColorType::Grayscale);
    let writer = encoder.write_header().unwrap();
    drop(writer);
    let folder = tempfile::tempdir().unwrap();
    let path = lay(folder.path(), Format::Png, &bytes);
    let error = read(&path, Some(Format::Png)).unwrap_err().to_string();
    assert!(error.contains("60000×30000") && error.contains("a.png"), "{error}");
}

/// Pieces of every format, so that noise gets past the first brace.
const PIECES: [&str; 26] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"images\"",
    "\"shapes\"",
    "\"id\":1",
    "\"annotations\"",
    "\"counts\"",
    "\"size\":[6,8]",
    "-1",
    "1e308",
    "4294967296",
    "0.5",
    "<annotations>",
    "<image name=\"a.png\" width=\"8\" height=\"6\">",
    "<mask rle=\"1,",
    "\"/>",
    "</image>",
    "label=\"x\"",
    "points=\"1,2;3,4;",
    "0 0.1 0.2 0.9 0.9 0.1 0.5\n",
    "&#0;",
    "\u{0}",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), pieces in prop::collection::vec(0..PIECES.len(), 0..40)) {
        let text: String = pieces.iter().map(|&i| PIECES[i]).collect();
        for format in READERS {
            for content in [bytes.as_slice(), text.as_bytes()] {
                let folder = tempfile::tempdir().unwrap();
                let path = lay(folder.path(), format, content);
                if let Ok(set) = read(&path, Some(format)) {
                    let _ = render(set);
                }
                let _ = read(folder.path(), None);
            }
        }
    }

    /// Good files with one byte changed.
    #[test]
    fn one_wrong_byte_never_panics(at in 0_usize..1000, byte in any::<u8>()) {
        let good = [
            (Format::Coco, coco(r#"{"id":1,"file_name":"a.png","width":8,"height":6}"#, r#"{"id":4,"image_id":1,"category_id":1,"segmentation":{"size":[6,8],"counts":[4,9,35]}}"#)),
            (Format::Labelme, r#"{"imagePath":"a.png","imageWidth":8,"imageHeight":6,"shapes":[{"label":"x","points":[[0,0],[5,0],[5,5]],"shape_type":"polygon"}]}"#.to_owned()),
            (Format::Cvat, r#"<annotations><image id="0" name="a.png" width="8" height="6"><mask label="x" rle="1, 2, 1" left="0" top="0" width="2" height="2"/></image></annotations>"#.to_owned()),
            (Format::Yolo, "0 0.1 0.1 0.9 0.1 0.5 0.9\n".to_owned()),
        ];
        for (format, text) in good {
            let mut bytes = text.into_bytes();
            let at = at % bytes.len();
            bytes[at] = byte;
            let folder = tempfile::tempdir().unwrap();
            let path = lay(folder.path(), format, &bytes);
            if let Ok(set) = read(&path, Some(format)) {
                let _ = render(set);
            }
        }
    }
}
