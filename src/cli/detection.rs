//! The flags that say how to detect, shared by every command that ends in incidents.

use chrono::DateTime;

use crate::detect::{PerService, Settings};
use crate::model::{Gap, ServiceId, Time};

/// How to detect.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Detection")]
pub struct DetectionArgs {
    /// Width of a bin, such as 1m, 5m, 1h; left out: that of the counts, or 1m where posts are read
    #[arg(long, value_name = "WIDTH", value_parser = parse_width)]
    pub bin: Option<u32>,
    /// Expected false alarms per service and week; as SERVICE=X for one service (may be repeated) [default: 0.1]
    #[arg(long, value_name = "X", value_parser = parse_false_alarms)]
    false_alarms_per_week: Vec<FalseAlarms>,
    /// A stretch in which nothing was recorded, as FROM/TO in RFC 3339 (may be repeated)
    #[arg(long = "gap", value_name = "FROM/TO", value_parser = parse_gap)]
    pub gaps: Vec<Gap>,
}

impl DetectionArgs {
    /// Width in seconds of the bins that posts are counted in.
    pub fn bin_secs(&self) -> u32 {
        self.bin.unwrap_or(60)
    }

    /// The settings for the detector.
    pub fn settings(&self) -> PerService {
        self.over(PerService::default())
    }

    /// The settings for the detector where others hold unless a flag says otherwise; a number for all services is for
    /// those too that have their own there.
    pub fn over(&self, mut settings: PerService) -> PerService {
        for chosen in self.false_alarms_per_week.iter().filter(|chosen| chosen.service.is_none()) {
            settings = Settings { false_alarms_per_week: chosen.per_week, ..settings.base }.into();
        }
        for chosen in &self.false_alarms_per_week {
            if let Some(service) = &chosen.service {
                settings = settings.with_false_alarms(service.clone(), chosen.per_week);
            }
        }
        settings
    }
}

/// `X`, or `SERVICE=X`.
#[derive(Debug, Clone, PartialEq)]
struct FalseAlarms {
    service: Option<ServiceId>,
    per_week: f64,
}

fn parse_false_alarms(text: &str) -> Result<FalseAlarms, String> {
    let (service, number) = match text.split_once('=') {
        Some((service, number)) => (Some(ServiceId::new(service)), number),
        None => (None, text),
    };
    let per_week: f64 = number.parse().map_err(|_| "write a number such as 0.1, or whatsapp=0.01".to_owned())?;
    Ok(FalseAlarms { service, per_week })
}

/// Reads `90s`, `5m`, `1h`, `1d` as seconds.
pub fn parse_width(text: &str) -> Result<u32, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err("write a width with its unit: 30s, 1m, 5m, 1h".to_owned()),
    };
    let secs =
        digits.parse::<u32>().ok().and_then(|count| count.checked_mul(unit)).filter(|secs| (1..=86_400).contains(secs));
    secs.ok_or_else(|| "a width lies between 1s and 1d".to_owned())
}

fn parse_gap(text: &str) -> Result<Gap, String> {
    let time = |text: &str| -> Option<Time> { DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()) };
    let (from, to) = text.split_once('/').ok_or("write FROM/TO, such as 2021-10-04T16:00:00Z/2021-10-04T16:30:00Z")?;
    match (time(from), time(to)) {
        (Some(from), Some(to)) if from < to => Ok(Gap { from, to }),
        _ => Err("both ends are RFC 3339 times, the earlier first".to_owned()),
    }
}
