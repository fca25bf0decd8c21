//! Label maps as 8-bit palette PNG: the pixel value is the class id, the palette its colour, and any viewer shows it.

use std::io::{BufRead, Seek};

use crate::raster::{LabelMap, Plane};

/// Why a PNG could not be read as a label map.
#[derive(Debug, thiserror::Error)]
pub enum PalettePngError {
    #[error("not a readable PNG: {0}")]
    Decode(#[from] png::DecodingError),
    #[error("cannot be encoded as PNG: {0}")]
    Encode(#[from] png::EncodingError),
    #[error("has colour type {colour} with {bits} bits; a label is an 8-bit palette or 8-bit gray PNG whose values are class ids")]
    Colour { colour: String, bits: u8 },
}

/// The most pixels that a label may have: 2^31 − 1. A header that promises more is a broken or hostile file.
const MAX_PIXELS: u64 = (1 << 31) - 1;

/// Reads an 8-bit palette or gray PNG, or one of 1, 2 or 4 bits, without looking at the colours.
pub fn decode(reader: impl BufRead + Seek) -> Result<LabelMap, PalettePngError> {
    let mut decoder = png::Decoder::new_with_limits(reader, png::Limits { bytes: 1 << 31 });
    decoder.set_transformations(png::Transformations::IDENTITY);
    let mut reader = decoder.read_info()?;
    let info = reader.info();
    let (width, height, colour, depth) = (info.width, info.height, info.color_type, info.bit_depth);
    let bits = depth as u8;
    if !matches!(colour, png::ColorType::Indexed | png::ColorType::Grayscale)
        || bits > 8
        || u64::from(width) * u64::from(height) > MAX_PIXELS
    {
        return Err(PalettePngError::Colour { colour: format!("{colour:?}"), bits });
    }
    let mut rows = vec![0_u8; reader.output_buffer_size().unwrap_or(0)];
    let frame = reader.next_frame(&mut rows)?;
    let pixels = if bits == 8 { rows } else { unpack(&rows, width, height, frame.line_size, bits) };
    Ok(LabelMap::from_plane(&Plane::from_vec(width, height, pixels)))
}

/// Spreads 1, 2 or 4 bits per pixel to a byte each; the leftmost pixel is in the highest bits.
fn unpack(rows: &[u8], width: u32, height: u32, line_size: usize, bits: u8) -> Vec<u8> {
    let per_byte = 8 / usize::from(bits);
    let mask = (1_u8 << bits) - 1;
    let mut pixels = Vec::with_capacity(width as usize * height as usize);
    for row in rows.chunks_exact(line_size).take(height as usize) {
        pixels.extend((0..width as usize).map(|x| {
            let shift = 8 - usize::from(bits) * (x % per_byte + 1);
            (row[x / per_byte] >> shift) & mask
        }));
    }
    pixels
}

/// The bytes of a palette PNG; ids beyond the palette given are shown in middle gray. Fast compression: labels are saved often.
pub fn encode(map: &LabelMap, palette: &[[u8; 3]]) -> Result<Vec<u8>, PalettePngError> {
    let mut colours = vec![128_u8; 256 * 3];
    for (slot, colour) in colours.chunks_exact_mut(3).zip(palette) {
        slot.copy_from_slice(colour);
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, map.width(), map.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(colours);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(map.to_plane().as_slice())?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn keeps_every_id_through_a_round_trip() {
        let map = LabelMap::from_plane(&Plane::from_fn(300, 270, |x, y| ((x * 7 + y * 13) % 256) as u8));
        let bytes = encode(&map, &[[0, 0, 0], [255, 0, 0]]).unwrap();
        assert_eq!(decode(Cursor::new(bytes)).unwrap(), map);
    }

    #[test]
    fn reads_fewer_bits() {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 5, 2);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Two);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[0b00_01_10_11, 0b01_00_00_00, 0b11_11_00_00, 0b10_00_00_00]).unwrap();
        writer.finish().unwrap();
        let map = decode(Cursor::new(bytes)).unwrap();
        assert_eq!(map.to_plane().as_slice(), &[0, 1, 2, 3, 1, 3, 3, 0, 0, 2]);
    }

    #[test]
    fn refuses_colour_and_garbage() {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 1, 1);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[1, 2, 3]).unwrap();
        writer.finish().unwrap();
        assert!(matches!(decode(Cursor::new(bytes)), Err(PalettePngError::Colour { .. })));
        assert!(decode(Cursor::new(b"not a png".to_vec())).is_err());
    }
}
