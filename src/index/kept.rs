//! A post as the index keeps it, and the document that it becomes.

use serde::{Deserialize, Serialize};
use tantivy::TantivyDocument;

use super::known;
use super::said::Said;
use super::schema::{Fields, state};
use crate::model::{
    AuthorKey, ClusterKey, Country, Evidence, FeedId, Kind, Lang, LangGuess, Move, PostId, Reading, ServiceId,
    TaggedPost, TermId, Time,
};

/// A post as the index keeps it. Its text is hostile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptPost {
    /// Id.
    pub id: PostId,
    /// Where it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Which feed brought it first, in its present form.
    pub feed: FeedId,
    /// When it was written; when it was seen, where it says nothing.
    pub at: Time,
    /// When it was seen.
    pub seen_at: Time,
    /// Text; `None` where it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Link to the original.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<Lang>,
    /// How sure, 0..=1; `None` where the language is a hint or unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang_confidence: Option<f64>,
    /// What it does.
    pub kind: Kind,
    /// Services that are down, or back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub down: Vec<ServiceId>,
    /// Every service that it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named: Vec<ServiceId>,
    /// Moves as (from, to).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<(Option<ServiceId>, ServiceId)>,
    /// Whether it speaks of a block by a court or a government.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub speaks_of_block: bool,
    /// Rows that decided, each with its bytes of the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<(TermId, u32, u32)>,
    /// Claimed country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// Keyed hash of the author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<AuthorKey>,
    /// Equal for posts that count as one.
    pub cluster: ClusterKey,
    /// Whether it passes on another post unchanged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_repost: bool,
    /// What servers call it that tell of its deletion by that name alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) local_names: Vec<String>,
}

/// Servers of which the own name of one post is kept.
const MOST_NAMES: usize = 8;

impl KeptPost {
    /// From a post with its reading.
    pub(super) fn new(feed: &FeedId, tagged: &TaggedPost, seen_at: Time) -> Self {
        let (post, reading) = (tagged.post(), tagged.reading());
        Self {
            id: post.id.clone(),
            platform: post.platform.clone(),
            feed: feed.clone(),
            at: post.at.unwrap_or(seen_at),
            seen_at,
            text: Some(post.text.clone()),
            url: post.url.clone(),
            lang: reading.lang.lang(),
            lang_confidence: match reading.lang {
                LangGuess::Detected { confidence, .. } => Some(confidence),
                LangGuess::Hinted(_) | LangGuess::Undetermined => None,
            },
            kind: reading.kind,
            down: reading.down.clone(),
            named: reading.named.clone(),
            moves: reading.moves.iter().map(|step| (step.from.clone(), step.to.clone())).collect(),
            speaks_of_block: reading.speaks_of_block,
            evidence: reading.evidence.iter().map(|e| (e.term.clone(), e.span.start, e.span.end)).collect(),
            country: post.country.clone(),
            author: post.author,
            cluster: post.cluster,
            is_repost: post.is_repost,
            local_names: Vec::new(),
        }
    }

    /// Adds names that servers have for it; `false` where none is new.
    pub(super) fn add_names<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) -> bool {
        let num_before = self.local_names.len();
        for name in names {
            if self.local_names.len() < MOST_NAMES && !self.local_names.iter().any(|known| known == name) {
                self.local_names.push(name.to_owned());
            }
        }
        self.local_names.len() > num_before
    }

    /// The reading.
    pub fn reading(&self) -> Reading {
        let lang = match (self.lang, self.lang_confidence) {
            (Some(lang), Some(confidence)) => LangGuess::Detected { lang, confidence },
            (Some(lang), None) => LangGuess::Hinted(lang),
            (None, _) => LangGuess::Undetermined,
        };
        let evidence = |(term, from, to): &(TermId, u32, u32)| Evidence { term: term.clone(), span: *from..*to };
        Reading {
            lang,
            kind: self.kind,
            down: self.down.clone(),
            moves: self.moves.iter().map(|(from, to)| Move { from: from.clone(), to: to.clone() }).collect(),
            named: self.named.clone(),
            speaks_of_block: self.speaks_of_block,
            evidence: self.evidence.iter().map(evidence).collect(),
        }
    }

    /// Language code, or `und`.
    pub fn lang_code(&self) -> &str {
        self.lang.as_ref().map_or("und", Lang::as_str)
    }

    /// Whether it was taken back: only what is counted is left.
    pub fn is_deleted(&self) -> bool {
        self.text.is_none()
    }

    /// The exact term that tells it from all others.
    pub(super) fn key(&self) -> String {
        if self.is_deleted() && known::is_hidden(&self.id) {
            return known::key_of_hidden(&self.id);
        }
        known::key(self.platform.as_deref(), &self.id)
    }

    /// Takes out what the author took back, and the id with it; what is counted stays.
    pub(super) fn take_back(&mut self) {
        self.id = known::hidden_id(&self.key());
        self.text = None;
        self.url = None;
        self.evidence.clear();
        self.local_names.clear();
    }

    /// Whether two deliveries say the same, whoever brought them and whenever.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        let bare =
            |post: &Self| Self { feed: FeedId::new(""), seen_at: post.at, local_names: Vec::new(), ..post.clone() };
        bare(self) == bare(other)
    }

    /// The document of a post with this key; what is left of one that was taken back has a term of its own.
    pub(super) fn document(&self, fields: &Fields, key: &str) -> TantivyDocument {
        let mut doc = TantivyDocument::default();
        doc.add_text(fields.key, self.key());
        doc.add_text(fields.id, self.id.as_str());
        for name in &self.local_names {
            doc.add_text(fields.id, local_term(self.platform.as_deref(), name));
        }
        doc.add_u64(fields.key_hash, known::hash(key));
        doc.add_text(fields.state, if self.is_deleted() { state::DELETED } else { state::POST });
        if let Some(text) = &self.text {
            doc.add_text(fields.text, text);
        }
        for service in &self.named {
            doc.add_text(fields.service, service.as_str());
        }
        for service in &self.down {
            doc.add_text(fields.down, service.as_str());
        }
        doc.add_text(fields.kind, self.kind.as_str());
        doc.add_text(fields.lang, self.lang_code());
        if let Some(country) = &self.country {
            doc.add_text(fields.country, country.as_str());
        }
        if let Some(platform) = &self.platform {
            doc.add_text(fields.platform, platform);
        }
        doc.add_text(fields.feed, self.feed.as_str());
        // A post without an author stands for one, as in a tally.
        doc.add_u64(fields.author, self.author.map_or(self.cluster.0, |author| author.0));
        doc.add_u64(fields.cluster, self.cluster.0);
        for (from, to) in &self.moves {
            let from = from.as_ref().map_or("", ServiceId::as_str);
            doc.add_text(fields.moves, format!("{from}>{to}"));
            doc.add_text(fields.moves, format!(">{to}"));
            if !from.is_empty() {
                doc.add_text(fields.moves, format!("{from}>"));
            }
        }
        doc.add_i64(fields.ts, self.at.timestamp());
        doc.add_u64(fields.num, 0);
        doc.add_text(fields.said, Said::of(self).to_text());
        doc.add_text(fields.record, serde_json::to_string(self).unwrap_or_default());
        doc
    }
}

/// The term by which a server's own name of a post is found: none that an id can be.
pub(super) fn local_term(platform: Option<&str>, name: &str) -> String {
    format!("\u{1f}{}\u{1f}{name}", platform.unwrap_or_default())
}
