//! `caiu tag`: posts in, one reading per post out, in input order.
//!
//! A pure filter: no state between records, no network, one record out per record in, so that any
//! engine can run it as a child process.

use std::cell::RefCell;
use std::io::{self, BufWriter, Write, stdout};
use std::mem::ManuallyDrop;
use std::path::PathBuf;

use anyhow::Context;
use serde::Serialize;
use serde_json::value::RawValue;

use super::evaluate::load_lexicon;
use super::input::{InputArgs, ReadBar};
use super::output::{Found, tell_outcomes};
use crate::corpus::{self, Reason, Record};
use crate::model::{Kind, Lang, Reading, ServiceId};
use crate::tag::Tagger;

/// Read posts: one reading per post out, in input order, as NDJSON.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A post needs only `text`; without an id it gets its line number. A record that is no post comes \
    out with an `error` field.\n\nExamples:\n  caiu tag posts.jsonl.zst > readings.jsonl\n  \
    zcat posts.jsonl.gz | caiu tag --only complaint,restored --with-post -\n  \
    caiu tag --explain \"zap caiu, fui pro telegram\""
)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// Carry the input record along, as `post`
    #[arg(long)]
    with_post: bool,
    /// Write only these kinds (records with errors are counted, not written)
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    only: Vec<Kind>,
    /// Write the program's version and the lexicon's hash on every row
    #[arg(long)]
    with_version: bool,
    /// Read this text and tell every step
    #[arg(long, value_name = "TEXT")]
    explain: Option<String>,
    /// Folder of lexicons to use instead of the built-in ones
    #[arg(long, value_name = "DIR")]
    lexicons: Option<PathBuf>,
}

/// One line out.
#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    lang: &'a str,
    lang_confidence: f64,
    kind: Kind,
    down: &'a [ServiceId],
    moves: Vec<(Option<&'a str>, &'a str)>,
    evidence: Vec<EvidenceRow<'a>>,
    #[serde(flatten)]
    extra: Extra<'a>,
}

#[derive(Serialize)]
struct EvidenceRow<'a> {
    term: &'a str,
    span: (u32, u32),
    text: &'a str,
}

/// What rows carry when asked for, and what is all that a bad record has.
#[derive(Serialize)]
struct Extra<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lexicon: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct ErrorRow<'a> {
    id: String,
    error: String,
    #[serde(flatten)]
    extra: Extra<'a>,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    // The program ends with it, and taking its many small parts down one by one takes as long as reading a thousand posts.
    let tagger = ManuallyDrop::new(Tagger::new(load_lexicon(args.lexicons.as_deref())?));
    if let Some(text) = &args.explain {
        write!(stdout(), "{}", tagger.explain(text, None))?;
        return Ok(Found::Some);
    }
    let inputs = args.input.expand()?;
    let bar = ReadBar::new();
    let out = RefCell::new(BufWriter::with_capacity(1 << 16, stdout().lock()));
    let is_live = inputs.iter().any(|input| input.path.is_none());
    let mut num_written = 0u64;
    let summary = corpus::run(
        &inputs,
        &args.input.read_options(),
        &mut |progress| {
            bar.update(progress);
            // Who feeds standard input may wait for the answer; a failure comes back at the next write.
            if is_live {
                let _ = out.borrow_mut().flush();
            }
        },
        |record| line(args, &tagger, record),
        |line: io::Result<Option<Vec<u8>>>| {
            if let Some(line) = line? {
                num_written += 1;
                out.borrow_mut().write_all(&line)?;
            }
            Ok(())
        },
    );
    // What was read before an error is written out all the same.
    let flushed = out.borrow_mut().flush();
    bar.finish();
    let summary = summary.context("reading stopped")?;
    flushed.context("cannot write the readings")?;
    tell_outcomes(&summary.outcomes);
    let is_whole = |reason: &Reason| summary.outcomes.count(reason.name()) == 0;
    if ![Reason::CutShort, Reason::Truncated, Reason::Unreadable].iter().all(is_whole) {
        anyhow::bail!("an input ends too early; what stands before that was read");
    }
    Ok(Found::when(num_written > 0))
}

/// The line for a record; `None` where `--only` leaves it out.
fn line(args: &Args, tagger: &Tagger, record: Record<'_>) -> io::Result<Option<Vec<u8>>> {
    let post = if args.with_post { post_json(&record)? } else { None };
    let extra = Extra {
        version: args.with_version.then_some(env!("CARGO_PKG_VERSION")),
        lexicon: args.with_version.then(|| tagger.lexicon().hash()),
        post: post.as_deref(),
    };
    let mut line = Vec::with_capacity(256);
    match record.post {
        Ok(post) => {
            let reading = tagger.read(&post.text, post.lang.as_deref().and_then(Lang::parse));
            if !args.only.is_empty() && !args.only.contains(&reading.kind) {
                return Ok(None);
            }
            serde_json::to_writer(&mut line, &row(&post.id, &post.text, &reading, extra))?;
        }
        Err(_) if !args.only.is_empty() => return Ok(None),
        Err(rejected) => {
            let row = ErrorRow { id: record.place.to_string(), error: rejected.to_string(), extra };
            serde_json::to_writer(&mut line, &row)?;
        }
    }
    line.push(b'\n');
    Ok(Some(line))
}

/// The record as it stood in the input, on one line; a row of a table in the program's own form.
fn post_json(record: &Record<'_>) -> io::Result<Option<Box<RawValue>>> {
    let Ok(post) = &record.post else { return Ok(None) };
    let json = match record.raw {
        // Between the tokens of JSON, where alone line ends may stand, they mean nothing.
        Some(raw) => raw.replace(['\r', '\n'], " "),
        None => serde_json::to_string(post)?,
    };
    Ok(RawValue::from_string(json).ok())
}

fn row<'a>(id: &'a str, text: &'a str, reading: &'a Reading, extra: Extra<'a>) -> Row<'a> {
    Row {
        id,
        lang: reading.lang.code(),
        lang_confidence: (reading.lang.confidence() * 1000.0).round() / 1000.0,
        kind: reading.kind,
        down: &reading.down,
        moves: reading.moves.iter().map(|step| (step.from.as_ref().map(ServiceId::as_str), step.to.as_str())).collect(),
        evidence: reading
            .evidence
            .iter()
            .map(|evidence| EvidenceRow {
                term: evidence.term.as_str(),
                span: (evidence.span.start, evidence.span.end),
                text: &text[evidence.span.start as usize..evidence.span.end as usize],
            })
            .collect(),
        extra,
    }
}
