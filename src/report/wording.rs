//! Figures in words, the same in every format: times in UTC, shares in percent, intervals beside them.

use chrono::NaiveDate;

use super::text::one_line;
use crate::model::{Coverage, Incident, Migration, Report, Share, Time, TimeEstimate, Verdict};

/// A day as `2021-10-04`.
pub fn day(time: Time) -> String {
    time.format("%Y-%m-%d").to_string()
}

/// A time of day as `15:41`, with the day before it where that is not `day`.
pub fn clock(time: Time, day: NaiveDate) -> String {
    if time.date_naive() == day { time.format("%H:%M").to_string() } else { time.format("%Y-%m-%d %H:%M").to_string() }
}

/// A moment as `2021-10-04 15:41 UTC`.
pub fn moment(time: Time) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// A moment with its interval, as `15:41 UTC (15:39–15:44)`; days where they differ from `day`.
pub fn moment_with_interval(estimate: &TimeEstimate, day: NaiveDate) -> String {
    format!("{} UTC ({})", clock(estimate.at, day), interval(estimate, day))
}

/// An interval, as `15:39–15:44`, or `at the latest 15:44` where it is open to the left.
pub fn interval(estimate: &TimeEstimate, day: NaiveDate) -> String {
    match estimate.low {
        Some(low) => format!("{}–{}", clock(low, day), clock(estimate.high, day)),
        None => format!("at the latest {}", clock(estimate.high, day)),
    }
}

/// A whole number with thousands apart: `12,345`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 author`, `12,345 authors`.
pub fn count(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", thousands(number), if number == 1 { "" } else { "s" })
}

/// A share as `61 %`; what is above 0 but rounds to it as `<1 %`.
pub fn percent(share: f64) -> String {
    match share * 100.0 {
        percent if percent > 0.0 && percent < 0.5 => "<1 %".into(),
        percent => format!("{percent:.0} %"),
    }
}

/// A share with its interval, as `61 % (54–68 %)`.
pub fn percent_with_interval(share: &Share) -> String {
    format!("{} ({:.0}–{})", percent(share.mid), share.low * 100.0, percent(share.high))
}

/// A lift with its interval, as `3.2× (2.8–3.7)`.
pub fn lift(lift: &Share) -> String {
    format!("{:.1}× ({:.1}–{:.1})", lift.mid, lift.low, lift.high)
}

/// A probability, as `p < 0.001` or `p = 0.41`.
pub fn p_value(p: f64) -> String {
    if p < 0.001 { "p < 0.001".into() } else { format!("p = {p:.3}").trim_end_matches('0').to_owned() }
}

/// A rate, as `212` or `8.4`.
pub fn rate(per_min: f64) -> String {
    if per_min >= 20.0 { thousands(per_min.round() as u64) } else { format!("{per_min:.1}") }
}

/// Shares by descending size, names first among equals.
pub fn ranked(shares: &std::collections::BTreeMap<String, f64>) -> Vec<(String, f64)> {
    let mut ranked: Vec<(String, f64)> = shares.iter().map(|(name, share)| (one_line(name), *share)).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    ranked
}

/// The `len` largest shares, as `61 % pt, 30 % en`.
pub fn top(shares: &std::collections::BTreeMap<String, f64>, len: usize) -> String {
    let parts: Vec<String> =
        ranked(shares).into_iter().take(len).map(|(name, share)| format!("{} {name}", percent(share))).collect();
    parts.join(", ")
}

/// The state as a word: `down`, `blocked` or `in trouble`.
pub fn state(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Outage => "down",
        Verdict::Block => "blocked",
        Verdict::Unclear => "in trouble",
    }
}

/// The verdict as a word of a table.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Outage => "outage",
        Verdict::Block => "block",
        Verdict::Unclear => "unclear",
    }
}

/// From when until when, as `from 15:41 UTC (15:39–15:44) until 21:58 UTC (21:50–22:09)`.
pub fn span(incident: &Incident) -> String {
    let day = incident.onset.at.date_naive();
    let from = match incident.onset.low {
        Some(_) => format!("from {}", moment_with_interval(&incident.onset, day)),
        None => format!("since {} UTC or earlier (the posts begin inside)", clock(incident.onset.high, day)),
    };
    match &incident.end {
        Some(end) => format!("{from} until {}", moment_with_interval(end, day)),
        None => format!("{from}, still so when the posts end"),
    }
}

/// The whole incident in one sentence.
pub fn headline(incident: &Incident) -> String {
    let languages = top(&incident.langs, 2);
    format!(
        "{} {} on {}, {}: {} by {}{}{languages}.",
        one_line(incident.service.as_str()),
        state(incident.verdict),
        day(incident.onset.at),
        span(incident),
        count(incident.num_complaints, "complaint"),
        count(incident.num_authors, "author"),
        if languages.is_empty() { "" } else { ", " },
    )
}

/// Where they go, in one sentence.
pub fn move_sentence(migration: &Migration) -> String {
    let to = one_line(migration.to.as_str());
    let stated = format!(
        "{} of the authors who say that they move go to {to} ({} by {})",
        percent_with_interval(&migration.share),
        count(migration.num_stated, "post"),
        count(migration.num_authors, "author"),
    );
    let lift = match &migration.lift {
        Some(share) => format!("it was named {} as often as expected", lift(share)),
        None => "there is too little history to compare its mentions with".into(),
    };
    let chance = if migration.p_value < 0.05 { "" } else { ", which may be chance" };
    format!("{stated}; {lift}; {}{chance}.", p_value(migration.p_value))
}

/// What is said where no move was found: that is a result too.
pub const NO_MOVES: &str = "No moves: no post was found that says where its author goes instead, and no alternative was named more than usual.";

/// What stands on top of a report over made-up posts.
pub const SIMULATED: &str = "These posts were made up for a drill. Nothing in this report happened.";

/// What a reader must not take from the numbers.
pub const LIMITS: [&str; 6] = [
    "A complaint is a person who says that a service fails. It is no measurement of the service, and a failure that nobody writes about does not show.",
    "The posts are those of the platforms that were read, not of all people: counts are no numbers of users, and shares are shares of those who wrote.",
    "Languages are guessed from the text, countries are what posts or feeds claim. Most posts claim none.",
    "People write some minutes after a failure begins and stop some time after it ends. Intervals are 90 % intervals of a model of that, not of the failure itself.",
    "A stated move says what somebody means to do or did once, not that they stayed away.",
    "Numbers of distinct authors above about a thousand are estimates with an error of about 3 %.",
];

/// How many incidents in which posts.
pub fn summary(report: &Report) -> String {
    let found = match report.incidents.len() {
        0 => "No incident was".to_owned(),
        len => count(len as u64, "incident"),
    };
    format!("{found} found in {}", coverage(&report.coverage))
}

/// From when to when posts were read, and how often nobody was listening.
pub fn coverage(coverage: &Coverage) -> String {
    let posts = count(coverage.num_posts, "post");
    let span = match (coverage.from, coverage.to) {
        (Some(from), Some(to)) => format!("{posts} from {} to {}", moment(from), moment(to)),
        _ => format!("{posts} without a date"),
    };
    match coverage.gaps.len() {
        0 => format!("{span}, without a known gap."),
        len => format!(
            "{span}, with {} in which nothing was observed; a gap is not counted as silence.",
            count(len as u64, "gap")
        ),
    }
}

/// How to name this report in a text.
pub fn citation(report: &Report) -> String {
    let by = &report.generated_by;
    let simulated = if report.simulated { " Simulated posts." } else { "" };
    format!(
        "{} {} (lexicon {}), outage report over {} Times are UTC, intervals are 90 % intervals.{simulated}",
        one_line(&by.name),
        one_line(&by.version),
        one_line(&by.lexicon),
        coverage(&report.coverage),
    )
}

/// The figures of an incident, as pairs of name and value.
pub fn figures(incident: &Incident) -> Vec<(&'static str, String)> {
    let with_day = |estimate: &TimeEstimate| {
        format!("{} {}", day(estimate.at), moment_with_interval(estimate, estimate.at.date_naive()))
    };
    let onset = match incident.onset.low {
        Some(_) => with_day(&incident.onset),
        None => format!("{} or earlier: the posts begin inside", moment(incident.onset.high)),
    };
    let end = incident.end.as_ref().map_or_else(|| "none: still going on when the posts end".to_owned(), with_day);
    vec![
        ("Verdict", verdict(incident.verdict).to_owned()),
        ("First alarm", moment(incident.alarm_at)),
        ("Onset, 90 % interval", onset),
        ("End, 90 % interval", end),
        ("Complaints", thousands(incident.num_complaints)),
        ("Authors", thousands(incident.num_authors)),
        ("Peak", format!("{} complaints a minute at {}", rate(incident.peak.per_min), moment(incident.peak.at))),
        ("Score", format!("{:.1} nats", incident.score)),
        ("Languages", top(&incident.langs, 8)),
        ("Countries", top(&incident.countries, 8).replace("??", "not claimed")),
        ("Incident", one_line(&incident.id)),
    ]
}

/// A language by name, as `Portuguese (pt)`; the bare code where we know no name.
pub fn lang_name(code: &str) -> String {
    let name = match code {
        "ar" => "Arabic",
        "de" => "German",
        "en" => "English",
        "es" => "Spanish",
        "fa" => "Persian",
        "fr" => "French",
        "hi" => "Hindi",
        "id" => "Indonesian",
        "it" => "Italian",
        "ja" => "Japanese",
        "pt" => "Portuguese",
        "ru" => "Russian",
        "tr" => "Turkish",
        "ur" => "Urdu",
        "und" => return "not determined".to_owned(),
        _ => return code.to_owned(),
    };
    format!("{name} ({code})")
}

/// A country by its code; `??` in words.
pub fn country_name(code: &str) -> String {
    if code == "??" { "not claimed".to_owned() } else { code.to_owned() }
}
