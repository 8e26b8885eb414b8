//! Results -> bytes: one file per format.
pub mod text;
