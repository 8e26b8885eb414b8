//! Quiet hours of a receiver, in the time of a place: over midnight, and over changes of the clocks.

use chrono::{Days, NaiveTime, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;
use serde::Deserialize;

use crate::model::{Incident, ServiceId, Time};

/// Longest stretch that clocks are put forward by; some places went over a whole day (Samoa, 2011).
const LONGEST_JUMP_MINS: i64 = 24 * 60;

/// What becomes of what happens in quiet hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum After {
    /// It is told when they are over, several incidents in one message where the kind takes that.
    #[default]
    Digest,
    /// It is never told.
    Drop,
}

/// `quiet_hours = { from = "22:00", to = "07:00", tz = "America/Sao_Paulo" }`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Written")]
pub(super) struct QuietHours {
    from: NaiveTime,
    to: NaiveTime,
    tz: Tz,
    /// What becomes of what happens in them.
    pub(super) after: After,
    except: Vec<ServiceId>,
    except_authors: Option<u64>,
}

/// The keys as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    from: String,
    to: String,
    #[serde(default = "utc")]
    tz: String,
    #[serde(default)]
    after: After,
    #[serde(default)]
    except: Vec<ServiceId>,
    except_authors: Option<u64>,
}

fn utc() -> String {
    "UTC".to_owned()
}

impl TryFrom<Written> for QuietHours {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let clock = |key: &str, text: &str| {
            NaiveTime::parse_from_str(text, "%H:%M")
                .map_err(|_| format!("quiet_hours.{key} = \"{text}\" is no time of day; write one such as 22:00"))
        };
        let tz = written.tz.parse().map_err(|_| {
            format!("quiet_hours.tz = \"{}\" is no time zone; write one such as America/Sao_Paulo", written.tz)
        })?;
        let (from, to) = (clock("from", &written.from)?, clock("to", &written.to)?);
        if from == to {
            return Err(
                "quiet_hours: from and to are the same; leave quiet_hours out, or the whole [[alert]]".to_owned()
            );
        }
        let Written { after, except, except_authors, .. } = written;
        Ok(Self { from, to, tz, after, except, except_authors })
    }
}

impl QuietHours {
    /// Whether a moment lies in them.
    pub(super) fn contain(&self, at: Time) -> bool {
        let clock = at.with_timezone(&self.tz).time();
        match self.from < self.to {
            true => self.from <= clock && clock < self.to,
            false => self.from <= clock || clock < self.to,
        }
    }

    /// Whether an incident is worth waking somebody.
    pub(super) fn let_through(&self, incident: &Incident) -> bool {
        self.except.contains(&incident.service)
            || self.except_authors.is_some_and(|least| incident.num_authors >= least)
    }

    /// The next moment behind `at` at which they end.
    pub(super) fn end_after(&self, at: Time) -> Time {
        let today = at.with_timezone(&self.tz).date_naive();
        let ends = (0..3).filter_map(|day| self.end_on(today.checked_add_days(Days::new(day))?));
        ends.into_iter().find(|end| *end > at).unwrap_or(at + TimeDelta::days(1))
    }

    /// When they end on a day. A clock that is put forward over that moment ends them with its jump.
    fn end_on(&self, day: chrono::NaiveDate) -> Option<Time> {
        let end = day.and_time(self.to);
        (0..=LONGEST_JUMP_MINS)
            .find_map(|mins| self.tz.from_local_datetime(&(end + TimeDelta::minutes(mins))).earliest())
            .map(|end| end.to_utc())
    }

    /// In words.
    pub(super) fn told(&self) -> String {
        let clock = |time: NaiveTime| format!("{:02}:{:02}", time.hour(), time.minute());
        format!("{}–{} {}", clock(self.from), clock(self.to), self.tz)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(text: &str) -> Result<QuietHours, String> {
        toml::from_str(text).map_err(|error: toml::de::Error| error.message().to_owned())
    }

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn hours_in_the_time_of_a_place() {
        let night = "from = '22:00'\nto = '07:00'\ntz = ";
        for (zone, moment, is_quiet, end) in [
            ("'UTC'", "2026-11-22T21:59:59Z", false, "2026-11-23T07:00:00Z"),
            ("'UTC'", "2026-11-22T22:00:00Z", true, "2026-11-23T07:00:00Z"),
            ("'UTC'", "2026-11-23T06:59:59Z", true, "2026-11-23T07:00:00Z"),
            ("'UTC'", "2026-11-23T07:00:00Z", false, "2026-11-24T07:00:00Z"),
            ("'America/Sao_Paulo'", "2026-11-23T02:00:00Z", true, "2026-11-23T10:00:00Z"),
            ("'Asia/Baghdad'", "2026-11-22T19:30:00Z", true, "2026-11-23T04:00:00Z"),
            // The night in which clocks go forward is an hour shorter, and the other one an hour longer.
            ("'Europe/Lisbon'", "2026-03-28T23:00:00Z", true, "2026-03-29T06:00:00Z"),
            ("'Europe/Lisbon'", "2026-10-24T23:00:00Z", true, "2026-10-25T07:00:00Z"),
        ] {
            let hours = hours(&format!("{night}{zone}")).unwrap();
            assert_eq!(hours.contain(at(moment)), is_quiet, "{zone} {moment}");
            assert_eq!(hours.end_after(at(moment)), at(end), "{zone} {moment}");
        }
    }

    #[test]
    fn an_end_that_the_clocks_leap_over_is_the_leap() {
        // In Lisbon 01:30 did not exist on that day: at 01:00 UTC it became 02:00.
        let hours = hours("from = '22:00'\nto = '01:30'\ntz = 'Europe/Lisbon'").unwrap();
        let end = hours.end_after(at("2026-03-29T00:10:00Z"));
        assert_eq!(end, at("2026-03-29T01:00:00Z"));
        assert!(hours.contain(end - TimeDelta::seconds(1)) && !hours.contain(end));
    }

    #[test]
    fn mistakes_are_told_with_a_remedy() {
        for (text, told) in [
            ("from = '25:00'\nto = '07:00'", "write one such as 22:00"),
            ("from = '22:00'\nto = '07:00'\ntz = 'Brasilia'", "write one such as America/Sao_Paulo"),
            ("from = '22:00'\nto = '22:00'", "are the same"),
            ("from = '22:00'\nto = '07:00'\nafter = 'later'", "unknown variant"),
        ] {
            assert!(hours(text).unwrap_err().contains(told), "{text}");
        }
        let noon = hours("from = '12:00'\nto = '13:00'\nexcept = ['whatsapp']").unwrap();
        assert!(noon.contain(at("2026-11-22T12:30:00Z")) && !noon.contain(at("2026-11-22T13:00:00Z")));
    }
}
