//! What must hold for every format: it writes every story, the same bytes each time, and nothing that a post says does harm.

use chrono_tz::Tz;
use serde_json::Value;

use super::example::{empty, options, story};
use super::*;
use crate::report::Locale;

fn written(story: &Story, format: &str, locale: Locale, zone: Tz) -> Vec<u8> {
    write(story, format.parse().unwrap(), &options(locale, zone)).unwrap_or_else(|error| panic!("{format}: {error}"))
}

fn text(story: &Story, format: &str, locale: Locale) -> String {
    String::from_utf8(written(story, format, locale, Tz::Asia__Baghdad)).unwrap()
}

fn rows(csv: &str) -> Vec<Vec<String>> {
    let mut reader =
        ::csv::ReaderBuilder::new().has_headers(false).from_reader(csv.trim_start_matches('\u{FEFF}').as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// Formats that are written fast enough to be written often.
fn quick() -> impl Iterator<Item = &'static Format> {
    FORMATS.iter().filter(|format| format.name != "png")
}

#[test]
fn every_format_writes_every_story_and_the_same_bytes_again() {
    for format in quick() {
        for locale in Locale::ALL {
            let bytes = written(&story(), format.name, locale, Tz::Asia__Baghdad);
            assert!(!bytes.is_empty(), "{}", format.name);
            if locale == Locale::Ar {
                assert_eq!(bytes, written(&story(), format.name, locale, Tz::Asia__Baghdad), "{}", format.name);
            }
        }
        match write(&empty(), *format, &options(Locale::En, Tz::UTC)) {
            Err(ExportError::NoChart) => assert_eq!(format.name, "svg"),
            Err(error) => panic!("{}: {error}", format.name),
            Ok(_) => {}
        }
    }
}

#[test]
fn names_of_formats_are_unlike_and_told_when_wrong() {
    for format in FORMATS {
        assert_eq!(format.name.parse::<Format>(), Ok(format));
        assert!(!format.about.is_empty() && format.about.len() < 80, "{}", format.name);
    }
    assert!("doc".parse::<Format>().unwrap_err().contains("timelinejs"));
}

#[test]
fn a_file_has_a_harmless_name() {
    let mut story = story();
    story.incidents.truncate(1);
    story.incidents[0].incident.id = "../../etc/passwd\u{202E}\r\nx: y".to_owned();
    let format: Format = "ics".parse().unwrap();
    assert_eq!(format.file_name(&story), "etc-passwd---x--y.ics");
    story.incidents[0].incident.id = "...".to_owned();
    assert_eq!(format.file_name(&story), "timeline.ics");
}

#[test]
fn markup_of_posts_is_text() {
    for format in ["html", "markdown", "timelinejs", "timelinejs-csv", "svg", "gexf"] {
        for locale in Locale::ALL {
            let text = text(&story(), format, locale);
            for part in ["<script", "<b>bold", "href=\"javascript:", "\u{202E}", "\u{1b}", "<img"] {
                assert!(!text.contains(part), "{part} is in {format}:\n{text}");
            }
            assert!(format != "markdown" || !text.contains("[link]("), "{text}");
        }
    }
}

#[test]
fn names_are_hostile_too() {
    let mut story = story();
    for told in &mut story.incidents {
        told.incident.service = "<img src=x onerror=alert(1)>\r\nX-EVIL:1".into();
        told.incident.id = "=cmd|' /C calc'!A0\r\nBEGIN:VEVENT".to_owned();
    }
    for format in quick().filter(|format| !matches!(format.name, "json" | "ndjson" | "xlsx" | "parquet" | "ro-crate")) {
        let text = text(&story, format.name, Locale::En);
        assert!(
            !text.contains("<img") || matches!(format.name, "ics" | "csv" | "datawrapper" | "vega-lite"),
            "{}",
            format.name
        );
        assert!(!text.lines().any(|line| line.starts_with("X-EVIL") || line.starts_with('=')), "{}", format.name);
    }
    let ics = text(&story, "ics", Locale::En);
    assert_eq!(ics.matches("\r\nBEGIN:VEVENT").count(), 3);
}

#[test]
fn no_cell_is_a_formula() {
    let mut story = story();
    story.incidents[1].incident.id = "=1+1".to_owned();
    story.incidents[1].incident.service = "@SUM(A1)".into();
    for format in ["csv", "timelinejs-csv", "datawrapper"] {
        for cell in rows(&text(&story, format, Locale::Ar)).iter().flatten() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{format}: {cell}");
        }
    }
}

#[test]
fn a_table_has_local_times_with_their_zone() {
    let csv = text(&story(), "csv", Locale::Ar);
    assert!(csv.starts_with('\u{FEFF}') && csv.contains("\r\n"));
    let rows = rows(&csv);
    assert_eq!(&rows[0][..4], ["الوقت", "المنطقة الزمنية", "الوقت (UTC)", "الحدث"]);
    let onset = rows.iter().find(|row| row[3] == "البداية" && row[4] == "واتساب").unwrap();
    assert_eq!(&onset[..3], ["2021-10-04 18:41:00", "Asia/Baghdad", "2021-10-04T15:41:00Z"]);
    assert_eq!(&onset[7..9], ["2021-10-04 18:39:00", "2021-10-04 18:44:00"]);
    assert!(onset[5].starts_with("[محاكاة] "), "a row alone says that it is simulated: {}", onset[5]);
}

#[test]
fn an_onset_before_the_posts_has_no_lower_end() {
    let csv = rows(&text(&story(), "csv", Locale::En));
    let onset = csv.iter().find(|row| row[3] == "onset" && row[4] == "Telegram").unwrap();
    assert_eq!((onset[2].as_str(), onset[7].as_str()), ("2021-10-04T14:06:00Z", ""));
    assert!(onset[6].contains("17:06 or earlier"), "{}", onset[6]);
    let json: Value = serde_json::from_str(&text(&story(), "json", Locale::En)).unwrap();
    assert_eq!(json["incidents"][0]["incident"]["onset"]["low"], Value::Null);
}

#[test]
fn what_goes_on_says_so() {
    let csv = rows(&text(&story(), "csv", Locale::Pt));
    assert!(csv.iter().any(|row| row[3] == "continua" && row[4] == "Telegram"));
    assert!(!csv.iter().any(|row| row[3] == "fim" && row[4] == "Telegram"));
    let ics = text(&story(), "ics", Locale::En);
    assert!(ics.contains("STATUS:TENTATIVE\r\n") && ics.contains("DTEND:20211004T235958Z\r\n"), "{ics}");
}

#[test]
fn a_calendar_is_folded_and_counts_its_revisions() {
    let mut story = story();
    story.incidents[1].is_withdrawn = true;
    let ics = text(&story, "ics", Locale::Ar);
    assert!(ics.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{ics}");
    assert!(ics.contains("UID:whatsapp-20211004T1541Z@caiu\r\nSEQUENCE:2\r\n"), "{ics}");
    assert!(ics.contains("STATUS:CANCELLED"));
    assert_eq!(ics.matches("BEGIN:VEVENT").count(), 3);
}

#[test]
fn a_timeline_is_in_one_zone_which_it_names() {
    let value: Value = serde_json::from_str(&text(&story(), "timelinejs", Locale::En)).unwrap();
    let events = value["events"].as_array().unwrap();
    let onset =
        events.iter().find(|event| event["text"]["headline"] == "[Simulated] WhatsApp: the outage begins").unwrap();
    let date = &onset["start_date"];
    assert_eq!((date["day"].as_i64(), date["hour"].as_i64(), date["minute"].as_i64()), (Some(4), Some(18), Some(41)));
    assert_eq!(date["display_date"], "4 October 2021, 18:41 Asia/Baghdad (UTC+3)");
    for era in value["eras"].as_array().unwrap() {
        assert!(era["start_date"]["year"].is_i64() && era["end_date"]["year"].is_i64());
    }
    let nothing: Value = serde_json::from_str(&text(&empty(), "timelinejs", Locale::En)).unwrap();
    assert_eq!(nothing["events"].as_array().unwrap().len(), 1, "it refuses an empty list");
    let table = rows(&text(&empty(), "timelinejs-csv", Locale::En));
    assert_eq!((table.len(), table[2][0].as_str(), table[2][16].as_str()), (3, "2021", ""), "{table:?}");
    assert_eq!(table[2][8], "5 October 2021, 11:00 Asia/Baghdad (UTC+3)");
}

#[test]
fn missing_is_an_empty_cell_and_not_zero() {
    let rows = rows(&text(&story(), "datawrapper", Locale::En));
    assert_eq!(rows[0][0], "Time (Asia/Baghdad)");
    let column = rows[0].iter().position(|name| name == "[Simulated] WhatsApp").unwrap();
    let gap = rows.iter().find(|row| row[0] == "2021-10-04 21:20").unwrap();
    assert_eq!(gap[column], "");
    assert_ne!(rows.iter().find(|row| row[0] == "2021-10-04 19:20").unwrap()[column], "");
}

#[test]
fn a_page_needs_nothing_but_itself_and_runs_as_its_language_does() {
    for (locale, head) in
        [(Locale::En, "<html lang=\"en\" dir=\"ltr\">"), (Locale::Ar, "<html lang=\"ar\" dir=\"rtl\">")]
    {
        let html = text(&story(), "html", locale);
        assert!(html.contains(head));
        for part in ["<script", "<link", "<iframe", " src=\"", "@import", "style=\"", " onload="] {
            assert!(!html.contains(part), "{part}");
        }
        assert!(html.contains(locale.words().simulated_note));
        assert!(html.contains("class=\"chart wide\"") && html.contains("<bdi dir=\"auto\">الواتساب واقف"));
    }
}

/// What a reader sees of a page.
fn visible(html: &str) -> String {
    let body = html.split_once("<body>").unwrap().1;
    body.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect()
}

#[test]
fn every_language_says_everything_in_its_own_words() {
    let html = visible(&text(&story(), "html", Locale::Ar));
    for word in ["Outage", "onset", "complaints", "Simulated", "January", "October", "peak"] {
        assert!(!html.replace("Asia/Baghdad", "").contains(word), "{word}");
    }
    assert!(html.contains("12,345 شكوى") && html.contains("تشرين الأول/أكتوبر 2021"), "{html}");
    let html = visible(&text(&story(), "html", Locale::Pt));
    assert!(html.contains("12.345 reclamações") && html.contains("4 de outubro de 2021"), "{html}");
}

#[test]
fn authors_are_told_only_when_asked_for() {
    let mut story = story();
    for format in
        quick().filter(|format| format.name != "xlsx" && format.name != "ro-crate" && format.name != "parquet")
    {
        assert!(!text(&story, format.name, Locale::En).contains("00ff00ff00ff00ff"), "{}", format.name);
    }
    story.incidents[1].quotes[0].author = Some("00ff00ff00ff00ff".to_owned());
    for format in ["html", "markdown", "csv", "json", "ndjson"] {
        assert!(text(&story, format, Locale::En).contains("00ff00ff00ff00ff"), "{format}");
    }
}

#[test]
fn quotes_lead_to_the_original() {
    const URL: &str = "https://example.org/post/1?a=1&b=2";
    let mut story = story();
    story.incidents[1].quotes[0].url = Some(URL.to_owned());
    for (format, link) in [
        ("html", "href=\"https://example.org/post/1?a=1&#38;b=2\""),
        ("markdown", "](<https://example.org/post/1?a=1&b=2>)"),
        ("timelinejs", "href=\\\"https://example.org/post/1?a=1&amp;b=2\\\""),
        ("timelinejs-csv", "href=\"\"https://example.org/post/1?a=1&amp;b=2\"\" rel=\"\"noopener"),
        ("csv", URL),
        ("json", URL),
        ("ndjson", URL),
    ] {
        let text = text(&story, format, Locale::En);
        assert!(text.contains(link), "{format}:\n{text}");
    }
}

#[test]
fn a_graph_has_its_nodes_and_its_weights() {
    let gexf = text(&story(), "gexf", Locale::Ar);
    assert!(gexf.contains("<node id=\"telegram\" label=\"تلغرام\"/>"), "{gexf}");
    assert!(gexf.contains("source=\"whatsapp\" target=\"telegram\" weight=\"398\" start=\"1633362060\""), "{gexf}");
}

#[test]
fn a_crate_holds_what_its_manifest_says() {
    let mut zip = zip::ZipArchive::new(io::Cursor::new(written(&story(), "ro-crate", Locale::En, Tz::UTC))).unwrap();
    let mut read = |name: &str| {
        let mut bytes = Vec::new();
        io::copy(&mut zip.by_name(name).unwrap(), &mut bytes).unwrap();
        bytes
    };
    let manifest = String::from_utf8(read("manifest-sha256.txt")).unwrap();
    assert!(manifest.lines().count() > 10);
    for line in manifest.lines() {
        let (hash, name) = line.split_once("  ").unwrap();
        assert!(!name.contains("..") && !name.starts_with('/'));
        let digest = <sha2::Sha256 as sha2::Digest>::digest(read(name));
        assert_eq!(crate::report::file::hex(&digest), hash, "{name}");
    }
    let metadata: Value = serde_json::from_slice(&read("ro-crate-metadata.json")).unwrap();
    let graph = metadata["@graph"].as_array().unwrap();
    let root = graph.iter().find(|entity| entity["@id"] == "./").unwrap();
    for part in root["hasPart"].as_array().unwrap() {
        assert!(graph.iter().any(|entity| entity["@id"] == part["@id"]), "{part}");
    }
    let report: crate::model::Report = serde_json::from_slice(&read("report.json")).unwrap();
    assert_eq!(report.incidents.len(), 3);
}
