//! How well languages are told: `cargo run --release --example langid -- FILE…`.
//!
//! A file is a table with tabs whose header names the columns `lang` and `text` (a column `kind` makes parts), or labels
//! as JSON lines with `lang` and `text`. Prints, for each file: the share that is right by language and length (a
//! language that the program does not tell is not right or wrong but read as itself or not), and for the languages that
//! are no subject of ours the share that passes for Arabic, English or Portuguese.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use caiu::tag::Tagger;
use serde_json::Value;

/// The languages that this program is about.
const OURS: [&str; 3] = ["ar", "en", "pt"];
/// Shortest and longest text of each column in characters.
const LENGTHS: [(usize, usize); 4] = [(0, 14), (15, 39), (40, 99), (100, usize::MAX)];

/// Readings of one language: how often each answer was given, by length.
#[derive(Default)]
struct Answers {
    by_length: [BTreeMap<String, usize>; LENGTHS.len()],
}

impl Answers {
    /// Texts of the lengths `from..`, and those of them with one of the answers.
    fn count(&self, lengths: std::ops::Range<usize>, is_counted: impl Fn(&str) -> bool) -> (usize, usize) {
        let all = || self.by_length[lengths.clone()].iter().flatten();
        let counted = all().filter(|(answer, _)| is_counted(answer));
        (all().map(|(_, count)| count).sum(), counted.map(|(_, count)| count).sum())
    }
}

fn main() -> ExitCode {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.is_empty() {
        eprintln!("langid: name tables with the columns 'lang' and 'text', or files of labels");
        return ExitCode::from(2);
    }
    let tagger = match Tagger::builtin() {
        Ok(tagger) => tagger,
        Err(error) => {
            eprintln!("langid: {error}");
            return ExitCode::from(2);
        }
    };
    for path in &paths {
        match texts(Path::new(path)) {
            Ok(texts) => print(path, &texts, &tagger),
            Err(error) => {
                eprintln!("langid: {path}: {error}");
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::SUCCESS
}

/// Languages and texts of a file.
fn texts(path: &Path) -> Result<Vec<(String, String)>, String> {
    let content = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    if content.starts_with('{') {
        let row = |line: &str| {
            let value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
            let field = |key: &str| value[key].as_str().map(str::to_owned).ok_or(format!("a row has no '{key}'"));
            Ok((field("lang")?, field("text")?))
        };
        return content.lines().filter(|line| !line.trim().is_empty()).map(row).collect();
    }
    let mut lines = content.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let column = |name: &str| header.iter().position(|column| *column == name).ok_or(format!("no column '{name}'"));
    let (lang, text) = (column("lang")?, column("text")?);
    let kind = column("kind").ok();
    let rows = lines.map(|line| line.split('\t').collect::<Vec<&str>>()).filter(|row| row.len() == header.len());
    let name = |row: &[&str]| kind.map_or(row[lang].to_owned(), |kind| format!("{} {}", row[lang], row[kind]));
    Ok(rows.map(|row| (name(&row), row[text].to_owned())).collect())
}

fn print(path: &str, texts: &[(String, String)], tagger: &Tagger) {
    let mut by_lang: BTreeMap<&str, Answers> = BTreeMap::new();
    let started = Instant::now();
    for (lang, text) in texts {
        let answer = tagger.read(text, None).lang.code().to_owned();
        let length = text.chars().count();
        let column = LENGTHS.iter().position(|(_, most)| length <= *most).unwrap_or_default();
        *by_lang.entry(lang).or_default().by_length[column].entry(answer).or_default() += 1;
    }
    let took = started.elapsed();
    let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
    println!("{name}: {} texts, {:.0} a second", texts.len(), texts.len() as f64 / took.as_secs_f64());
    println!(
        "{:<18} {:>6} {:>13} {:>13} {:>13} {:>13} {:>13}  read as",
        "", "n", "0-14", "15-39", "40-99", "100-", "15-"
    );
    for (lang, answers) in &by_lang {
        let code = lang.split(' ').next().unwrap_or_default();
        // Of ours the share that is right, of others the share that passes for ours.
        let is_counted = |answer: &str| if OURS.contains(&code) { answer == code } else { OURS.contains(&answer) };
        let shares = (0..LENGTHS.len()).map(|at| at..at + 1).chain(std::iter::once(1..LENGTHS.len()));
        let shares: Vec<String> = shares.map(|lengths| shown(answers.count(lengths, is_counted))).collect();
        let mut read_as: BTreeMap<&str, usize> = BTreeMap::new();
        for (answer, count) in answers.by_length.iter().flatten() {
            *read_as.entry(answer).or_default() += count;
        }
        let mut read_as: Vec<(&str, usize)> = read_as.into_iter().filter(|(answer, _)| *answer != code).collect();
        read_as.sort_by_key(|&(answer, count)| (std::cmp::Reverse(count), answer));
        let read_as: Vec<String> = read_as.iter().take(5).map(|(answer, count)| format!("{answer} {count}")).collect();
        let what = if OURS.contains(&code) { "right" } else { "leaks" };
        println!(
            "{lang:<18} {:>6} {}  {what}; {}",
            answers.count(0..LENGTHS.len(), |_| true).0,
            shares.join(" "),
            read_as.join(", ")
        );
    }
    println!();
}

fn shown((all, counted): (usize, usize)) -> String {
    if all == 0 {
        return format!("{:>13}", "-");
    }
    format!("{:>13}", format!("{:.3} ({all})", counted as f64 / all as f64))
}
