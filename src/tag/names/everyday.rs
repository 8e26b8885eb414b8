//! Whether a name is the service: phrases in which it is not, and for everyday words what stands around them.

use super::{Mention, Standing};
use crate::normalize::words::{Break, WordKind, Words};
use crate::tag::lexicon::Lexicon;
use crate::tag::matcher::{Place, Text};

/// Why a word behind an article is none, unless a move goes there.
pub(in crate::tag) const BEHIND_DETERMINER: &str = "behind an article or a possessive";

/// Words behind which a weak name is the everyday word.
const DETERMINERS: [&str; 21] = [
    "a", "an", "the", "my", "your", "his", "her", "our", "their", "this", "that", "no", "some", "any", "meu", "minha",
    "um", "uma", "every", "both", "two",
];

/// Of these the ones that are an article or "in the" in Portuguese, where services have articles.
const PORTUGUESE_TOO: [&str; 2] = ["a", "no"];

/// What a customer has none of: before these, "no" does not make the name an everyday word ("no Three signal").
const LACKED: [&str; 9] =
    ["signal", "network", "service", "data", "coverage", "reception", "internet", "bars", "connection"];

/// What the article belongs to where the name only says whose it is ("a Threads account").
const HEADS: [&str; 20] = [
    "account",
    "profile",
    "app",
    "server",
    "call",
    "link",
    "group",
    "channel",
    "sim",
    "ride",
    "meeting",
    "chat",
    "chip",
    "conta",
    "number",
    "handle",
    "username",
    "invite",
    "workspace",
    "contacts",
];

/// Of these the ones that services alone have.
const OWN_HEADS: [&str; 3] = ["account", "profile", "app"];

/// Frequent words that Portuguese has and English has not.
const PORTUGUESE: [&str; 33] = [
    "nao", "que", "ta", "do", "da", "de", "em", "na", "pra", "pro", "com", "tem", "meu", "minha", "um", "uma", "e",
    "pelo", "pela", "ate", "vou", "eu", "foi", "sem", "ao", "mais", "esta", "aqui", "agora", "hoje", "ontem", "diz",
    "problema",
];

/// Categories whose customers say "my": there a possessive does not speak against the service.
const OWNED: [&str; 3] = ["telecom", "bank", "power"];

/// The standing of mention `i`: of any name by the phrases that are not the service, of everyday words by the words around
/// them and by how they are written.
pub(super) fn judge(
    lexicon: &Lexicon,
    text: &Text<'_>,
    mentions: &[Mention],
    i: usize,
    has_hint: &impl Fn(usize) -> bool,
) -> Standing {
    let Mention { place, standing } = mentions[i];
    let service = &lexicon.services[place.service];
    let word = text.words.word(place.from);
    let is_single = place.to - place.from < 2;
    let has_capital =
        || word.is_capitalized && word.before == Break::None && is_single && !is_titled(text.words, place.from);
    // Few write "I guess" or "no bars" with capitals: whether "IG" or "my Signal" is meant, the rest must say.
    let stands_out = || has_capital() || (is_single && word.is_upper && !is_shouted(text.words));
    let spared = |why: &'static str| match standing == Standing::Open && stands_out() {
        true => Standing::Open,
        false => Standing::Rejected(why),
    };
    if service.not.iter().any(|pattern| text.touches(pattern, place.from, place.to)) {
        return spared("a phrase in which the word is not the service");
    }
    if standing == Standing::Strong {
        return standing;
    }
    if word.kind != WordKind::Plain {
        let is_part = |at: usize| at < text.words.len() && at != place.from && text.words.word(at).span == word.span;
        return match is_part(place.to) || place.from.checked_sub(1).is_some_and(is_part) {
            true => Standing::Rejected("letters inside a hashtag"),
            false => Standing::Supported("hashtag"),
        };
    }
    if is_behind_determiner(text.words, place, OWNED.contains(&service.category.as_str())) {
        return match next_word(text.words, place.to) {
            Some(next) if OWN_HEADS.contains(&next) => Standing::Supported("the word behind it speaks for the service"),
            Some(next) if HEADS.contains(&next) => Standing::Open,
            _ => spared(BEHIND_DETERMINER),
        };
    }
    if has_hint(place.service) {
        return Standing::Supported("a word beside it speaks for the service");
    }
    let is_same_kind = |other: &Mention| {
        other.standing == Standing::Strong && lexicon.services[other.place.service].category == service.category
    };
    if mentions.iter().any(is_same_kind) {
        return Standing::Supported("beside a service of its kind");
    }
    if has_capital() {
        return Standing::Supported("capital inside a sentence");
    }
    Standing::Open
}

/// The word at `at`, if nothing stands before it but a space.
fn next_word(words: &Words, at: usize) -> Option<&str> {
    (at < words.len() && words.word(at).before == Break::None).then(|| words.text(at))
}

fn is_behind_determiner(words: &Words, place: Place, may_be_owned: bool) -> bool {
    let at = place.from;
    if at == 0 || words.starts_sentence(at) {
        return false;
    }
    let before = words.text(at - 1);
    let is_possessive = matches!(before, "my" | "your" | "his" | "her" | "our" | "their" | "meu" | "minha");
    let is_portuguese = || (0..words.len()).any(|i| i != at - 1 && PORTUGUESE.contains(&words.text(i)));
    let is_lacked = || before == "no" && next_word(words, place.to).is_some_and(|next| LACKED.contains(&next));
    let may_stand = (is_possessive && may_be_owned)
        || (PORTUGUESE_TOO.contains(&before) && is_portuguese())
        || (may_be_owned && is_lacked());
    DETERMINERS.contains(&before) && !may_stand && words.word(at).before == Break::None
}

/// Whether half of the words or more are written in capitals.
fn is_shouted(words: &Words) -> bool {
    2 * words.iter().filter(|word| word.is_upper).count() >= words.len()
}

/// Whether the word before or behind has a capital too, as in titles and names of people.
fn is_titled(words: &Words, at: usize) -> bool {
    let is_capital =
        |i: usize| words.word(i).is_capitalized && words.word(i).kind == WordKind::Plain && !words.starts_sentence(i);
    (at > 0 && is_capital(at - 1))
        || (at + 1 < words.len() && words.word(at + 1).before == Break::None && is_capital(at + 1))
}
