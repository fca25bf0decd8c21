//! Whether an `.onnx` file is whole. Neither engine always notices: a file that ends between two fields may open as a smaller model.
//!
//! An ONNX file is one protocol buffers message (`onnx.proto`): fields of key and value, of which the graph (field 7) and the operator
//! sets (field 8) must be there. Only the outermost fields are walked, so this takes no time for any size of file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::Path;

const GRAPH: u64 = 7;
const OPERATOR_SETS: u64 = 8;

/// True when the outermost fields end exactly where the file ends and none that matters is missing.
pub(super) fn is_whole(file: &Path) -> io::Result<bool> {
    let file = File::open(file)?;
    let length = file.metadata()?.len();
    let mut reader = BufReader::new(file);
    let (mut at, mut has_graph, mut has_operators) = (0, false, false);
    while at < length {
        let Some(key) = varint(&mut reader, &mut at)? else { return Ok(false) };
        let size = match key & 7 {
            0 => varint(&mut reader, &mut at)?.map(|_| 0),
            1 => Some(8),
            2 => varint(&mut reader, &mut at)?,
            5 => Some(4),
            _ => None,
        };
        let Some(end) = size.and_then(|size| at.checked_add(size)).filter(|&end| end <= length) else { return Ok(false) };
        has_graph |= key >> 3 == GRAPH;
        has_operators |= key >> 3 == OPERATOR_SETS;
        reader.seek(SeekFrom::Start(end))?;
        at = end;
    }
    Ok(has_graph && has_operators)
}

/// Seven bits per byte, lowest first; None at the end of the file or when it is longer than 64 bits.
fn varint(reader: &mut impl BufRead, at: &mut u64) -> io::Result<Option<u64>> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let Some(&byte) = reader.fill_buf()?.first() else { return Ok(None) };
        reader.consume(1);
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(Some(value));
        }
    }
    Ok(None)
}
