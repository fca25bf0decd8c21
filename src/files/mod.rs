//! Bytes on disk, without meaning: atomic writes, RON with a line number in its errors, palette PNG.

pub mod atomic;
pub mod palette_png;
pub mod ron_file;
pub mod stamp;

pub use atomic::write_atomic;
pub use ron_file::RonError;
pub use stamp::FileStamp;
