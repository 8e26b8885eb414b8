//! Test support: a report as it could be, with everything in it that has gone wrong in reports before.

use std::collections::BTreeMap;

use super::Chart;
use crate::model::incident::{Peak, Quote};
use crate::model::report::{GeneratedBy, Input, REPORT_SCHEMA};
use crate::model::{
    AuthorKey, Bin, ClusterKey, Coverage, Evidence, Gap, Grid, Incident, Kind, Lang, LangGuess, Migration, Move, Phase,
    Post, PostFields, Reading, Report, Share, TaggedPost, Time, TimeEstimate, Verdict,
};

/// A moment on 2021-10-04 or another day, as `2021-10-04T15:41:00Z`.
pub(crate) fn time(text: &str) -> Time {
    text.parse().unwrap()
}

fn estimate(low: &str, at: &str, high: &str) -> TimeEstimate {
    let low = (!low.is_empty()).then(|| time(low));
    TimeEstimate { low, at: time(at), high: time(high) }
}

fn shares(pairs: &[(&str, f64)]) -> BTreeMap<String, f64> {
    pairs.iter().map(|&(name, share)| (name.to_owned(), share)).collect()
}

fn quote(id: &str, lang: &str, at: &str, text: &str, url: Option<&str>) -> Quote {
    Quote { id: id.into(), text: text.into(), lang: lang.into(), at: time(at), url: url.map(str::to_owned) }
}

fn share(low: f64, mid: f64, high: f64) -> Share {
    Share { low, mid, high }
}

/// Three incidents: whatsapp with moves and an end; telegram blocked, ongoing and left-censored;
/// instagram without moves. Quotes in three languages, some of them hostile.
pub(crate) fn report() -> Report {
    Report {
        schema: REPORT_SCHEMA.into(),
        generated_by: GeneratedBy { name: "caiu".into(), version: "0.1.0".into(), lexicon: "0123456789abcdef".into() },
        inputs: vec![
            Input { name: "posts-2021-10-04.jsonl.zst".into(), sha256: Some("ab".repeat(32)), num_bytes: 123_456_789 },
            Input { name: "<img src=x onerror=alert(1)>.jsonl".into(), sha256: None, num_bytes: 42 },
        ],
        simulated: true,
        coverage: Coverage {
            from: Some(time("2021-10-04T14:00:00Z")),
            to: Some(time("2021-10-04T23:59:58Z")),
            num_posts: 1_234_567,
            gaps: vec![Gap { from: time("2021-10-04T18:10:00Z"), to: time("2021-10-04T18:40:00Z") }],
        },
        incidents: vec![telegram(), whatsapp(), instagram()],
    }
}

fn whatsapp() -> Incident {
    Incident {
        id: "whatsapp-20211004T1541Z".into(),
        service: "whatsapp".into(),
        verdict: Verdict::Outage,
        onset: estimate("2021-10-04T15:39:00Z", "2021-10-04T15:41:00Z", "2021-10-04T15:44:00Z"),
        alarm_at: time("2021-10-04T15:46:00Z"),
        end: Some(estimate("2021-10-04T21:50:00Z", "2021-10-04T21:58:00Z", "2021-10-04T22:09:00Z")),
        phase: Phase::Ended,
        peak: Peak { at: time("2021-10-04T16:12:00Z"), per_min: 212.0 },
        score: 4321.987,
        num_complaints: 12_345,
        num_authors: 9_876,
        langs: shares(&[("pt", 0.614), ("en", 0.302), ("ar", 0.07), ("und", 0.014)]),
        countries: shares(&[("BR", 0.41), ("??", 0.35), ("US", 0.2), ("PT", 0.04)]),
        migrations: vec![
            Migration {
                to: "telegram".into(),
                share: share(0.54, 0.61, 0.68),
                num_stated: 412,
                num_authors: 398,
                lift: Some(share(2.8, 3.2, 3.7)),
                p_value: 0.000_001,
            },
            Migration {
                to: "signal".into(),
                share: share(0.25, 0.31, 0.37),
                num_stated: 205,
                num_authors: 201,
                lift: None,
                p_value: 0.004,
            },
            Migration {
                to: "imessage".into(),
                share: share(0.03, 0.08, 0.15),
                num_stated: 52,
                num_authors: 50,
                lift: Some(share(0.6, 1.1, 1.6)),
                p_value: 0.41,
            },
        ],
        quotes: vec![
            quote(
                "1",
                "pt",
                "2021-10-04T15:44:12Z",
                "zap caiu de novo?? fui pro telegram",
                Some("https://example.org/p/1"),
            ),
            quote(
                "2",
                "ar",
                "2021-10-04T15:47:02Z",
                "الواتساب واقف عندي من ربع ساعة 😡 رحت تيليجرام (Telegram) مؤقتا",
                Some("https://example.org/p/2?a=b&c=d"),
            ),
            quote(
                "3",
                "en",
                "2021-10-04T15:50:00Z",
                "<script>alert('whatsapp down')</script> & <b>bold</b> *stars* [link](javascript:alert(1)) www.evil.example",
                Some("javascript:alert(1)"),
            ),
            quote(
                "4",
                "en",
                "2021-10-04T15:51:00Z",
                "=cmd|' /C calc'!A0 whatsapp \u{202E}nwod\u{202C} \u{1b}[31mdown\u{1b}[0m\u{7}\n# heading\n| cell |",
                None,
            ),
        ],
    }
}

fn telegram() -> Incident {
    Incident {
        id: "telegram-20211004T1400Z".into(),
        service: "telegram".into(),
        verdict: Verdict::Block,
        onset: estimate("", "2021-10-04T14:00:00Z", "2021-10-04T14:06:00Z"),
        alarm_at: time("2021-10-04T14:07:00Z"),
        end: None,
        phase: Phase::Ongoing,
        peak: Peak { at: time("2021-10-04T22:31:00Z"), per_min: 8.4 },
        score: 77.2,
        num_complaints: 1_203,
        num_authors: 1_100,
        langs: shares(&[("ar", 0.93), ("en", 0.07)]),
        countries: shares(&[("IQ", 0.88), ("??", 0.12)]),
        migrations: vec![Migration {
            to: "whatsapp".into(),
            share: share(0.7, 0.92, 0.99),
            num_stated: 14,
            num_authors: 12,
            lift: Some(share(1.1, 1.4, 1.8)),
            p_value: 0.0321,
        }],
        quotes: vec![
            quote(
                "5",
                "ar",
                "2021-10-04T14:03:00Z",
                "التليجرام محجوب بالعراق، شغّلوا VPN",
                Some("https://example.org/p/5"),
            ),
            quote("6", "ar\" onload=\"x", "2021-10-04T14:09:00Z", "تيليجرام down 😭😭 1.5 MB/s؟", None),
        ],
    }
}

fn instagram() -> Incident {
    Incident {
        id: "instagram-20211004T2010Z".into(),
        service: "instagram".into(),
        verdict: Verdict::Unclear,
        onset: estimate("2021-10-04T20:07:00Z", "2021-10-04T20:10:00Z", "2021-10-04T20:12:00Z"),
        alarm_at: time("2021-10-04T20:16:00Z"),
        end: Some(estimate("2021-10-04T20:31:00Z", "2021-10-04T20:36:00Z", "2021-10-04T20:49:00Z")),
        phase: Phase::Ended,
        peak: Peak { at: time("2021-10-04T20:18:00Z"), per_min: 4.0 },
        score: 19.04,
        num_complaints: 61,
        num_authors: 1,
        langs: shares(&[("en", 1.0)]),
        countries: shares(&[("??", 1.0)]),
        migrations: Vec::new(),
        quotes: Vec::new(),
    }
}

/// Charts for the first two incidents of [`report`]; the third is left without one.
pub(crate) fn charts() -> BTreeMap<String, Chart> {
    let report = report();
    report.incidents.iter().take(2).map(|incident| (incident.id.clone(), chart(&report, incident))).collect()
}

fn chart(report: &Report, incident: &Incident) -> Chart {
    let grid = Grid { start: time("2021-10-04T14:00:00Z"), bin_secs: 60, len: 600 };
    let end = incident.end.map_or(grid.time(grid.len), |end| end.at);
    let expected: Vec<f64> = (0..grid.len).map(|index| 2.0 + (index as f64 / 90.0).sin()).collect();
    let observed = (0..grid.len)
        .map(|index| {
            let at = grid.time(index);
            if report.coverage.gaps.iter().any(|gap| gap.from <= at && at < gap.to) {
                return Bin::Missing;
            }
            let since = (at - incident.onset.at).num_minutes() as f64;
            let wobble = 1.0 + 0.25 * (index as f64 * 1.7).sin() * (index as f64 * 0.31).cos();
            let height =
                incident.peak.per_min * (since / 25.0).clamp(0.0, 1.0) * (0.35 + 0.65 * (-since / 150.0).exp());
            let after = ((at - end).num_minutes() as f64 / 12.0).clamp(0.0, 1.0);
            Bin::Observed(((expected[index] + height * (1.0 - after)) * wobble).round() as u32)
        })
        .collect();
    Chart { grid, observed, expected }
}

/// Tagged posts: a complaint with a move, a plain one of the same author, one that says nothing, and again.
pub(crate) fn posts(len: usize) -> Vec<TaggedPost> {
    (0..len).map(tagged_post).collect()
}

fn tagged_post(index: usize) -> TaggedPost {
    let known = index % 3 != 2;
    let text = ["zap caiu, fui pro telegram", "الواتساب واقف", "good morning"][index % 3];
    let post = Post::stamp(PostFields {
        id: index.to_string().as_str().into(),
        at: known.then(|| time("2021-10-04T15:41:00Z") + chrono::TimeDelta::seconds(index as i64)),
        author: known.then_some(AuthorKey(u64::MAX - index as u64 / 3)),
        cluster: ClusterKey(index as u64),
        text: text.into(),
        lang_hint: None,
        platform: known.then(|| "twitter".into()),
        url: known.then(|| format!("https://example.org/{index}")),
        country: known.then(|| "BR".into()),
        is_repost: index % 7 == 6,
    });
    let lang = match index % 3 {
        0 => LangGuess::Detected { lang: Lang::PT, confidence: 0.875 },
        1 => LangGuess::Hinted(Lang::AR),
        _ => LangGuess::Undetermined,
    };
    if !known {
        return TaggedPost::stamp(post, Reading::nothing(lang));
    }
    let moves = if index.is_multiple_of(3) { vec![Move { from: None, to: "telegram".into() }] } else { Vec::new() };
    let reading = Reading {
        lang,
        kind: Kind::Complaint,
        down: vec!["whatsapp".into()],
        moves,
        named: vec!["telegram".into(), "whatsapp".into()],
        speaks_of_block: index % 2 == 1,
        evidence: vec![Evidence { term: "pt.outage.caiu".into(), span: 4..8 }],
    };
    TaggedPost::stamp(post, reading)
}
