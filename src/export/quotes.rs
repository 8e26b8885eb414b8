//! Quotes: of each language the posts that are nearest to the others, so that nobody chose what they say.
//!
//! Two posts are as near as the share of words and pairs of words that they have in common (Jaccard); words are folded
//! as the reading folds them. Each next quote is the one that brings most posts nearer to a quote than they were
//! (greedy k-medoids), which keeps two quotes from saying the same.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::story::Quote;
use crate::model::ClusterKey;
use crate::normalize::words::Words;
use crate::report::locale::is_service;

/// Candidates of a language that are compared with each other; the others are left out by their cluster's key, which is
/// as good as random.
const MOST_CANDIDATES: usize = 300;
/// Lengths in characters that read well.
const LENGTHS: std::ops::RangeInclusive<usize> = 12..=280;
/// A language with a smaller share of the candidates, or fewer posts, is as likely one that was guessed wrong.
const LEAST_SHARE: f64 = 0.02;
const LEAST_POSTS: usize = 2;
/// Words without which a post says too little.
const LEAST_WORDS: usize = 3;
/// Two quotes nearer than this are the same said twice.
const SAME: f64 = 0.7;
/// Stands in place of a person's account.
pub(super) const MENTION: &str = "@…";

/// A post that may be quoted.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// As it would be quoted.
    pub(super) quote: Quote,
    /// Equal for copies.
    pub(super) cluster: ClusterKey,
}

/// The `per_lang` medoids of each language, in time order; the order of the candidates does not matter.
pub(super) fn choose(candidates: Vec<Candidate>, per_lang: usize) -> Vec<Quote> {
    let mut by_lang: BTreeMap<String, BTreeMap<ClusterKey, Quote>> = BTreeMap::new();
    for Candidate { quote, cluster } in candidates {
        if !LENGTHS.contains(&quote.text.chars().count()) {
            continue;
        }
        let of_lang = by_lang.entry(quote.lang.clone()).or_default();
        // Of copies the first stays.
        match of_lang.get(&cluster) {
            Some(kept) if (kept.at, &kept.id) <= (quote.at, &quote.id) => {}
            _ => drop(of_lang.insert(cluster, quote)),
        }
    }
    let total: usize = by_lang.values().map(BTreeMap::len).sum();
    by_lang.retain(|_, quotes| {
        quotes.len() as f64 >= LEAST_SHARE * total as f64 && quotes.len() >= LEAST_POSTS.min(total)
    });
    let mut chosen: Vec<Quote> = by_lang.into_values().flat_map(|quotes| medoids(quotes, per_lang)).collect();
    chosen.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    for quote in &mut chosen {
        quote.text = without_mentions(&quote.text);
    }
    chosen
}

/// The medoids of one language.
fn medoids(quotes: BTreeMap<ClusterKey, Quote>, len: usize) -> Vec<Quote> {
    let posts: Vec<(Quote, BTreeSet<u64>)> = quotes
        .into_values()
        .filter_map(|quote| Some((shingles(&quote.text)?, quote)))
        .map(|(shingles, quote)| (quote, shingles))
        .take(MOST_CANDIDATES)
        .collect();
    let near: Vec<Vec<f64>> = posts.iter().map(|(_, a)| posts.iter().map(|(_, b)| jaccard(a, b)).collect()).collect();
    let mut reached = vec![0.0_f64; posts.len()];
    let mut chosen: Vec<usize> = Vec::new();
    while chosen.len() < len {
        let gain = |index: usize| -> f64 {
            near[index].iter().zip(&reached).map(|(near, reached)| (near - reached).max(0.0)).sum()
        };
        let fresh = (0..posts.len()).filter(|&index| chosen.iter().all(|&other| near[index][other] < SAME));
        // The first of equals, which are in the order of their keys.
        let best = fresh.map(|index| (gain(index), index)).fold(None, |best: Option<(f64, usize)>, item| {
            if best.is_some_and(|best| best.0 >= item.0) { best } else { Some(item) }
        });
        let Some((_, index)) = best else { break };
        chosen.push(index);
        reached.iter_mut().zip(&near[index]).for_each(|(reached, near)| *reached = reached.max(*near));
    }
    chosen.into_iter().filter_map(|index| posts.get(index)).map(|(quote, _)| quote.clone()).collect()
}

/// Words and pairs of words; `None` of a text with too few of them.
fn shingles(text: &str) -> Option<BTreeSet<u64>> {
    let words = Words::plain(text);
    if words.len() < LEAST_WORDS {
        return None;
    }
    let hash = |parts: &[&str]| {
        let mut hasher = DefaultHasher::new();
        parts.hash(&mut hasher);
        hasher.finish()
    };
    let texts: Vec<&str> = (0..words.len()).map(|index| words.text(index)).collect();
    Some(texts.iter().map(|word| hash(&[word])).chain(texts.windows(2).map(hash)).collect())
}

fn jaccard(a: &BTreeSet<u64>, b: &BTreeSet<u64>) -> f64 {
    let both = a.intersection(b).count();
    both as f64 / (a.len() + b.len() - both).max(1) as f64
}

/// The text with [`MENTION`] in place of accounts and mail addresses, those of services aside.
pub(super) fn without_mentions(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['@', '＠']) {
        let (before, from) = rest.split_at(at);
        let sign = from.chars().next().map_or(1, char::len_utf8);
        let name: &str = {
            let end = from[sign..].find(|c: char| !is_of_name(c)).map_or(from.len(), |end| sign + end);
            from[sign..end].trim_end_matches(['.', '-', '@'])
        };
        if name.is_empty() || is_service(name) {
            out.push_str(before);
            out.push_str(&from[..sign + name.len()]);
        } else {
            // What stands before it without a space is the name in a mail address or a fediverse handle.
            out.push_str(before.trim_end_matches(is_of_name));
            out.push_str(MENTION);
        }
        rest = &from[sign + name.len()..];
    }
    out.push_str(rest);
    out
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@' | '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(id: u64, lang: &str, text: &str) -> Candidate {
        let quote = Quote {
            id: id.to_string(),
            platform: None,
            at: "2021-10-04T15:41:00Z".parse().unwrap(),
            lang: lang.to_owned(),
            text: text.to_owned(),
            url: None,
            author: None,
        };
        Candidate { quote, cluster: ClusterKey(id) }
    }

    fn texts(quotes: &[Quote]) -> Vec<&str> {
        quotes.iter().map(|quote| quote.text.as_str()).collect()
    }

    #[test]
    fn the_nearest_of_each_language_speaks() {
        let posts = vec![
            candidate(1, "en", "is whatsapp down for everyone or just me"),
            candidate(2, "en", "whatsapp down for everyone or is it me"),
            candidate(3, "en", "whatsapp is down for everyone"),
            candidate(4, "en", "my cat sat on the router again today"),
            candidate(5, "pt", "zap caiu aqui em casa também"),
            candidate(6, "pt", "o zap caiu aqui"),
        ];
        let mut turned = posts.clone();
        turned.reverse();
        let chosen = choose(posts, 1);
        assert_eq!(chosen.len(), 2);
        assert!(!texts(&chosen).contains(&"my cat sat on the router again today"));
        assert_eq!(choose(turned, 1), chosen, "whatever the order");
    }

    #[test]
    fn nothing_is_said_twice() {
        let mut copy = candidate(9, "en", "whatsapp is down for everyone");
        copy.cluster = ClusterKey(1);
        let posts = vec![
            candidate(7, "pl", "whatsapp down down"),
            candidate(1, "en", "whatsapp is down for everyone"),
            copy,
            candidate(2, "en", "WhatsApp is DOWN for everyone!!"),
            candidate(3, "en", "instagram stories will not load at all"),
        ];
        let chosen = choose(posts, 5);
        assert_eq!(chosen.len(), 2, "{chosen:?}");
    }

    #[test]
    fn too_short_or_too_long_says_nothing() {
        let long = "whatsapp is down ".repeat(40);
        assert!(choose(vec![candidate(1, "en", "down"), candidate(2, "en", &long)], 5).is_empty());
        assert!(choose(Vec::new(), 5).is_empty());
    }

    #[test]
    fn people_are_not_named() {
        for (text, clean) in [
            ("@joe whatsapp caiu?", "@… whatsapp caiu?"),
            ("zap caiu @maria.silva, @joão_2!", "zap caiu @…, @…!"),
            ("ask @joe@mastodon.social.", "ask @…."),
            ("write to joe.doe@example.org now", "write to @… now"),
            ("يا ＠سعيد الواتس طاح", "يا @… الواتس طاح"),
            ("hey @WhatsApp fix it @facebook", "hey @WhatsApp fix it @facebook"),
            ("a @ b", "a @ b"),
            ("@", "@"),
        ] {
            assert_eq!(without_mentions(text), clean);
        }
    }
}
