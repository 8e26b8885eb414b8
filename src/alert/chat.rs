//! Text for chats: what they would take for markup, a mention or a link of their own is made harmless.

/// Splits what chats take for a mention: a character without width behind every `@`.
pub(super) fn no_mentions(text: &str) -> String {
    text.replace('@', "@\u{200B}")
}

/// The text, cut to so many UTF-16 units, which is how these chats count.
pub(super) fn cut(text: &str, max_units: usize) -> String {
    if text.encode_utf16().count() <= max_units {
        return text.to_owned();
    }
    let mut left = max_units.saturating_sub(1);
    let fits = |c: &char| {
        let is_fit = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        is_fit
    };
    let mut cut: String = text.chars().take_while(fits).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_as_chats_count() {
        assert_eq!(cut("zap caiu", 8), "zap caiu");
        assert_eq!(cut("zap caiu!", 8), "zap cai…");
        assert_eq!(cut("👩👩👩", 4), "👩…");
        assert_eq!(no_mentions("@everyone a@b"), "@\u{200B}everyone a@\u{200B}b");
    }
}
