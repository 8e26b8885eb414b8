//! What patterns match and what they do not.

use super::*;
use crate::normalize::words::Words;
use crate::tag::lexicon::vocabulary::Vocabulary;

/// Matches `pattern` anywhere in `text`, in which "zap" and "insta" are services.
fn is_hit(pattern: &str, text: &str) -> bool {
    let mut vocabulary = Vocabulary::default();
    let pattern = Pattern::parse(pattern, &mut vocabulary).unwrap();
    let words = Words::plain(text);
    let mut text = Text::new(&words, &vocabulary);
    text.places = (0..words.len())
        .filter(|&i| matches!(words.text(i), "zap" | "insta"))
        .map(|i| Place { from: i, to: i + 1, service: 0 })
        .collect();
    let hits = Index::new(vec![(7, pattern)]).find(&text);
    hits.iter().any(|hit| hit.tag == 7)
}

#[test]
fn patterns_match_words() {
    for (pattern, text, expected) in [
        ("caiu", "o zap caiu", true),
        ("caiu", "caiuzinho", false),
        ("trav* tudo", "travando tudo", true),
        ("$S ..2 caiu", "zap já me caiu", true),
        ("$S ..2 caiu", "zap já me foi e caiu", false),
        ("$S ..3 caiu", "zap. e caiu", false),
        ("caiu o? $S", "caiu insta", true),
        ("$S down >", "zap down 😭 #help", true),
        ("$S down >", "zap down to earth", false),
        ("< down", "@joe down", true),
        ("< down", "all down", false),
        ("< $S down", "insta e zap down", true),
        ("< $S down", "meu zap down", false),
        ("$N (horas|h) sem", "3 horas sem zap", true),
        ("can't send", "cant send", true),
        ("طاح", "وطاح الواتس", true),
        ("واتساب", "بالواتساب", true),
        ("a|b (c d|e)? f", "b c d f", true),
        ("a|b (c d|e)? f", "b f", true),
        ("a|b (c d|e)? f", "b c f", false),
        ("down", "up and down. down", true),
        ("$S (is|was)? so slow", "my insta was so slow", true),
        ("it ..2 crashes", "crashes it now. it just now crashes", true),
        ("it ..2 crashes", "it. crashes", false),
        ("(no|sem) (a b|c trav*)", "sem c travou", true),
        ("$N", "since 10h", true),
        ("< $S", "zap", true),
    ] {
        assert_eq!(is_hit(pattern, text), expected, "{pattern} / {text}");
    }
}
