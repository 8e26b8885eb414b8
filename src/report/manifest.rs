//! `manifest.json`: what a run read, with which settings, what became of every post, what it wrote.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use crate::model::Time;
use crate::model::report::{GeneratedBy, Input};

/// Version of the manifest's form.
pub const MANIFEST_SCHEMA: &str = "caiu-manifest/1";

/// One file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Name without folders.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Bytes written.
    pub num_bytes: u64,
}

/// When a run began and ended: all that may differ between two runs over the same input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunTimes {
    /// Start of the run.
    pub started_at: Time,
    /// End of the run.
    pub finished_at: Time,
}

/// What `manifest.json` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`MANIFEST_SCHEMA`].
    pub schema: String,
    /// Program and lexicon.
    pub generated_by: GeneratedBy,
    /// What was read, in the order of reading.
    pub inputs: Vec<Input>,
    /// The settings that took effect, as the caller knows them.
    pub configuration: serde_json::Value,
    /// How many records came to which end (`read`, `tagged`, `bad_date`, …).
    pub outcomes: BTreeMap<String, u64>,
    /// What was written, by name.
    pub outputs: Vec<Output>,
    /// The only part that may differ from run to run.
    pub run: RunTimes,
}

/// Writes the manifest as indented JSON with a line end, outputs by name, times to the second.
pub fn write_manifest(manifest: &Manifest, out: &mut dyn Write) -> io::Result<()> {
    let mut manifest = manifest.clone();
    manifest.outputs.sort_by(|a, b| a.name.cmp(&b.name));
    manifest.run.started_at = super::json::whole_second(manifest.run.started_at);
    manifest.run.finished_at = super::json::whole_second(manifest.run.finished_at);
    serde_json::to_writer_pretty(&mut *out, &manifest)?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    #[test]
    fn times_are_whole_seconds_in_utc_and_the_rest_reads_back() {
        let report = example::report();
        let output = |name: &str| Output { name: name.into(), sha256: "00".repeat(32), num_bytes: 1 };
        let manifest = Manifest {
            schema: MANIFEST_SCHEMA.into(),
            generated_by: report.generated_by,
            inputs: report.inputs,
            configuration: serde_json::json!({"bin_secs": 60}),
            outcomes: BTreeMap::from([("tagged".into(), 9), ("bad_date".into(), 1)]),
            outputs: vec![output("report.json"), output("counts.csv")],
            run: RunTimes {
                started_at: "2026-11-22T18:00:00.123456Z".parse().unwrap(),
                finished_at: "2026-11-22T20:00:01+02:00".parse().unwrap(),
            },
        };
        let mut bytes = Vec::new();
        write_manifest(&manifest, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(r#""started_at": "2026-11-22T18:00:00Z""#), "{text}");
        assert!(text.contains(r#""finished_at": "2026-11-22T18:00:01Z""#), "{text}");
        let back: Manifest = serde_json::from_str(&text).unwrap();
        assert_eq!(back.outputs[0].name, "counts.csv");
        assert_eq!(back.outcomes, manifest.outcomes);
    }
}
