//! `Folded` post -> `TaggedPost`: language, lexicon, matcher, rules. Pure.

pub mod attachment;
pub mod binding;
pub mod claims;
pub mod cues;
pub mod explain;
pub mod judge;
pub mod lang;
pub mod lexicon;
pub mod matcher;
pub mod moves;
pub mod names;
pub mod native;
pub mod opinion;
pub mod support;

use std::cell::OnceCell;

use crate::model::{Evidence, Lang, LangGuess, Move, Reading, ServiceId, TaggedPost, TermId};
use crate::normalize::Folded;
use crate::normalize::words::{WordKind, Words};
use attachment::Attachment;
use claims::{Firings, RowIndex};
use judge::Verdict;
use lang::{Languages, Votes};
use lexicon::{Lexicon, LexiconError};
use matcher::Text;
use names::{Mention, Names};
use opinion::Opinion;
use opinion::classes::Set;
use opinion::weigh::Weighed;

/// Reads posts.
#[derive(Debug)]
pub struct Tagger {
    lexicon: Lexicon,
    names: Names,
    rows: RowIndex,
    languages: Languages,
    opinion: Option<Opinion>,
}

/// A post while it is read; lent to whoever wants to look inside.
struct Inside<'a> {
    attachment: &'a Attachment<'a>,
    text: &'a Text<'a>,
    /// As it is written.
    raw: &'a str,
    mentions: &'a [Mention],
    firings: &'a Firings,
    verdict: &'a Verdict,
    lang: LangGuess,
    /// Worked out by the second opinion when it first looks.
    class_sets: OnceCell<Vec<Set>>,
}

impl Tagger {
    /// Builds the indexes of a lexicon.
    pub fn new(mut lexicon: Lexicon) -> Self {
        let opinion = lexicon.opinion.take();
        Self {
            names: Names::new(&lexicon),
            rows: RowIndex::new(&lexicon),
            languages: Languages::default(),
            opinion,
            lexicon,
        }
    }

    /// The same with another second opinion, or with none: then the rules judge alone.
    pub fn with_opinion(self, opinion: Option<Opinion>) -> Self {
        Self { opinion, ..self }
    }

    /// A tagger with the lexicons inside the program.
    ///
    /// # Errors
    /// Only if the program was built with a broken lexicon.
    pub fn builtin() -> Result<Self, LexiconError> {
        Lexicon::builtin().map(Self::new)
    }

    /// The lexicon.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// The second opinion, if there is one.
    pub fn opinion(&self) -> Option<&Opinion> {
        self.opinion.as_ref()
    }

    /// Reads a post.
    pub fn tag(&self, folded: Folded) -> TaggedPost {
        let (post, words) = folded.into_parts();
        // What the lexicon knows matters to words only where hashtags are cut.
        let has_hashtag = words.iter().any(|word| word.kind == WordKind::Hashtag);
        let words = if has_hashtag { self.words(&post.text) } else { words };
        let reading = self.inspect(&post.text, &words, post.lang_hint, |_| true, |inside| self.reading(&inside));
        TaggedPost::stamp(post, reading)
    }

    /// Reads a text; `hint` is the language that its post or feed claims.
    pub fn read(&self, text: &str, hint: Option<Lang>) -> Reading {
        self.read_where(text, hint, |_| true)
    }

    /// Reads a text as if only the rows that `keep` holds for (by index) were in the lexicon.
    pub fn read_where(&self, text: &str, hint: Option<Lang>, keep: impl Fn(usize) -> bool) -> Reading {
        self.inspect(text, &self.words(text), hint, keep, |inside| self.reading(&inside))
    }

    fn words(&self, text: &str) -> Words {
        Words::of(text, |run, cuts| self.lexicon.vocabulary.split(run, cuts))
    }

    fn inspect<T>(
        &self,
        text: &str,
        words: &Words,
        hint: Option<Lang>,
        keep: impl Fn(usize) -> bool,
        look: impl FnOnce(Inside<'_>) -> T,
    ) -> T {
        let mut prepared = Text::new(words, &self.lexicon.vocabulary);
        let mut mentions = self.names.find(&self.lexicon, &mut prepared);
        let mut firings = self.rows.fire(&self.lexicon, &prepared, &mut mentions, false);
        for list in [&mut firings.claims, &mut firings.news, &mut firings.moves, &mut firings.cues] {
            list.retain(|fired| keep(fired.row));
        }
        let lang = self.lang(text, hint, words, &mentions, &firings);
        native::keep_native(&self.lexicon, lang, &mut firings);
        let attachment = Attachment {
            lexicon: &self.lexicon,
            text: &prepared,
            mentions: &mentions,
            firings: &firings,
            lang: lang.lang(),
        };
        let verdict = judge::judge(&attachment);
        look(Inside {
            attachment: &attachment,
            text: &prepared,
            raw: text,
            mentions: &mentions,
            firings: &firings,
            verdict: &verdict,
            lang,
            class_sets: OnceCell::new(),
        })
    }

    fn reading(&self, inside: &Inside<'_>) -> Reading {
        let id = |service: usize| self.lexicon.services[service].id.clone();
        let verdict = self.weighed(inside);
        let mut down: Vec<ServiceId> = verdict.down.iter().map(|&service| id(service)).collect();
        down.sort();
        let mut moves: Vec<Move> =
            verdict.moves.iter().map(|&(from, to)| Move { from: from.map(id), to: id(to) }).collect();
        moves.sort();
        let mut named: Vec<ServiceId> =
            inside.mentions.iter().filter(|m| m.standing.counts()).map(|m| id(m.place.service)).collect();
        named.extend(down.iter().cloned());
        named.sort();
        named.dedup();
        Reading {
            lang: inside.lang,
            kind: verdict.kind,
            down,
            moves,
            named,
            speaks_of_block: inside.verdict.speaks_of_block,
            evidence: self.evidence(inside, &verdict),
        }
    }

    fn weighed(&self, inside: &Inside<'_>) -> Weighed {
        self.opinion.as_ref().map_or_else(|| Weighed::rules(inside.verdict), |opinion| opinion.weigh(inside))
    }

    fn lang(
        &self,
        text: &str,
        hint: Option<Lang>,
        words: &Words,
        mentions: &[Mention],
        firings: &Firings,
    ) -> LangGuess {
        let mut told: Vec<(&str, &str)> = Vec::with_capacity(words.len());
        let mut names = mentions.iter().map(|mention| mention.place).peekable();
        for (at, word) in words.iter().enumerate() {
            while names.next_if(|name| name.to <= at).is_some() {}
            let is_name = names.peek().is_some_and(|name| name.from <= at);
            if matches!(word.kind, WordKind::Plain | WordKind::Hashtag) && !is_name {
                let (from, to) = word.span;
                told.push((&text[from as usize..to as usize], words.text(at)));
            }
        }
        let votes = Votes { by_lexicon: firings.votes(&self.lexicon), hint };
        self.languages.guess(&told, &votes)
    }

    fn evidence(&self, inside: &Inside<'_>, weighed: &Weighed) -> Vec<Evidence> {
        let span = |from: usize, to: usize| inside.text.words.word(from).span.0..inside.text.words.word(to - 1).span.1;
        let firings = inside.firings;
        let claims = inside.verdict.claims.iter().map(|judged| &firings.claims[judged.claim]);
        let because = inside.verdict.claims.iter().filter_map(|judged| judged.because).map(|cue| &firings.cues[cue]);
        let mut evidence: Vec<Evidence> = claims
            .chain(because)
            .chain(&firings.news)
            .chain(&firings.moves)
            .map(|fired| Evidence {
                term: self.lexicon.rows[fired.row].id.clone(),
                span: span(fired.hit.from, fired.hit.to),
            })
            .collect();
        let learned = weighed.because.iter();
        evidence.extend(
            learned.map(|(term, words)| Evidence { term: TermId::new(term), span: span(words.start, words.end) }),
        );
        evidence.sort_by(|a, b| (a.span.start, a.span.end, &a.term).cmp(&(b.span.start, b.span.end, &b.term)));
        evidence.dedup();
        evidence
    }
}
