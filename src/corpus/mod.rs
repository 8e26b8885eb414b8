//! Dumps -> `RawPost`: formats, compression, the parallel batch run, evaluation against labels.

pub mod evaluation;
