//! Photos from disk, in their own bit depth and the right way up.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Seek};
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader};

use super::error::ProjectError;
use crate::raster::{Photo, Plane};

/// Endings of files that [`read`] can decode, in lower case.
pub const ENDINGS: [&str; 12] = ["png", "jpg", "jpeg", "tif", "tiff", "bmp", "webp", "gif", "pgm", "ppm", "tga", "exr"];

/// True for a file name that ends like an image.
#[must_use]
pub fn has_image_ending(path: &Path) -> bool {
    path.extension().and_then(|e| e.to_str()).is_some_and(|e| ENDINGS.contains(&e.to_ascii_lowercase().as_str()))
}

/// The most bytes a decoded photo may take: a 16-bit colour image of 500 MP. A header that promises more is refused.
const MAX_BYTES: u64 = 3 << 30;

/// Decodes an image file. The kind is told by its content, not its ending; EXIF orientation is applied; alpha is dropped.
pub fn read(path: &Path) -> Result<Photo, ProjectError> {
    let file = File::open(path).map_err(|source| ProjectError::Io { path: path.into(), source })?;
    decode(ImageReader::new(BufReader::new(file)), path)
}

/// As [`read`], from bytes; `path` names them in errors.
pub fn read_bytes(bytes: &[u8], path: &Path) -> Result<Photo, ProjectError> {
    decode(ImageReader::new(Cursor::new(bytes)), path)
}

fn decode<R: BufRead + Seek>(reader: ImageReader<R>, path: &Path) -> Result<Photo, ProjectError> {
    let image = with_decoder(reader, path, |mut decoder| {
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        if decoder.total_bytes() > MAX_BYTES {
            return Err(format!("it would take {} MB of memory", decoder.total_bytes() >> 20));
        }
        let mut image = DynamicImage::from_decoder(decoder).map_err(|e| e.to_string())?;
        image.apply_orientation(orientation);
        Ok(image)
    })?;
    if image.width() == 0 || image.height() == 0 {
        return Err(ProjectError::Decode { path: path.into(), message: "it has no pixels".into() });
    }
    Ok(to_photo(image))
}

/// Finds the decoder by content, or by the ending of `path` where the content does not tell, and hands it to `work`. A decoder that
/// panics on a broken file gives an error like any other.
fn with_decoder<R: BufRead + Seek, T>(
    reader: ImageReader<R>,
    path: &Path,
    work: impl FnOnce(Box<dyn ImageDecoder + '_>) -> Result<T, String>,
) -> Result<T, ProjectError> {
    let failed = |message: String| ProjectError::Decode { path: path.into(), message };
    let mut reader = reader.with_guessed_format().map_err(|e| failed(e.to_string()))?;
    if reader.format().is_none()
        && let Ok(format) = image::ImageFormat::from_path(path)
    {
        reader.set_format(format);
    }
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let decoder = reader.into_decoder().map_err(|e| e.to_string())?;
        work(Box::new(decoder))
    }));
    match result {
        Ok(outcome) => outcome.map_err(failed),
        Err(_) => Err(failed("its decoder gave up on it; the file is damaged".into())),
    }
}

fn to_photo(image: DynamicImage) -> Photo {
    let (w, h) = (image.width(), image.height());
    match image {
        DynamicImage::ImageLuma8(i) => Photo::Gray8(Plane::from_vec(w, h, i.into_raw())),
        DynamicImage::ImageLuma16(i) => Photo::Gray16(Plane::from_vec(w, h, i.into_raw())),
        DynamicImage::ImageLumaA8(i) => Photo::Gray8(Plane::from_vec(w, h, i.pixels().map(|p| p.0[0]).collect())),
        DynamicImage::ImageLumaA16(i) => Photo::Gray16(Plane::from_vec(w, h, i.pixels().map(|p| p.0[0]).collect())),
        DynamicImage::ImageRgb16(i) => Photo::Rgb16(Plane::from_vec(w, h, i.pixels().map(|p| p.0).collect())),
        DynamicImage::ImageRgba16(_) => Photo::Rgb16(Plane::from_vec(w, h, image.to_rgb16().pixels().map(|p| p.0).collect())),
        DynamicImage::ImageRgb32F(_) | DynamicImage::ImageRgba32F(_) => {
            let gray = image.to_rgb32f();
            let values = gray.pixels().map(|p| 0.299_f32.mul_add(p.0[0], 0.587_f32.mul_add(p.0[1], 0.114 * p.0[2]))).collect();
            Photo::GrayF32(Plane::from_vec(w, h, values))
        }
        other => Photo::Rgb8(Plane::from_vec(w, h, other.to_rgb8().pixels().map(|p| p.0).collect())),
    }
}

/// Width and height of an image file as [`read`] would give them, without decoding the pixels.
pub fn size(path: &Path) -> Result<(u32, u32), ProjectError> {
    let file = File::open(path).map_err(|source| ProjectError::Io { path: path.into(), source })?;
    with_decoder(ImageReader::new(BufReader::new(file)), path, |mut decoder| {
        let (w, h) = decoder.dimensions();
        let is_turned = matches!(
            decoder.orientation(),
            Ok(Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH)
        );
        Ok(if is_turned { (h, w) } else { (w, h) })
    })
}
