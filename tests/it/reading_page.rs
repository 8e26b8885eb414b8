//! `docs/reading.md` and the front page: each post is read as the page says.

use caiu::model::{Reading, ServiceId};

use crate::support::{run, tagger};

const PAGE: &str = include_str!("../../docs/reading.md");

/// A block of the page: what follows the names at the beginnings of its lines.
fn field<'p>(block: &'p str, name: &str) -> Option<&'p str> {
    block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).map(str::trim)
}

/// Blocks of the page that hold a post.
fn blocks() -> Vec<&'static str> {
    PAGE.split("```").filter(|block| block.starts_with("text\npost")).collect()
}

/// `language kind [services] moves`, as the page writes it.
fn told(reading: &Reading) -> String {
    let down: Vec<&str> = reading.down.iter().map(ServiceId::as_str).collect();
    let step =
        |from: &Option<ServiceId>, to: &ServiceId| format!("{}>{to}", from.as_ref().map_or("?", ServiceId::as_str));
    let moves: Vec<String> = reading.moves.iter().map(|one| step(&one.from, &one.to)).collect();
    format!("{} {} [{}] {}", reading.lang.code(), reading.kind, down.join(","), moves.join(" ")).trim_end().to_owned()
}

#[test]
fn posts_are_read_as_the_page_says() {
    let mut wrong = Vec::new();
    for block in blocks() {
        let (post, said) = (field(block, "post").unwrap(), field(block, "reading").unwrap());
        let reading = tagger().read(post, None);
        if told(&reading) != said {
            wrong.push(format!("{post}\n  page     {said}\n  program  {}", told(&reading)));
        }
        for row in field(block, "rows").unwrap_or("-").split_whitespace().filter(|row| *row != "-") {
            if !reading.evidence.iter().any(|evidence| evidence.term.as_str() == row) {
                wrong.push(format!("{post}\n  {row} is no evidence"));
            }
        }
        if field(block, "should") == Some(said) {
            wrong.push(format!("{post}\n  is read rightly now: it belongs to the worked posts"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn each_language_has_ten_worked_posts() {
    for lang in ["pt", "en", "ar"] {
        let is_worked = |block: &&str| {
            field(block, "rows").is_some() && field(block, "reading").is_some_and(|said| said.starts_with(lang))
        };
        assert_eq!(blocks().into_iter().filter(is_worked).count(), 10, "{lang}");
    }
    assert!(blocks().iter().filter(|block| field(block, "should").is_some()).count() >= 5);
}

#[test]
fn the_front_page_explains_as_the_program_does() {
    const POST: &str = "zap caiu, fui pro telegram";
    let readme = include_str!("../../README.md");
    let (_, block) = readme.split_once(&format!("$ caiu tag --explain \"{POST}\"\n")).unwrap();
    let (page, _) = block.split_once("```").unwrap();
    assert_eq!(page, run(&["tag", "--explain", POST], "").out);
}
