//! Marks of a token beside its word: classes, signs and capitals, what kind of name it is, how far it stands from the
//! service that is asked about, and what rows say there.

use crate::model::{Kind, Lang};
use crate::normalize::words::{Break, WordKind};
use crate::tag::Inside;
use crate::tag::lexicon::RowKind;
use crate::tag::names::Standing;
use crate::tag::opinion::Question;
use crate::tag::opinion::post::{claim_name, status_name};
use crate::tag::opinion::tokens::{ASKED, Token};

/// The name of a mark, in pieces; the first is its group.
pub(super) type Mark<'a> = [&'a str; 3];

/// The marks of each token.
pub(super) type Marks<'a> = Vec<Vec<Mark<'a>>>;

/// Signs that stand before a word or end its sentence, each with its name.
const SIGNS: [(&str, &[char]); 8] = [
    ("\"", &['"', '“', '”', '„', '«', '»']),
    ("'", &['\'', '‘', '’']),
    ("!", &['!']),
    ("…", &['…']),
    (":", &[':']),
    ("(", &['(', ')', '[', ']']),
    ("-", &['-', '–', '—']),
    ("line", &['\n']),
];

/// Places from the asked service, from far before to far behind.
const PLACES: [&str; 17] =
    ["<<", "-7", "-6", "-5", "-4", "-3", "-2", "-1", "0", "+1", "+2", "+3", "+4", "+5", "+6", "+7", ">>"];

/// All marks; of a question about a service, as tokens stand to it.
pub(super) fn marks<'a>(inside: &Inside<'a>, tokens: &[Token<'_>], question: Question) -> Marks<'a> {
    let table = inside.attachment.lexicon.classes.table();
    let classes = inside.class_sets(tokens).iter().map(|&set| table.names(set).map(|name| ["m:", name, ""]).collect());
    let mut marks: Marks<'_> = classes.collect();
    for (token, marks) in tokens.iter().zip(&mut marks) {
        signs(inside, token, marks);
        look(inside, token, marks);
    }
    if let Some((_, kind)) = question {
        places(tokens, kind, &mut marks);
        rows(inside, tokens, &mut marks);
    }
    marks
}

/// Signs between a word and the one before it; those at the end of a sentence are marks of the end.
fn signs(inside: &Inside<'_>, token: &Token<'_>, marks: &mut Vec<Mark<'_>>) {
    let (words, at) = (inside.text.words, token.words.start);
    let is_beginning = token.words.is_empty() && at == 0;
    if is_beginning || !token.words.is_empty() && at > 0 && words.starts_sentence(at) {
        return;
    }
    let from = at.checked_sub(1).map_or(0, |before| words.word(before).span.1 as usize);
    let to = if at < words.len() { words.word(at).span.0 as usize } else { inside.raw.len() };
    // Parts of a hashtag have nothing between them.
    let between = inside.raw.get(from..to).unwrap_or_default();
    if between.is_empty() || between == " " {
        return;
    }
    marks.extend(SIGNS.iter().filter(|(_, signs)| between.contains(*signs)).map(|(name, _)| ["s:", name, ""]));
    if between.contains("..") {
        marks.push(["s:", "…", ""]);
    }
}

/// How a word is written, and what kind of name it is.
fn look<'a>(inside: &Inside<'a>, token: &Token<'_>, marks: &mut Vec<Mark<'a>>) {
    if token.words.is_empty() {
        return;
    }
    let word = inside.text.words.word(token.words.start);
    let kind = match word.kind {
        WordKind::Hashtag => Some("#"),
        WordKind::Mention => Some("@"),
        _ => None,
    };
    let seen = [(word.before == Break::Clause, ","), (word.is_upper, "AB"), (word.is_capitalized, "Ab")];
    let names = seen.into_iter().filter_map(|(is_seen, name)| is_seen.then_some(name)).chain(kind);
    marks.extend(names.map(|name| ["s:", name, ""]));
    if let Some(mention) = token.mention {
        let mention = inside.mentions[mention];
        marks.push(["c:", &inside.attachment.lexicon.services[mention.place.service].category, ""]);
        let standing = match mention.standing {
            Standing::Strong => "strong",
            Standing::Supported(_) => "supported",
            Standing::Open | Standing::Rejected(_) => "open",
        };
        marks.push(["c:", standing, ""]);
    }
}

/// How far each token stands from the asked service, and there the kind of the post.
fn places(tokens: &[Token<'_>], kind: Kind, marks: &mut Marks<'_>) {
    let asked: Vec<usize> = (0..tokens.len()).filter(|&at| tokens[at].text == ASKED).collect();
    for (at, marks) in marks.iter_mut().enumerate() {
        let Some(near) = asked.iter().min_by_key(|&&place| place.abs_diff(at)) else { break };
        let most = PLACES.len() / 2;
        marks.push(["d:", PLACES[(at + most).saturating_sub(*near).min(2 * most)], ""]);
        if at == *near {
            marks.push(["k:", kind.as_str(), ""]);
        }
    }
}

/// What rows say where they fired, and at the beginning what the rules make of it.
fn rows<'a>(inside: &Inside<'a>, tokens: &[Token<'_>], marks: &mut Marks<'a>) {
    let (firings, verdict) = (inside.firings, inside.verdict);
    let claims = verdict.claims.iter().map(|judged| {
        let name = ["r:", claim_name(inside, judged), status_name(judged.status)];
        (&firings.claims[judged.claim].hit, name)
    });
    let others = firings.news.iter().chain(&firings.moves).chain(&firings.cues).map(|fired| {
        let name = match inside.attachment.lexicon.rows[fired.row].kind {
            RowKind::News(role) => ["r:", "news ", role.as_str()],
            RowKind::Cue { role, .. } => ["r:", "cue ", role.as_str()],
            RowKind::Move { refuse: true } => ["r:", "refuses", ""],
            _ => ["r:", "moves", ""],
        };
        (&fired.hit, name)
    });
    for (hit, name) in claims.chain(others) {
        let are_hit = |token: &Token<'_>| token.words.start < hit.to && hit.from < token.words.end;
        let hit = tokens.iter().zip(&mut *marks).filter(|(token, _)| are_hit(token));
        hit.for_each(|(_, marks)| marks.push(name));
    }
    let lang = inside.attachment.lang.as_ref().map_or("none", Lang::as_str);
    marks[0].extend([["r:", "kind ", verdict.kind.as_str()], ["r:", "why ", verdict.why], ["r:", "lang ", lang]]);
}

#[cfg(test)]
mod tests {
    use crate::model::Kind;
    use crate::tag::Tagger;
    use crate::tag::opinion::network::sight::Inputs;

    /// Marks of these groups in the order of the tokens, those of one token without space between them.
    fn shown(inputs: &Inputs, groups: &[&str]) -> String {
        let is_shown = |name: &str| groups.iter().any(|group| name.starts_with(group));
        let of = |token: &Vec<(String, f32)>| {
            let names = token.iter().map(|(name, _)| name.as_str());
            names.filter(|name| is_shown(name)).collect::<Vec<_>>().join("")
        };
        inputs.iter().map(of).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn signs_stand_on_the_word_behind_them_or_on_the_end() {
        let tagger = Tagger::builtin().unwrap();
        for (text, signs) in [
            ("he said: “signal” ok", "   s:\"s::s:, s:\"s:, "),
            ("down!", "  s:!"),
            ("why... (again)", "  s:(s:…s:, s:("),
            ("Zap CAIU\nfora", " s:Ab s:AB s:line  "),
            ("#whatsappdown @nubank", " s:# s:# s:@ "),
        ] {
            let study = tagger.study(text, Kind::Other, |_| true);
            assert_eq!(shown(&study.inputs, &["s:"]), signs, "{text}");
        }
    }

    #[test]
    fn what_rows_say_is_seen_of_a_service_only() {
        let tagger = Tagger::builtin().unwrap();
        let study = tagger.study("WhatsApp caiu, fui pro Telegram", Kind::Complaint, |_| true);
        assert_eq!(shown(&study.inputs, &["r:", "k:", "d:"]).trim(), "");
        assert_eq!(shown(&study.inputs, &["c:"]), " c:messengerc:strong    c:messengerc:strong ");
        for (service, _, inputs) in &study.services {
            let marks = shown(inputs, &["r:", "k:"]);
            assert!(marks.contains("r:failslive") && marks.contains("r:moves"), "{marks}");
            assert_eq!(marks.matches("k:complaint").count(), 1, "{service}");
        }
    }
}
