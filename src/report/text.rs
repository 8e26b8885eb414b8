//! Making hostile text harmless for the place where it is shown: page, terminal, spreadsheet.

/// The text on one line, without control characters, terminal escapes and characters that turn the
/// direction of what stands behind them; white space of any length becomes one space.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || is_line_break(c)) {
        let before = line.len();
        line.extend(word.chars().filter(|&c| !is_harmful(c)));
        if line.len() > before && before > 0 {
            line.insert(before, ' ');
        }
    }
    line
}

/// Like [`one_line`], cut to `max_chars` characters with an ellipsis where it is longer.
pub fn excerpt(text: &str, max_chars: usize) -> String {
    let line = one_line(text);
    match line.char_indices().nth(max_chars) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Controls (and with them every terminal escape), bidirectional marks, embeddings, overrides and
/// isolates, the byte order mark, interlinear and tag characters. Joiners stay: Persian and emoji need them.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// The link if it is http or https and free of characters that could leave an attribute or a line.
pub fn safe_url(url: &str) -> Option<&str> {
    let scheme = url.split_once("://").map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
    let (scheme, rest) = scheme?;
    let clean = !rest.is_empty()
        && rest
            .chars()
            .all(|c| !c.is_whitespace() && !is_harmful(c) && !matches!(c, '"' | '\'' | '<' | '>' | '`' | '\\'));
    (clean && matches!(scheme.as_str(), "http" | "https")).then_some(url)
}

/// Text on one line for XML and HTML, inside an element or an attribute in either kind of quotes.
pub fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // No character of XML 1.0 at all.
            '\u{FFFE}' | '\u{FFFF}' => {}
            _ => escaped.push(c),
        }
    }
    escaped
}

/// A language code that may stand in a `lang` attribute, else `und`.
pub fn lang_attribute(code: &str) -> &str {
    let plain = (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase());
    if plain { code } else { "und" }
}

/// A text cell that no spreadsheet takes for a formula: one that begins like a formula gets an
/// apostrophe in front, and so does one that is already a formula behind apostrophes, so that
/// [`formula_restore`] can tell the two apart.
pub fn formula_safe(cell: &str) -> String {
    if begins_like_formula(cell.trim_start_matches('\'')) { format!("'{cell}") } else { cell.to_owned() }
}

/// The cell as it was before [`formula_safe`].
pub fn formula_restore(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if begins_like_formula(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

fn begins_like_formula(cell: &str) -> bool {
    // The full-width forms are taken for formulas by some locales of spreadsheets.
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_of_harmless_text() {
        for (hostile, harmless) in [
            ("whatsapp caiu\r\n  de  novo\t?", "whatsapp caiu de novo ?"),
            ("\u{1b}[31mred\u{1b}[0m \u{9b}2Jclear", "[31mred[0m 2Jclear"),
            ("\u{1b}]8;;http://evil\u{7}click\u{1b}]8;;\u{7}", "]8;;http://evilclick]8;;"),
            ("abc\u{202E}fdp.exe\u{202C}", "abcfdp.exe"),
            ("\u{2066}x\u{2069}\u{200F}y\u{061C}", "xy"),
            ("می\u{200C}خواهم 👩\u{200D}💻", "می\u{200C}خواهم 👩\u{200D}💻"),
            ("a\u{2028}b\u{0}c", "a bc"),
            (" \u{202E} ", ""),
        ] {
            assert_eq!(one_line(hostile), harmless, "{hostile:?}");
        }
    }

    #[test]
    fn an_excerpt_counts_characters() {
        assert_eq!(excerpt("واتساب واقف", 6), "واتساب…");
        assert_eq!(excerpt("واتساب", 6), "واتساب");
    }

    #[test]
    fn only_web_links_are_links() {
        for (url, safe) in [
            ("https://example.org/p/1?a=b&c=d", true),
            ("HTTP://example.org/x", true),
            ("javascript:alert(1)", false),
            ("javascript://example.org/%0aalert(1)", false),
            ("data:text/html,<script>", false),
            ("https://", false),
            ("https://a\" onclick=\"b", false),
            ("https://exa\u{202E}mple.org", false),
            ("//example.org", false),
        ] {
            assert_eq!(safe_url(url).is_some(), safe, "{url}");
        }
    }

    #[test]
    fn formulas_are_disarmed_and_restored() {
        for (cell, safe) in [
            ("whatsapp", "whatsapp"),
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@x", "'@x"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("'quoted", "'quoted"),
            ("'=x", "''=x"),
            ("", ""),
        ] {
            assert_eq!(formula_safe(cell), safe);
            assert_eq!(formula_restore(safe), cell);
        }
    }

    #[test]
    fn xml_has_no_markup_of_others() {
        assert_eq!(xml("<a b='c\" d>&\u{FFFE}\u{0}\nx"), "&lt;a b=&#39;c&quot; d&gt;&amp; x");
    }

    #[test]
    fn only_codes_are_languages() {
        assert_eq!(lang_attribute("pt"), "pt");
        assert_eq!(lang_attribute("x\" onload=\"y"), "und");
    }
}
