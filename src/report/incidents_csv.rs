//! `incidents.csv` and `migrations.csv`: one row per incident, one per incident and alternative.
//! RFC 4180 with line feeds, UTF-8, a header, empty cells where there is nothing, no formulas.

use std::collections::BTreeMap;
use std::io::{self, Write};

use chrono::SecondsFormat;

use super::json::significant;
use super::text::{formula_safe, one_line};
use super::wording;
use crate::model::{Incident, Phase, Report, Share, Time, TimeEstimate};

const INCIDENT_COLUMNS: [&str; 18] = [
    "id",
    "service",
    "verdict",
    "phase",
    "onset_low",
    "onset",
    "onset_high",
    "alarm_at",
    "end_low",
    "end",
    "end_high",
    "peak_at",
    "peak_per_min",
    "score",
    "num_complaints",
    "num_authors",
    "langs",
    "countries",
];

const MIGRATION_COLUMNS: [&str; 12] = [
    "incident",
    "from",
    "to",
    "share_low",
    "share",
    "share_high",
    "num_stated",
    "num_authors",
    "lift_low",
    "lift",
    "lift_high",
    "p_value",
];

/// Writes `incidents.csv`; `langs` and `countries` as `pt=0.614;en=0.302`, largest first.
pub fn write_incidents_csv(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(INCIDENT_COLUMNS)?;
    for incident in &report.incidents {
        let [onset_low, onset, onset_high] = estimate(Some(&incident.onset));
        let [end_low, end, end_high] = estimate(incident.end.as_ref());
        csv.write_record([
            text(&incident.id),
            text(incident.service.as_str()),
            wording::verdict(incident.verdict).into(),
            match incident.phase {
                Phase::Ongoing => "ongoing".into(),
                Phase::Ended => "ended".into(),
            },
            onset_low,
            onset,
            onset_high,
            time(incident.alarm_at),
            end_low,
            end,
            end_high,
            time(incident.peak.at),
            number(incident.peak.per_min, 3),
            number(incident.score, 2),
            incident.num_complaints.to_string(),
            incident.num_authors.to_string(),
            shares(&incident.langs),
            shares(&incident.countries),
        ])?;
    }
    csv.flush()
}

/// Writes `migrations.csv`; an incident without moves has no row.
pub fn write_migrations_csv(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    write_migrations(&report.incidents, out)
}

/// The same of some incidents.
pub fn write_migrations(incidents: &[Incident], out: &mut dyn Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(MIGRATION_COLUMNS)?;
    for incident in incidents {
        for migration in &incident.migrations {
            let [share_low, share, share_high] = interval(Some(&migration.share), 4);
            let [lift_low, lift, lift_high] = interval(migration.lift.as_ref(), 3);
            csv.write_record([
                text(&incident.id),
                text(incident.service.as_str()),
                text(migration.to.as_str()),
                share_low,
                share,
                share_high,
                migration.num_stated.to_string(),
                migration.num_authors.to_string(),
                lift_low,
                lift,
                lift_high,
                significant(migration.p_value).to_string(),
            ])?;
        }
    }
    csv.flush()
}

fn text(cell: &str) -> String {
    formula_safe(&one_line(cell))
}

fn time(at: Time) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn estimate(estimate: Option<&TimeEstimate>) -> [String; 3] {
    estimate.map_or_else(Default::default, |estimate| {
        [estimate.low.map(time).unwrap_or_default(), time(estimate.at), time(estimate.high)]
    })
}

fn interval(share: Option<&Share>, digits: usize) -> [String; 3] {
    share.map_or_else(Default::default, |share| [share.low, share.mid, share.high].map(|value| number(value, digits)))
}

/// Rounded, without zeros at the end.
fn number(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn shares(shares: &BTreeMap<String, f64>) -> String {
    let pairs: Vec<String> =
        wording::ranked(shares).into_iter().map(|(name, share)| format!("{name}={}", number(share, 4))).collect();
    text(&pairs.join(";"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    fn written(write: impl Fn(&Report, &mut dyn Write) -> io::Result<()>, report: &Report) -> String {
        let mut bytes = Vec::new();
        write(report, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn one_row_per_incident() {
        let text = written(write_incidents_csv, &example::report());
        let rows: Vec<&str> = text.lines().collect();
        assert_eq!(rows.len(), 4);
        assert_eq!(
            rows[1],
            "telegram-20211004T1400Z,telegram,block,ongoing,,2021-10-04T14:00:00Z,2021-10-04T14:06:00Z,\
             2021-10-04T14:07:00Z,,,,2021-10-04T22:31:00Z,8.4,77.2,1203,1100,ar=0.93;en=0.07,IQ=0.88;??=0.12"
        );
    }

    #[test]
    fn one_row_per_incident_and_alternative() {
        let text = written(write_migrations_csv, &example::report());
        let rows: Vec<&str> = text.lines().collect();
        assert_eq!(rows.len(), 5);
        assert_eq!(rows[3], "whatsapp-20211004T1541Z,whatsapp,signal,0.25,0.31,0.37,205,201,,,,0.004");
    }

    #[test]
    fn no_cell_is_a_formula_and_no_number_is_hurt() {
        let mut report = example::report();
        report.incidents[0].service = "=cmd|' /C calc'!A0".into();
        report.incidents[0].score = -1.5;
        let text = written(write_incidents_csv, &report);
        let mut csv = csv::Reader::from_reader(text.as_bytes());
        let row = csv.records().next().unwrap().unwrap();
        assert_eq!(&row[1], "'=cmd|' /C calc'!A0");
        assert_eq!(&row[13], "-1.5");
    }
}
