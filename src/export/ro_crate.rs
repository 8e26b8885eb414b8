//! `ro-crate`: a zip with everything, described by RO-Crate 1.1 (w3id.org/ro/crate/1.1), with a hash of each file.
//!
//! The same story gives the same bytes.

use std::io::{Cursor, Write};

use chrono::SecondsFormat;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::story::{Options, Story};
use super::telling::Telling;
use super::{ExportError, FORMATS, Format};
use crate::report::file::hex;
use crate::report::text::one_line;
use crate::report::{write_incidents_csv, write_json, write_migrations_csv};

const CONTEXT: &str = "https://w3id.org/ro/crate/1.1/context";
const CONFORMS: &str = "https://w3id.org/ro/crate/1.1";
/// Formats of which a file lies in the crate, as `timeline.ENDING`.
const PARTS: [&str; 9] = ["html", "markdown", "csv", "xlsx", "ics", "gexf", "vega-lite", "svg", "parquet"];

/// A file of the crate.
struct Part {
    name: String,
    about: &'static str,
    content_type: &'static str,
    bytes: Vec<u8>,
}

pub(super) fn write(story: &Story, options: &Options) -> Result<Vec<u8>, ExportError> {
    let parts = parts(story, options)?;
    let metadata =
        serde_json::to_vec_pretty(&metadata(&Telling::new(story, options), &parts)).map_err(std::io::Error::from)?;
    let mut hashes: Vec<(String, String)> =
        parts.iter().map(|part| (part.name.clone(), hex(&Sha256::digest(&part.bytes)))).collect();
    hashes.push(("ro-crate-metadata.json".to_owned(), hex(&Sha256::digest(&metadata))));
    // As `sha256sum --check` reads it.
    let manifest: String = hashes.iter().map(|(name, hash)| format!("{hash}  {name}\n")).collect();
    let mut files: Vec<(&str, &[u8])> =
        vec![("ro-crate-metadata.json", &metadata), ("manifest-sha256.txt", manifest.as_bytes())];
    files.extend(parts.iter().map(|part| (part.name.as_str(), part.bytes.as_slice())));
    packed(&files).map_err(|error| ExportError::Format { format: "ro-crate", detail: error.to_string() })
}

fn packed(files: &[(&str, &[u8])]) -> zip::result::ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // No time of their own, so that the same story gives the same bytes.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    for (name, bytes) in files {
        zip.start_file(*name, options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn parts(story: &Story, options: &Options) -> Result<Vec<Part>, ExportError> {
    let mut parts = Vec::new();
    let mut add = |name: &str, about, content_type, bytes| {
        parts.push(Part { name: name.to_owned(), about, content_type, bytes });
    };
    let report = story.report();
    let mut bytes = Vec::new();
    write_json(&report, &mut bytes)?;
    add("report.json", "incidents as caiu-report/1", "application/json", bytes);
    let mut bytes = Vec::new();
    write_incidents_csv(&report, &mut bytes)?;
    add("incidents.csv", "one row per incident, times in UTC", "text/csv", bytes);
    let mut bytes = Vec::new();
    write_migrations_csv(&report, &mut bytes)?;
    add("migrations.csv", "one row per incident and alternative", "text/csv", bytes);
    let story_format = FORMATS.iter().find(|format| format.name == "json");
    for format in story_format.into_iter().chain(FORMATS.iter().filter(|format| PARTS.contains(&format.name))) {
        match super::write(story, *format, options) {
            Ok(bytes) => add(&file_name(format), format.about, format.content_type, bytes),
            // A crate without a picture is one all the same.
            Err(ExportError::NoChart) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(parts)
}

fn file_name(format: &Format) -> String {
    let stem = match format.name {
        "json" => "story",
        "parquet" => "series",
        "gexf" => "moves",
        "svg" | "vega-lite" => "chart",
        _ => "timeline",
    };
    format!("{stem}.{}", format.ending)
}

/// What is in the crate, who made it of what, and how.
fn metadata(telling: &Telling<'_>, parts: &[Part]) -> Value {
    let (story, by) = (telling.story, &telling.story.generated_by);
    let at = story.retrieved_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let reference = |id: &str| json!({ "@id": id });
    let files: Vec<Value> =
        parts.iter().map(|part| reference(&part.name)).chain([reference("manifest-sha256.txt")]).collect();
    let inputs: Vec<Value> =
        (0..story.origin.inputs.len()).map(|index| reference(&format!("#input-{}", index + 1))).collect();
    let settings = story.origin.settings.as_ref().map_or_else(String::new, Value::to_string);
    let seq = story.origin.index_seq.map_or_else(String::new, |seq| seq.to_string());
    let mut graph = vec![
        json!({
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": reference(CONFORMS),
            "about": reference("./"),
        }),
        json!({
            "@id": "./",
            "@type": "Dataset",
            "name": telling.marked(&telling.title()),
            "description": telling.citation(),
            "datePublished": at,
            "license": reference("#rights"),
            "inLanguage": telling.locale.code(),
            "temporalCoverage": temporal(story),
            "hasPart": files,
            "mentions": reference("#export"),
        }),
        json!({
            "@id": "#rights",
            "@type": "CreativeWork",
            "name": "Rights",
            "description": "Figures and texts of the program: of whoever made this export. Quotes: of their authors.",
        }),
        json!({
            "@id": "#export",
            "@type": "CreateAction",
            "name": "caiu export",
            "description": one_line(&story.origin.query),
            "endTime": at,
            "instrument": reference("#caiu"),
            "object": inputs,
            "result": files,
            "additionalProperty": [reference("#settings"), reference("#index-seq"), reference("#simulated")],
        }),
        json!({
            "@id": "#caiu",
            "@type": "SoftwareApplication",
            "name": one_line(&by.name),
            "version": one_line(&by.version),
            "softwareVersion": one_line(&by.version),
            "description": format!("lexicon {}", one_line(&by.lexicon)),
        }),
        property("#settings", "settings of the detector", &settings),
        property("#index-seq", "commit of the index", &seq),
        property("#simulated", "simulated", if story.simulated { "true" } else { "false" }),
    ];
    graph.extend(story.origin.inputs.iter().enumerate().map(|(index, input)| {
        json!({
            "@id": format!("#input-{}", index + 1),
            "@type": "CreativeWork",
            "name": one_line(&input.name),
            "identifier": input.sha256.as_deref().map(|hash| format!("sha256:{}", one_line(hash))),
            "contentSize": input.num_bytes.to_string(),
        })
    }));
    graph.extend(parts.iter().map(|part| {
        json!({
            "@id": part.name,
            "@type": "File",
            "name": part.name,
            "description": part.about,
            "encodingFormat": part.content_type.split(';').next(),
            "contentSize": part.bytes.len().to_string(),
            "sha256": hex(&Sha256::digest(&part.bytes)),
        })
    }));
    graph.push(json!({
        "@id": "manifest-sha256.txt",
        "@type": "File",
        "name": "manifest-sha256.txt",
        "description": "SHA-256 of every other file, as sha256sum --check reads it",
        "encodingFormat": "text/plain",
    }));
    json!({ "@context": CONTEXT, "@graph": graph })
}

fn property(id: &str, name: &str, value: &str) -> Value {
    json!({ "@id": id, "@type": "PropertyValue", "name": name, "value": value })
}

/// ISO 8601 interval of the posts; `..` where an end is not known.
fn temporal(story: &Story) -> String {
    let [from, to] = [story.coverage.from, story.coverage.to]
        .map(|time| time.map_or_else(|| "..".to_owned(), |time| time.to_rfc3339_opts(SecondsFormat::Secs, true)));
    format!("{from}/{to}")
}
