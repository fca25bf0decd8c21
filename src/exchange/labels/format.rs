//! The formats by name, and which one a file or folder is in.

use std::path::Path;

use super::error::ExchangeError;

/// A label format of another tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// COCO instances, JSON; written as compressed RLE.
    Coco,
    /// COCO instances, JSON; written as polygons, holes bridged.
    CocoPolygons,
    /// labelme JSON, one file per image.
    Labelme,
    /// CVAT for images 1.1, XML.
    Cvat,
    /// YOLO segmentation: one text file per image and `data.yaml`.
    Yolo,
    /// Pascal VOC: palette PNG in `SegmentationClass/` with `labelmap.txt`.
    Voc,
    /// A folder of palette PNG with `classes.csv`.
    Png,
    /// A folder of gray PNG with `classes.csv`.
    Gray,
}

impl Format {
    pub const ALL: [Self; 8] =
        [Self::Coco, Self::CocoPolygons, Self::Labelme, Self::Cvat, Self::Yolo, Self::Voc, Self::Png, Self::Gray];

    /// The name on the command line and in certificates.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Coco => "coco",
            Self::CocoPolygons => "coco-polygons",
            Self::Labelme => "labelme",
            Self::Cvat => "cvat",
            Self::Yolo => "yolo",
            Self::Voc => "voc",
            Self::Png => "png",
            Self::Gray => "gray",
        }
    }

    /// The format of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.name() == name)
    }

    /// The format of a file or folder, by what lies there and how it begins.
    pub fn detect(path: &Path) -> Result<Self, ExchangeError> {
        let unrecognised = || ExchangeError::Unrecognised { path: path.into(), known: Self::ALL.map(Self::name).join(", ") };
        if !path.is_dir() {
            let ending = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
            return match ending.as_ref().and_then(|e| e.to_str()) {
                Some("xml") => Ok(Self::Cvat),
                Some("json") => Ok(if is_labelme(path)? { Self::Labelme } else { Self::Coco }),
                Some("txt" | "yaml" | "yml") => Ok(Self::Yolo),
                Some("png") => Ok(Self::Png),
                _ => {
                    std::fs::File::open(path).map_err(|e| ExchangeError::io(path, e))?;
                    Err(unrecognised())
                }
            };
        }
        if path.join("SegmentationClass").is_dir() {
            return Ok(Self::Voc);
        }
        if path.join("labels").is_dir() || ["data.yaml", "obj.names"].iter().any(|n| path.join(n).is_file()) {
            return Ok(Self::Yolo);
        }
        if path.join("annotations.xml").is_file() {
            return Ok(Self::Cvat);
        }
        let files = super::files::walk(path)?;
        let with = |ending: &'static str| files.iter().filter(move |f| super::files::has_ending(f, ending));
        if let Some(first) =
            with("json").find(|f| f.file_name().is_none_or(|n| n != "certificate.json" && n != "dataset_meta.json"))
        {
            return Ok(if is_labelme(first)? { Self::Labelme } else { Self::Coco });
        }
        if with("xml").next().is_some() {
            return Ok(Self::Cvat);
        }
        if with("png").next().is_some() {
            return Ok(Self::Png);
        }
        if with("txt").next().is_some() {
            return Ok(Self::Yolo);
        }
        Err(unrecognised())
    }
}

/// labelme writes `"shapes"`, COCO `"annotations"`: whichever key the file has at its top level.
fn is_labelme(path: &Path) -> Result<bool, ExchangeError> {
    #[derive(serde::Deserialize)]
    struct Keys {
        #[serde(default)]
        shapes: Option<serde::de::IgnoredAny>,
    }
    let bytes = super::files::read(path)?;
    // A broken file is told by the reader, with the line.
    Ok(serde_json::from_slice::<Keys>(&bytes).is_ok_and(|keys| keys.shapes.is_some()))
}
