//! Tables and posts as one page that needs nothing but itself: no script, no font, no picture, no request.

use std::io::{self, Write};

use askama::Template;

use super::html::{STYLE, style_hash};
use super::text::{excerpt, lang_attribute, one_line};

/// Longest text of a post, in characters.
const POST_CHARS: usize = 500;

/// A page of tables.
#[derive(Debug, Clone, Default)]
pub struct TablesPage {
    /// Title.
    pub title: String,
    /// Sentences under the title.
    pub summary: Vec<String>,
    /// Tables, in order.
    pub tables: Vec<PageTable>,
    /// Posts, in order.
    pub posts: Vec<PagePost>,
}

/// A table. The first column has names, the others numbers.
#[derive(Debug, Clone)]
pub struct PageTable {
    /// What it shows.
    pub title: String,
    /// Names of the columns.
    pub header: Vec<String>,
    /// Cells.
    pub rows: Vec<Vec<String>>,
}

/// A post with what is said of it.
#[derive(Debug, Clone)]
pub struct PagePost {
    /// Which one.
    pub heading: String,
    /// Code of its language.
    pub lang: String,
    /// Its text, as it was written.
    pub text: String,
    /// What is said of it.
    pub lines: Vec<String>,
}

#[derive(Template)]
#[template(path = "tables.html")]
struct Page<'a> {
    style: String,
    style_hash: String,
    page: &'a TablesPage,
    posts: Vec<PostRow>,
}

struct PostRow {
    heading: String,
    lang: String,
    text: String,
    lines: Vec<String>,
}

/// Writes the page.
///
/// # Errors
/// Where it cannot be written.
pub fn write_tables_html(page: &TablesPage, out: &mut dyn Write) -> io::Result<()> {
    let style = STYLE.to_owned() + include_str!("../../templates/tables.css");
    let post = |post: &PagePost| PostRow {
        heading: one_line(&post.heading),
        lang: lang_attribute(&post.lang).to_owned(),
        text: excerpt(&post.text, POST_CHARS),
        lines: post.lines.iter().map(|line| one_line(line)).collect(),
    };
    let page = Page { style_hash: style_hash(&style), style, page, posts: page.posts.iter().map(post).collect() };
    out.write_all(page.render().map_err(io::Error::other)?.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_post_says_stays_text() {
        let page = TablesPage {
            title: "Readings <b>".to_owned(),
            summary: vec!["3 labels & more".to_owned()],
            tables: vec![PageTable {
                title: "Scores".to_owned(),
                header: vec!["why".to_owned(), "n".to_owned()],
                rows: vec![vec!["<img src=x>".to_owned(), "3".to_owned()]],
            }],
            posts: vec![PagePost {
                heading: "a\u{202E}b".to_owned(),
                lang: "ar\" onload=\"x".to_owned(),
                text: "<script>alert(1)</script> الواتساب طاح\u{202E}".to_owned(),
                lines: vec!["label other []".to_owned()],
            }],
        };
        let mut bytes = Vec::new();
        write_tables_html(&page, &mut bytes).unwrap();
        let html = String::from_utf8(bytes).unwrap();
        for bad in ["<script", "<img", "<b>", "onload", "\u{202E}"] {
            assert!(!html.contains(bad), "{bad} in {html}");
        }
        for good in ["<bdi dir=\"auto\">", "الواتساب طاح", "lang=\"und\"", "light dark", "style-src 'sha256-"]
        {
            assert!(html.contains(good), "{good} not in {html}");
        }
    }
}
