//! The document that we write: see docs/report.schema.json.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Coverage, Incident};

/// Version of the report's form; raised when a reader would have to change.
pub const REPORT_SCHEMA: &str = "caiu-report/1";

/// One input of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Input {
    /// Name as given, without folders.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal; `null` for standard input.
    pub sha256: Option<String>,
    /// Bytes read.
    pub num_bytes: u64,
}

/// Program and lexicon that made a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GeneratedBy {
    /// `caiu`.
    pub name: String,
    /// Version of the program.
    pub version: String,
    /// SHA-256 over the lexicon's rows, the first 16 hexadecimal digits.
    pub lexicon: String,
}

/// What `caiu analyze` found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// [`REPORT_SCHEMA`].
    pub schema: String,
    /// Program and lexicon.
    pub generated_by: GeneratedBy,
    /// What was read.
    pub inputs: Vec<Input>,
    /// `true` where the posts are simulated or written for a drill.
    pub simulated: bool,
    /// What the posts cover.
    pub coverage: Coverage,
    /// Incidents by onset.
    pub incidents: Vec<Incident>,
}
