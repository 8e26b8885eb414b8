//! Timelines from an index, from the journal and from a report; what was deleted is gone; `caiu export` as a person runs it.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use caiu::batch;
use caiu::detect::Settings;
use caiu::export::{ExportError, FORMATS, Options, Selection, Story, from_folder, gather, write};
use caiu::index::{IndexReader, IndexWriter, Keep, WriterOptions};
use caiu::model::{FeedId, PostId, RawPost};
use caiu::normalize::{AuthorSecret, date, normalize};
use caiu::pipeline::journal::{Change, Journal};
use caiu::report::Locale;
use caiu::report::chart::Theme;
use caiu::report::locale::service_name;
use caiu::simulate::{Overrides, builtin, simulate};
use chrono::{TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{arg, folder, run, tagger};

/// What `caiu export` is run with; most tests call the library, which takes no new start of the program each time.
fn options(locale: Locale, zone: Tz) -> Options {
    Options {
        zone,
        locale,
        theme: Theme::Light,
        num_quotes: 2,
        with_authors: false,
        settings: Settings::default().into(),
        bin_secs: 60,
        generated_by: batch::generated_by(tagger()),
        now: chrono::DateTime::from_timestamp(1_633_500_000, 0).unwrap(),
    }
}

/// Makes an index of posts as `caiu index` does: matches kept, all else counted, one commit.
fn index_of(posts: impl Iterator<Item = RawPost>, folder: &Path) {
    let mut writer = IndexWriter::open(folder, WriterOptions::default()).unwrap();
    let feed = FeedId::new("posts");
    for raw in posts {
        let at = raw.created_at.as_ref().map(|date| date::parse(date, None, Utc::now()).unwrap());
        let tagged = tagger().tag(normalize(raw, at, AuthorSecret::new("")));
        writer.record(&feed, &tagged, at.unwrap(), Keep::Matches).unwrap();
    }
    writer.commit(&writer.checkpoint().clone()).unwrap();
    writer.close().unwrap();
}

fn simulated(scenario: &str, seed: u64, volume: f64) -> Vec<RawPost> {
    let overrides = Overrides { volume: Some(volume), ..Overrides::default() };
    let simulation = simulate(&overrides.apply(builtin::load(scenario).unwrap()), seed).unwrap();
    simulation.posts().map(|simulated| simulated.post).collect()
}

/// An index of the demo's posts, made once and only read.
fn october() -> &'static Path {
    static INDEX: OnceLock<TempDir> = OnceLock::new();
    let folder = INDEX.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        index_of(simulated("2021-10-04", 4, 0.08).into_iter(), folder.path());
        folder
    });
    folder.path()
}

/// A copy of it, to be changed.
fn october_again() -> TempDir {
    let folder = TempDir::new().unwrap();
    for entry in fs::read_dir(october()).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    folder
}

fn all_of(services: &[&str]) -> Selection {
    Selection::Span { from: None, to: None, services: services.iter().map(|id| (*id).into()).collect() }
}

fn gathered(index: &Path, selection: &Selection, options: &Options) -> Result<Story, ExportError> {
    gather(&IndexReader::open(index).unwrap(), selection, options)
}

fn text(story: &Story, format: &str, options: &Options) -> String {
    String::from_utf8(write(story, format.parse().unwrap(), options).unwrap()).unwrap()
}

#[test]
fn the_examples_in_docs_are_what_the_program_writes() {
    let may = folder();
    index_of(simulated("2017-05-03", 3, 0.3).into_iter(), may.path());
    let three = ["facebook", "instagram", "whatsapp"];
    for (name, index, services, zone, locale) in [
        ("2021-10-04", october(), &three[..], Tz::America__Sao_Paulo, Locale::Pt),
        ("2017-05-03", may.path(), &three[2..], Tz::Asia__Baghdad, Locale::Ar),
    ] {
        let options = options(locale, zone);
        let story = gathered(index, &all_of(services), &options).unwrap();
        assert_eq!(story.incidents.len(), services.len());
        for (format, ending) in [("html", "html"), ("timelinejs", "timelinejs.json"), ("markdown", "md")] {
            let made = text(&story, format, &options);
            let path =
                Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/examples")).join(format!("{name}.{ending}"));
            if std::env::var_os("CAIU_REGENERATE").is_some() {
                fs::write(&path, &made).unwrap();
            }
            let kept = fs::read_to_string(&path).unwrap_or_default();
            for text in [&made, &kept] {
                assert!(text.contains(locale.words().simulated), "{format} says that it is simulated");
                let names = services.iter().map(|id| service_name(id, locale));
                assert!(names.into_iter().all(|name| text.contains(&name)), "{}", path.display());
            }
            // Readings change with the lexicon, and an example names the one that it was made with.
            let is_of_this_lexicon = kept.contains(tagger().lexicon().hash());
            assert!(!is_of_this_lexicon || kept == made, "{} is old: run again with CAIU_REGENERATE=1", path.display());
        }
    }
}

#[test]
fn what_was_deleted_is_not_quoted_any_more() {
    let index = october_again();
    let options = options(Locale::En, Tz::UTC);
    let quotes = || gathered(index.path(), &all_of(&["whatsapp"]), &options).unwrap().incidents.remove(0).quotes;
    let before = quotes();
    assert!(before.len() >= 3, "{before:?}");
    let mut writer = IndexWriter::open(index.path(), WriterOptions::default()).unwrap();
    for quote in &before {
        assert!(writer.delete_post(quote.platform.as_deref(), &PostId::new(&quote.id)).unwrap(), "{quote:?}");
    }
    writer.commit(&writer.checkpoint().clone()).unwrap();
    writer.close().unwrap();
    let after = quotes();
    assert!(!after.is_empty(), "others speak in their place");
    for quote in &before {
        assert!(after.iter().all(|other| other.id != quote.id), "{quote:?}");
    }
}

#[test]
fn an_incident_of_the_journal_keeps_its_estimates_and_counts_its_revisions() {
    let index = october_again();
    let options = options(Locale::En, Tz::UTC);
    let mut incident = gathered(index.path(), &all_of(&["whatsapp"]), &options).unwrap().incidents.remove(0).incident;
    incident.onset.at -= TimeDelta::minutes(1);
    let one = Selection::Incident(incident.id.clone());
    let mut journal = Journal::open(index.path()).unwrap();
    journal.write(options.now, Change::Opened, incident.clone()).unwrap();
    journal.write(options.now, Change::Revised, incident.clone()).unwrap();
    let story = gathered(index.path(), &one, &options).unwrap();
    let ics = text(&story, "ics", &options);
    let start = incident.onset.at.format("DTSTART:%Y%m%dT%H%M%SZ").to_string();
    assert!(ics.contains(&start) && ics.contains("SEQUENCE:1\r\n"), "{ics}");
    assert!(text(&story, "svg", &options).starts_with("<svg"), "its series is found again");
    journal.write(options.now, Change::Withdrawn, incident).unwrap();
    let story = gathered(index.path(), &one, &options).unwrap();
    assert!(text(&story, "ics", &options).contains("STATUS:CANCELLED"));
    let unknown = gathered(index.path(), &Selection::Incident("../x".to_owned()), &options).unwrap_err();
    assert!(unknown.to_string().contains("caiu incidents"), "{unknown}");
}

#[test]
fn one_that_the_detector_does_not_find_has_a_series_all_the_same() {
    let index = october_again();
    let options = options(Locale::En, Tz::UTC);
    let mut incident = gathered(index.path(), &all_of(&["whatsapp"]), &options).unwrap().incidents.remove(0).incident;
    incident.service = "telegram".into();
    let one = Selection::Incident(incident.id.clone());
    Journal::open(index.path()).unwrap().write(options.now, Change::Opened, incident).unwrap();
    let story = gathered(index.path(), &one, &options).unwrap();
    assert!(text(&story, "svg", &options).starts_with("<svg"));
}

#[test]
fn an_index_and_a_report_tell_the_same_story() {
    let folder = folder();
    let (posts, report) = (folder.path().join("posts.jsonl"), folder.path().join("report"));
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/data/demo/posts.jsonl"), &posts).unwrap();
    let ran = run(&["analyze", arg(&posts), "--out", arg(&report)], "");
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let options = options(Locale::Ar, Tz::Asia__Baghdad);
    let of_report = from_folder(&report, &all_of(&[]), &options).unwrap();
    let of_index = gathered(october(), &all_of(&[]), &options).unwrap();
    let incidents = |story: &Story| -> Vec<String> {
        let value: Value = serde_json::from_str(&text(story, "json", &options)).unwrap();
        value["incidents"].as_array().unwrap().iter().map(|told| told["summary"].to_string()).collect()
    };
    assert_eq!(incidents(&of_report), incidents(&of_index));
    assert!(of_report.incidents.iter().all(|told| told.chart.is_some() && !told.quotes.is_empty()));
    assert_eq!(of_report.simulated, of_index.simulated);
}

#[test]
fn authors_stay_hidden_unless_asked_for() {
    let mut options = options(Locale::En, Tz::UTC);
    let told =
        |options: &Options| text(&gathered(october(), &all_of(&["whatsapp"]), options).unwrap(), "json", options);
    assert!(!told(&options).contains("\"author\""));
    options.with_authors = true;
    let json: Value = serde_json::from_str(&told(&options)).unwrap();
    assert_eq!(json["incidents"][0]["quotes"][0]["author"].as_str().map(str::len), Some(16));
}

#[test]
fn the_command_writes_files_and_says_what_is_wrong() {
    let help = run(&["export", "--help"], "").out;
    for format in FORMATS {
        assert!(help.contains(&format!("  {} ", format.name)), "{}", format.name);
    }
    let folder = folder();
    let file = folder.path().join("out.gexf");
    let export = |args: &[&str]| run(&[&["export", "--index", arg(october())], args].concat(), "");
    let ran = export(&["--service", "whatsapp", "--format", "gexf", "--locale", "ar", "--out", arg(&file)]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""), "{}", ran.err);
    assert!(fs::read_to_string(&file).unwrap().starts_with("<?xml"));
    let ran = export(&["--format", "markdown", "--service", "nubank", "--locale", "pt", "--out", "-"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.out.contains("Nenhuma falha foi encontrada"), "{}", ran.out);
    let ran = export(&["--format", "svg", "--service", "nubank", "--out", "-"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert!(ran.err.contains("no series to draw"), "{}", ran.err);
    let ran = export(&["--format", "docx"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("timelinejs"), "{}", ran.err);
}

#[test]
fn the_command_takes_a_stretch_of_time_or_an_incident_of_the_journal() {
    let index = october_again();
    let export = |args: &[&str]| {
        run(&[&["export", "--index", arg(index.path()), "--format", "json", "--out", "-"], args].concat(), "")
    };
    // The clocks of Baghdad are three hours ahead.
    let told = export(&[
        "--from",
        "2021-10-04T18:00",
        "--to",
        "2021-10-05T03:00",
        "--tz",
        "Asia/Baghdad",
        "--service",
        "whatsapp",
        "--quotes",
        "1",
    ])
    .json();
    let incidents = told["incidents"].as_array().unwrap();
    assert_eq!(incidents.len(), 1, "{told:#}");
    let quotes = incidents[0]["quotes"].as_array().unwrap();
    let mut langs: Vec<&str> = quotes.iter().map(|quote| quote["lang"].as_str().unwrap()).collect();
    langs.sort_unstable();
    assert_eq!(langs, ["ar", "en", "pt"], "one of each language");
    let none = export(&["--service", "whatsapp", "--quotes", "0"]).json();
    assert_eq!(none["incidents"][0]["quotes"], serde_json::json!([]));
    let before = export(&["--to", "2021-10-04T15:00", "--service", "whatsapp"]);
    assert_eq!(before.code, Some(1), "nothing had happened: {}", before.out);

    let mut incident = incidents[0]["incident"].clone();
    incident["id"] = "whatsapp-of-the-journal".into();
    let incident = serde_json::from_value(incident).unwrap();
    Journal::open(index.path()).unwrap().write(Utc::now(), Change::Opened, incident).unwrap();
    let told = export(&["--incident", "whatsapp-of-the-journal"]).json();
    assert_eq!(told["incidents"][0]["incident"]["id"], "whatsapp-of-the-journal");
    assert_eq!(export(&["--incident", "nothing"]).code, Some(2));
    let both = export(&["--incident", "whatsapp-of-the-journal", "--service", "whatsapp"]);
    assert!(both.code == Some(2) && both.err.contains("cannot be used with"), "{}", both.err);
}
