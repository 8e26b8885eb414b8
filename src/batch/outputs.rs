//! The files of a report, side by side in one folder.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use super::BatchError;
use crate::model::{Report, Tally};
use crate::report::file::write_file;
use crate::report::{self, AtomicFile, Chart, Output};

/// Writes every file of a report (and the counts, where there is a tally) into `folder`.
///
/// # Errors
/// Where a file cannot be written: the message names it, and the files before it stay.
pub fn write_report_files(
    folder: &Path,
    report: &Report,
    charts: &BTreeMap<String, Chart>,
    tally: Option<&Tally>,
) -> Result<Vec<Output>, BatchError> {
    type Writer<'a> = &'a dyn Fn(&mut dyn Write) -> io::Result<()>;
    let files: [(&str, Writer<'_>); 5] = [
        ("report.json", &|out| report::write_json(report, out)),
        ("incidents.csv", &|out| report::write_incidents_csv(report, out)),
        ("migrations.csv", &|out| report::write_migrations_csv(report, out)),
        ("report.md", &|out| report::write_markdown(report, out)),
        ("report.html", &|out| report::write_html(report, charts, out)),
    ];
    let mut outputs = Vec::new();
    for (name, write) in files {
        outputs.push(write_file(&folder.join(name), write)?);
    }
    if let Some(tally) = tally {
        outputs.push(write_file(&folder.join("counts.csv"), |out| report::write_counts_csv(tally, out))?);
        let mut counts = AtomicFile::create(&folder.join("counts.parquet"))?;
        report::write_counts_parquet(tally, &mut counts)?;
        outputs.push(counts.commit()?);
    }
    Ok(outputs)
}
