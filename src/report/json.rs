//! `report.json` and its schema: times to the second with `Z`, numbers rounded to what they can bear.

use std::io::{self, Write};

use chrono::SubsecRound;

use crate::model::report::REPORT_SCHEMA;
use crate::model::{Incident, Report, Share, Time, TimeEstimate};

/// Writes the report as indented JSON with a line end. A number that is not finite is an
/// [`io::ErrorKind::InvalidData`], since JSON cannot hold it and `null` would lie.
pub fn write_json(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &rounded(report)?)?;
    out.write_all(b"\n")
}

/// The JSON Schema (2020-12) of `report.json`, as it stands in docs/report.schema.json.
pub fn report_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Report).to_value();
    if let Some(version) = schema.pointer_mut("/properties/schema").and_then(|value| value.as_object_mut()) {
        version.insert("const".into(), REPORT_SCHEMA.into());
        version.insert("description".into(), "Version of this form.".into());
    }
    schema
}

/// A moment cut to the second.
pub(super) fn whole_second(time: Time) -> Time {
    time.trunc_subsecs(0)
}

/// The report as it is written: times cut to the second, shares to 4 digits after the point.
fn rounded(report: &Report) -> io::Result<Report> {
    let mut report = report.clone();
    let coverage = &mut report.coverage;
    for time in [&mut coverage.from, &mut coverage.to].into_iter().flatten() {
        *time = whole_second(*time);
    }
    for gap in &mut coverage.gaps {
        gap.from = whole_second(gap.from);
        gap.to = whole_second(gap.to);
    }
    for incident in &mut report.incidents {
        round_incident(incident)?;
    }
    Ok(report)
}

/// Brings an incident to the form in which it is written; a number that is not finite is an error.
pub fn round_incident(incident: &mut Incident) -> io::Result<()> {
    round_estimate(&mut incident.onset);
    incident.end.iter_mut().for_each(round_estimate);
    for time in [&mut incident.alarm_at, &mut incident.peak.at] {
        *time = whole_second(*time);
    }
    round(&mut incident.peak.per_min, 3)?;
    round(&mut incident.score, 2)?;
    for share in incident.langs.values_mut().chain(incident.countries.values_mut()) {
        round(share, 4)?;
    }
    for migration in &mut incident.migrations {
        round_share(&mut migration.share, 4)?;
        if let Some(lift) = &mut migration.lift {
            round_share(lift, 3)?;
        }
        check_finite(migration.p_value)?;
        migration.p_value = significant(migration.p_value);
    }
    for quote in &mut incident.quotes {
        quote.at = whole_second(quote.at);
    }
    Ok(())
}

pub(super) fn round_estimate(estimate: &mut TimeEstimate) {
    estimate.low = estimate.low.map(whole_second);
    estimate.at = whole_second(estimate.at);
    estimate.high = whole_second(estimate.high);
}

fn round_share(share: &mut Share, digits: i32) -> io::Result<()> {
    [&mut share.low, &mut share.mid, &mut share.high].into_iter().try_for_each(|value| round(value, digits))
}

/// To three digits that count: a small probability does not become 0.
pub(super) fn significant(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

fn check_finite(value: f64) -> io::Result<()> {
    if value.is_finite() {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, format!("the report holds the number {value}")))
}

fn round(value: &mut f64, digits: i32) -> io::Result<()> {
    check_finite(*value)?;
    let scale = 10_f64.powi(digits);
    // Adding zero turns -0 into 0.
    *value = (*value * scale).round() / scale + 0.0;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    fn written(report: &Report) -> String {
        let mut bytes = Vec::new();
        write_json(report, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// `CAIU_REGENERATE=1 cargo test --lib report::json` writes the file anew.
    #[test]
    fn the_schema_in_docs_is_the_one_of_the_code() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/report.schema.json");
        let ours = format!("{:#}\n", report_schema());
        if std::env::var_os("CAIU_REGENERATE").is_some() {
            std::fs::write(path, &ours).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), ours, "run again with CAIU_REGENERATE=1");
    }

    #[test]
    fn the_example_is_valid_and_reads_back() {
        let text = written(&example::report());
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let validator = jsonschema::options().should_validate_formats(true).build(&report_schema()).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        let back: Report = serde_json::from_value(value).unwrap();
        assert_eq!(back, rounded(&example::report()).unwrap());
        assert_eq!(written(&back), text, "rounding twice changes nothing");
    }

    #[test]
    fn the_schema_rejects_what_is_no_report() {
        let validator = jsonschema::options().should_validate_formats(true).build(&report_schema()).unwrap();
        let good: serde_json::Value = serde_json::from_str(&written(&example::report())).unwrap();
        for (pointer, bad) in [
            ("/schema", serde_json::json!("caiu-report/2")),
            ("/incidents/0/verdict", serde_json::json!("crash")),
            ("/incidents/0/onset/at", serde_json::json!("yesterday")),
            ("/incidents/0/num_authors", serde_json::json!(-1)),
        ] {
            let mut value = good.clone();
            *value.pointer_mut(pointer).unwrap() = bad;
            assert!(!validator.is_valid(&value), "{pointer}");
        }
    }

    #[test]
    fn times_end_in_z_without_fractions() {
        let mut report = example::report();
        report.incidents[0].alarm_at = "2021-10-04T15:44:07.987654Z".parse().unwrap();
        let text = written(&report);
        assert!(text.contains(r#""alarm_at": "2021-10-04T15:44:07Z""#), "{text}");
    }

    #[test]
    fn numbers_that_json_cannot_hold_are_errors() {
        let mut report = example::report();
        report.incidents[0].score = f64::NAN;
        let error = write_json(&report, &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
