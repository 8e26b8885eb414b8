//! `caiu search`: posts of an index by their words and readings.

use std::io::{IsTerminal, Write, stdout};

use chrono_tz::Tz;
use clap::ValueEnum;
use serde_json::{Value, json};

use super::output::{Found, one_line, tell};
use super::place::{IndexArg, SpanArgs};
use crate::index::query::{FIELDS, Query};
use crate::index::{Hit, Sort};
use crate::model::ServiceId;

/// Stand around a mark while the text is made harmless: private characters, taken out of the text before.
const MARKS: [char; 2] = ['\u{E000}', '\u{E001}'];

/// Find posts in an index.
#[derive(Debug, clap::Args)]
#[command(after_help = help())]
pub struct Args {
    /// What to look for; everything if left out
    #[arg(default_value = "", value_name = "QUERY")]
    query: String,
    #[command(flatten)]
    index: IndexArg,
    #[command(flatten)]
    span: SpanArgs,
    /// Most posts shown
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// Order: newest first, oldest first, or best match first
    #[arg(long, value_enum, default_value = "-time", allow_hyphen_values = true)]
    sort: Order,
    /// Go on behind an earlier answer, which told this
    #[arg(long, value_name = "PAGE", allow_hyphen_values = true)]
    after: Option<String>,
    /// Print one JSON object per post
    #[arg(long)]
    json: bool,
}

/// Order of what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Order {
    /// Oldest first
    #[value(name = "time")]
    Oldest,
    /// Newest first
    #[value(name = "-time")]
    Newest,
    /// Best match of the words first
    Score,
}

fn help() -> String {
    let fields: String = FIELDS.iter().map(|(name, holds)| format!("  {name:<10} {holds}\n")).collect();
    format!(
        "Words meet posts without case, accents and Arabic variants of letters. Parts are joined by AND (or nothing), OR, NOT \
        (or a -) and parentheses; \"words in quotes\" stand in this order. Fields, written FIELD:VALUE or FIELD:(A OR B):\n\
        {fields}\nExit codes: 0 found, 1 nothing found, 2 error.\n\nExamples:\n  \
        caiu search 'zap caiu'\n  caiu search 'down:whatsapp kind:complaint lang:ar' --from 2021-10-04 --sort time\n  \
        caiu search 'move:>telegram -lang:en' --json | jq -r .text\n  \
        caiu search '\"fora do ar\" OR \"não funciona\"' --sort score --limit 5"
    )
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    let (from, to) = args.span.read(Tz::UTC)?;
    let query = Query::parse(&args.query)?;
    let query = if from.is_some() || to.is_some() { query.and(Query::between(from, to)) } else { query };
    let reader = args.index.open()?;
    let sort = match args.sort {
        Order::Oldest => Sort::Oldest,
        Order::Newest => Sort::Newest,
        Order::Score => Sort::Score,
    };
    let found = reader.search(&query, sort, args.limit, args.after.as_deref())?;
    let is_terminal = stdout().is_terminal();
    let has_color = is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let mut out = stdout().lock();
    for hit in &found.hits {
        if args.json {
            serde_json::to_writer(&mut out, &to_json(hit))?;
            writeln!(out)?;
        } else {
            writeln!(out, "{}", to_line(hit, is_terminal, has_color))?;
        }
    }
    out.flush()?;
    match &found.next {
        Some(next) => tell(format_args!("{} of {}; the next ones: --after {next}", found.hits.len(), found.total)),
        None => tell(format_args!("{} found", found.total)),
    }
    Ok(Found::when(found.total > 0))
}

/// Time, kind, language, services and text on one line; the text last, since it may run the other way.
fn to_line(hit: &Hit, is_terminal: bool, has_color: bool) -> String {
    let post = &hit.post;
    let names: Vec<&str> = post.named.iter().map(ServiceId::as_str).collect();
    let named = if names.is_empty() { "-".to_owned() } else { names.join(",") };
    let text = one_line(&marked(post.text.as_deref().unwrap_or_default(), hit));
    let (on, off) = if has_color { ("\u{1b}[1;33m", "\u{1b}[0m") } else { ("", "") };
    let text = text.replace(MARKS[0], on).replace(MARKS[1], off);
    // Isolated, a text of either direction leaves the rest of the line alone.
    let text = if is_terminal { format!("\u{2068}{text}\u{2069}") } else { text };
    format!("{}  {:<9}  {:<3}  {named:<10}  {text}", post.at.format("%Y-%m-%d %H:%M:%SZ"), post.kind, post.lang_code())
}

/// The text with its marks between [`MARKS`].
fn marked(text: &str, hit: &Hit) -> String {
    let bare = |part: &str| part.replace(MARKS, "");
    let (mut out, mut at) = (String::new(), 0);
    for mark in &hit.marks {
        let (Some(before), Some(inside)) = (text.get(at..mark.start), text.get(mark.clone())) else { continue };
        out.push_str(&bare(before));
        out.push(MARKS[0]);
        out.push_str(&bare(inside));
        out.push(MARKS[1]);
        at = mark.end;
    }
    out.push_str(&bare(text.get(at..).unwrap_or_default()));
    out
}

/// A found post as it is told to programs: keys are written in hexadecimal, which every reader holds exactly.
fn to_json(hit: &Hit) -> Value {
    let post = &hit.post;
    let text = post.text.as_deref().unwrap_or_default();
    let evidence = post.evidence.iter().map(
        |(term, from, to)| json!({ "term": term, "span": [from, to], "text": text.get(*from as usize..*to as usize) }),
    );
    json!({
        "id": post.id,
        "platform": post.platform,
        "feed": post.feed,
        "at": post.at,
        "seen_at": post.seen_at,
        "kind": post.kind,
        "lang": post.lang_code(),
        "down": post.down,
        "named": post.named,
        "moves": post.moves,
        "country": post.country,
        "author": post.author.map(|author| format!("{:016x}", author.0)),
        "text": post.text,
        "url": post.url,
        "evidence": evidence.collect::<Vec<_>>(),
        "marks": hit.marks.iter().map(|mark| [mark.start, mark.end]).collect::<Vec<_>>(),
        "score": hit.score,
    })
}
