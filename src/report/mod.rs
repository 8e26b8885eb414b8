//! Results -> bytes: one file per format.
