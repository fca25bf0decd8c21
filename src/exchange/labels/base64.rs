//! Base64 as labelme files have it: other programs break its lines and leave the padding off.

use ::base64::Engine as _;
use ::base64::alphabet::STANDARD as ALPHABET;
use ::base64::engine::DecodePaddingMode;
use ::base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

/// The text of `bytes`, padded, without line breaks.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of a text; line breaks and missing padding are passed over. None for anything that is no base64.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &ALPHABET,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true),
    );
    let letters: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    LENIENT.decode(letters).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_may_be_broken_and_padding_missing() {
        for text in ["Zm9vYg==", "Zm9vYg", "Zm9v\r\nYg==\n"] {
            assert_eq!(decode(text).as_deref(), Some(&b"foob"[..]), "{text:?}");
        }
        for wrong in ["Z", "Zg=a", "Z g=", "Zm9v!"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
        assert_eq!(encode(b"foob"), "Zm9vYg==");
    }
}
