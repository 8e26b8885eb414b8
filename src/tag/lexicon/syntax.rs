//! The little pattern language of lexicon rows: see lexicons/README.md.

use super::anchor;
use super::pattern::{ANY, Atom, Firsts, Head, Node, Pattern, WordSet};
use super::vocabulary::Vocabulary;
use crate::normalize::words::Words;

impl Pattern {
    /// Parses and folds a pattern and adds its words to the vocabulary.
    ///
    /// # Errors
    /// What is wrong, in words, with what would be right.
    pub fn parse(text: &str, vocabulary: &mut Vocabulary) -> Result<Self, String> {
        let mut nodes = Vec::new();
        for token in tokens(text)? {
            let node = match token {
                gap if gap.starts_with("..") => match gap[2..].parse() {
                    Ok(count @ 1..=12) => Node::Gap(count),
                    _ => return Err(format!("'{gap}': a gap is written ..1 to ..12")),
                },
                mark if mark.chars().all(|c| c.is_ascii_punctuation() && !"<>".contains(c)) => continue,
                "<" => Node::Start,
                ">" => Node::End,
                other => either(other, vocabulary)?,
            };
            nodes.push(node);
        }
        match nodes.first() {
            None => Err("the pattern is empty".to_owned()),
            Some(Node::Gap(_)) => Err(format!("'{text}' begins with a gap: leave the gap out")),
            Some(_) if !nodes.iter().any(|n| matches!(n, Node::Either { optional: false, .. })) => {
                Err(format!("'{text}' needs at least one part that may not be missing"))
            }
            Some(_) => {
                let (anchor, needs) = anchor::find(&nodes, |word| vocabulary.commonness(word));
                Ok(Self { firsts: firsts(&nodes), nodes: nodes.into(), anchor, needs })
            }
        }
    }
}

/// The patterns of a list, parsed, each as many as it stands for.
///
/// # Errors
/// What is wrong with the first that cannot be parsed.
pub(super) fn compile_patterns(texts: &[String], vocabulary: &mut Vocabulary) -> Result<Vec<Pattern>, String> {
    let mut patterns = Vec::new();
    for text in texts {
        for text in written_out(text)? {
            patterns.push(Pattern::parse(&text, vocabulary)?);
        }
    }
    Ok(patterns)
}

/// A pattern as several, so that `<` and `>` stand in no group: `a (b|c >|>)` is `a b`, `a c >` and `a >`.
fn written_out(text: &str) -> Result<Vec<String>, String> {
    let mut out = vec![String::new()];
    for token in tokens(text)? {
        let (body, mark) = token.strip_suffix('?').map_or((token, ""), |body| (body, "?"));
        let inner = body.strip_prefix('(').and_then(|body| body.strip_suffix(')'));
        let is_bound = |part: &&str| part.split_ascii_whitespace().any(|word| word == "<" || word == ">");
        let (bound, free): (Vec<&str>, Vec<&str>) = inner.unwrap_or_default().split('|').partition(is_bound);
        let mut choices = vec![token.to_owned()];
        if !bound.is_empty() {
            choices = bound.iter().map(|part| (*part).to_owned()).collect();
            if !free.is_empty() {
                choices.push(format!("({}){mark}", free.join("|")));
            } else if !mark.is_empty() {
                choices.push(String::new());
            }
        }
        out = out.iter().flat_map(|head| choices.iter().map(move |choice| format!("{head} {choice}"))).collect();
    }
    Ok(out)
}

/// Cuts a pattern at spaces outside brackets.
fn tokens(text: &str) -> Result<Vec<&str>, String> {
    let mut out = Vec::new();
    let (mut start, mut depth) = (0, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' if depth > 0 => return Err(format!("'{text}': groups do not nest")),
            '(' => depth += 1,
            ')' if depth == 0 => return Err(format!("'{text}': a bracket closes that was not opened")),
            ')' => depth -= 1,
            _ => {}
        }
        if c.is_ascii_whitespace() && depth == 0 {
            out.push(&text[start..at]);
            start = at + 1;
        }
    }
    if depth > 0 {
        return Err(format!("'{text}': a bracket is not closed"));
    }
    out.push(&text[start..]);
    out.retain(|token| !token.is_empty());
    Ok(out)
}

fn either(token: &str, vocabulary: &mut Vocabulary) -> Result<Node, String> {
    let (body, optional) = match token.strip_suffix('?') {
        Some(body) => (body, true),
        None => (token, false),
    };
    let inner = body.strip_prefix('(').and_then(|b| b.strip_suffix(')')).unwrap_or(body);
    if inner.contains(['(', ')', '?']) {
        return Err(format!("'{token}': put spaces around groups, and '?' only behind a word or a group"));
    }
    let mut alternatives = Vec::new();
    for part in inner.split('|') {
        let num_words = part.split_ascii_whitespace().count();
        if num_words == 0 {
            return Err(format!("'{token}': an alternative is empty"));
        }
        let mut sequence = Vec::with_capacity(num_words);
        part.split_ascii_whitespace().try_for_each(|word| add_atoms(word, vocabulary, &mut sequence))?;
        alternatives.push(sequence);
    }
    // Punctuation is no word: an alternative of nothing else ("&") is nothing between the words around it.
    let optional = optional || alternatives.iter().any(Vec::is_empty);
    alternatives.retain(|atoms| !atoms.is_empty());
    let head = |atoms: &Vec<Atom>| match atoms.first() {
        Some(Atom::Word(id)) => *id,
        _ => ANY,
    };
    let firsts = WordSet::of(&alternatives.iter().map(head).collect::<Vec<_>>());
    let mut heads: Box<[_]> = (0..)
        .zip(&alternatives)
        .map(|(sequence, atoms)| {
            let (second, num_words) = match atoms[..] {
                [Atom::Word(_)] => (ANY, 1),
                [Atom::Word(_), Atom::Word(second)] => (second, 2),
                [_, Atom::Word(second), ..] => (second, 0),
                _ => (ANY, 0),
            };
            Head { word: head(atoms), second, sequence, num_words }
        })
        .collect();
    heads.sort_unstable_by_key(|head| (head.word, head.sequence));
    Ok(Node::Either { alternatives, optional, firsts, heads })
}

fn firsts(nodes: &[Node]) -> Firsts {
    let mut all = Firsts::default();
    for node in nodes {
        match node {
            Node::Either { alternatives, optional, .. } => {
                for atom in alternatives.iter().filter_map(|atoms| atoms.first()) {
                    match atom {
                        Atom::Word(id) => all.words.add(*id),
                        Atom::Service | Atom::To | Atom::From => all.has_slot = true,
                        Atom::Prefix(_) | Atom::Number => all.has_other = true,
                    }
                }
                if !optional {
                    return all;
                }
            }
            Node::Start => {}
            Node::Gap(_) | Node::End => return Firsts { has_other: true, ..all },
        }
    }
    all
}

/// A written word may fold to several (`it's`).
fn add_atoms(word: &str, vocabulary: &mut Vocabulary, out: &mut Vec<Atom>) -> Result<(), String> {
    out.push(match word {
        "$S" => Atom::Service,
        "$TO" => Atom::To,
        "$FROM" => Atom::From,
        "$N" => Atom::Number,
        slot if slot.starts_with('$') => return Err(format!("'{slot}' is no slot: use $S, $TO, $FROM or $N")),
        stem if stem.ends_with('*') => {
            let words = Words::plain(stem.trim_end_matches('*'));
            if words.len() != 1 || words.text(0).chars().count() < 3 {
                return Err(format!("'{stem}': at least three letters of one word stand before the star"));
            }
            Atom::Prefix(words.text(0).into())
        }
        plain => {
            vocabulary.add_written(plain.trim_start_matches(['#', '@']), |id| out.push(Atom::Word(id)));
            return Ok(());
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_leave_their_groups() {
        for (text, expected) in [
            ("a (b|c) >", " a (b|c) >"),
            ("a (b|c >|>)", " a c >, a >, a (b)"),
            ("(<|o) a (b|>)?", " < a >, < a (b)?, (o) a >, (o) a (b)?"),
            ("a (>)?", " a >, a "),
        ] {
            assert_eq!(written_out(text).unwrap().join(","), expected, "{text}");
        }
    }

    #[test]
    fn patterns_are_parsed_or_refused() {
        for (text, is_good) in [
            ("a b|c (d e|f)? ..3 trav* $S", true),
            ("< $S down >", true),
            ("it's down", true),
            ("..3 down", false),
            ("(a (b))", false),
            ("a? b?", false),
            ("tr*", false),
            ("$X", false),
            ("a (b", false),
            ("", false),
            ("!!", false),
        ] {
            let mut vocabulary = Vocabulary::default();
            assert_eq!(Pattern::parse(text, &mut vocabulary).is_ok(), is_good, "{text}");
        }
    }
}
