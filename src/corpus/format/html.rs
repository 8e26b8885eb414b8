//! HTML of a post to plain text whose lines are the blocks, so that words of two blocks stay apart.

use scraper::{Html, Node};

use super::Fault;
use crate::corpus::outcome::Reason;

/// Most tags of a post: the time of an HTML parser grows with the square of the nesting.
const MAX_TAGS: usize = 2_000;

/// Elements that stand on lines of their own.
const BLOCKS: [&str; 13] = ["p", "div", "li", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"];

/// As [`to_text`]; a fault where there are more tags than any post has.
pub(super) fn checked(html: &str) -> Result<String, Fault> {
    match memchr::memchr_iter(b'<', html.as_bytes()).nth(MAX_TAGS) {
        Some(_) => Err(Fault::new(Reason::TooLong, "more than 2,000 tags")),
        None => Ok(to_text(html)),
    }
}

/// As [`to_text`], of the beginning where there are more tags than any post has: an article may be long.
pub(in crate::corpus) fn beginning(html: &str) -> String {
    let end = memchr::memchr_iter(b'<', html.as_bytes()).nth(MAX_TAGS).unwrap_or(html.len());
    to_text(&html[..end])
}

/// The text of an HTML fragment: `<br>` and blocks become line ends, entities their characters.
/// Links keep their whole address, of which Mastodon hides the beginning and the end; its
/// "RE:" line for clients that know no quotes is left out.
pub(in crate::corpus) fn to_text(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return html.trim().to_owned();
    }
    let document = Html::parse_fragment(html);
    let mut text = String::with_capacity(html.len() / 2);
    let root = document.tree.root();
    let mut node = root;
    // Walked without recursion, because hostile markup nests as deep as it likes.
    loop {
        let mut enter = true;
        match node.value() {
            Node::Text(words) => push_words(&mut text, words),
            Node::Element(element) => match element.name() {
                "br" => text.push('\n'),
                "script" | "style" => enter = false,
                "p" if element.classes().any(|class| class == "quote-inline") => enter = false,
                name if BLOCKS.contains(&name) => end_line(&mut text),
                _ => {}
            },
            _ => {}
        }
        if enter && let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        loop {
            if let Node::Element(element) = node.value()
                && BLOCKS.contains(&element.name())
            {
                end_line(&mut text);
            }
            if node == root {
                return text.trim().to_owned();
            }
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            match node.parent() {
                Some(parent) => node = parent,
                None => return text.trim().to_owned(),
            }
        }
    }
}

/// Line ends of the source are blanks in HTML.
fn push_words(text: &mut String, words: &str) {
    text.extend(words.chars().map(|char| if matches!(char, '\n' | '\r' | '\t') { ' ' } else { char }));
}

fn end_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_become_lines() {
        let check = |html: &str, want: &str| assert_eq!(to_text(html), want, "{html}");
        check("", "");
        check("plain", "plain");
        check("<p>down<br>again</p><p>since noon</p>", "down\nagain\nsince noon");
        check("<p>down<br />again</p>", "down\nagain");
        check("<p>AT&amp;T &lt;down&gt; caf&eacute; &#x1F525;</p>", "AT&T <down> café 🔥");
        check("<ul><li>one</li><li>two</li></ul>", "one\ntwo");
        check(
            r#"<p>see <a href="https://x.test/long"><span class="invisible">https://</span><span class="ellipsis">x.test/lo</span><span class="invisible">ng</span></a></p>"#,
            "see https://x.test/long",
        );
        check(r##"<p>is <a href="#">#<span>whatsapp</span></a> down?</p>"##, "is #whatsapp down?");
        check(r#"<p class="quote-inline">RE: <a href="https://x.test">x</a></p><p>mine</p>"#, "mine");
        check("<script>alert(1)</script><p>ok</p>", "ok");
        check("<p>unclosed <b>tags", "unclosed tags");
        check(&format!("{}x", "<div>".repeat(500)), "x");
        let long = format!("x{}y", "<div>".repeat(3_000));
        assert_eq!((checked(&long).unwrap_err().reason, beginning(&long).as_str()), (Reason::TooLong, "x"));
    }
}
