//! What there is to learn from: labeled posts, the rows' own examples, and everyday posts side by side.

use caiu::corpus::evaluation::Label;
use caiu::model::{Kind, ServiceId};
use caiu::tag::Tagger;
use caiu::tag::lexicon::{Row, RowKind};
use caiu::tag::opinion::network::Task;
use caiu::tag::opinion::weigh::Part;

use crate::cleaned::cleaned;
use crate::model::Model;
use crate::network::Words;

/// Each post is learned twice: as it is, and, with this weight, with some rows silent. Rows miss more in posts of
/// strangers than in those that their authors have seen, and the opinion has to know it.
const WEIGHT_THINNED: f64 = 0.65;

/// Of ten posts, how many the network learns with some rows silent.
const SHARE_THINNED: u64 = 6;

/// Share of the rows that fall silent there, found by cross-validation with lexicons older than the posts.
const SILENT: f64 = 0.6;

/// Weight of a row's own example, in which the row itself is silent.
const WEIGHT_EXAMPLE: f64 = 0.4;

/// Weight of two posts side by side in which nothing fails: they teach that long posts name services by the way.
const WEIGHT_PAIR: f64 = 0.3;

/// Weight of a post that names several services, cut down to what archives keep of it.
const WEIGHT_CLEANED: f64 = 0.3;

/// Everything that there is to learn from.
#[derive(Default)]
pub(crate) struct Lessons {
    /// The posts.
    pub(crate) labels: Vec<Label>,
    kinds: Model,
    parts: Model,
    glances: Model,
    words: Words,
}

impl Lessons {
    /// Reads all posts.
    pub(crate) fn of(tagger: &Tagger, labels: Vec<Label>) -> Self {
        let mut lessons = Self::default();
        for (number, label) in labels.iter().enumerate() {
            let is_thinned = hash_of(&[&label.id, "thinned"]) % 10 < SHARE_THINNED;
            for thinned in [false, true] {
                let (silent, weight) = if thinned { (SILENT, WEIGHT_THINNED) } else { (0.0, 1.0 - WEIGHT_THINNED) };
                // The network, of which rows are a small part, learns each post once.
                let of_words = if thinned == is_thinned { 1.0 } else { 0.0 };
                lessons.add(tagger, label, [number; 2], (weight, of_words), |row| is_heard(&label.id, row, silent));
            }
            if tagger.read(&label.text, None).named.len() > 1 {
                let short = Label { text: cleaned(&label.text, &label.lang), ..label.clone() };
                lessons.add(tagger, &short, [number; 2], (WEIGHT_CLEANED, WEIGHT_CLEANED), |row| {
                    is_heard(&label.id, row, SILENT)
                });
            }
        }
        for (number, (label, own)) in examples(tagger).iter().enumerate() {
            let number = labels.len() + number;
            lessons.add(tagger, label, [number; 2], (WEIGHT_EXAMPLE, WEIGHT_EXAMPLE), |row| {
                row.id.as_str() != own && is_heard(&label.id, row, SILENT)
            });
        }
        let is_plain = |label: &Label| label.kind == Kind::Other && label.moves.is_empty();
        let plain: Vec<(usize, &Label)> = labels.iter().enumerate().filter(|(_, label)| is_plain(label)).collect();
        for pair in plain.windows(2).filter(|pair| pair[0].1.lang == pair[1].1.lang) {
            let [(a, first), (b, second)] = [pair[0], pair[1]];
            let text = format!("{} {}", first.text, second.text);
            let study = tagger.study(&text, Kind::Other, |row| is_heard(&first.id, row, SILENT));
            lessons.kinds.add([a, b], &study.post, Kind::Other as usize, WEIGHT_PAIR);
            lessons.words.add([a, b], &study.inputs, (Task::Kind, Kind::Other as usize), WEIGHT_PAIR);
        }
        lessons.labels = labels;
        lessons
    }

    /// Adds a post with its weights for the linear models and for the network.
    fn add(
        &mut self,
        tagger: &Tagger,
        label: &Label,
        posts: [usize; 2],
        (weight, of_words): (f64, f64),
        keep: impl Fn(&Row) -> bool,
    ) {
        let study = tagger.study(&label.text, label.kind, keep);
        let kind = label.kind as usize;
        self.kinds.add(posts, &study.post, kind, weight);
        if let Some(glance) = &study.glance {
            self.glances.add(posts, glance, kind, weight);
        }
        self.words.add(posts, &study.inputs, (Task::Kind, kind), of_words);
        for (service, features, inputs) in &study.services {
            let part = part_of(label, service) as usize;
            self.parts.add(posts, features, part, weight);
            self.words.add(posts, inputs, (Task::Part, part), of_words);
        }
    }

    /// The tables of all models, trained on the posts for which `is_in` holds, and on what is no labeled post.
    pub(crate) fn tables(&self, is_in: impl Fn(usize) -> bool) -> [String; 4] {
        let is_in = |post: usize| post >= self.labels.len() || is_in(post);
        let kinds = Kind::ALL.map(Kind::as_str);
        let parts = ["down", "to", "from", "nothing"];
        [
            self.kinds.table(kinds, is_in),
            self.parts.table(parts, is_in),
            self.glances.table(kinds, is_in),
            self.words.table([kinds, parts], is_in),
        ]
    }
}

/// The rows' own examples with their rows, as far as the rules read them in the way in which the row means them.
fn examples(tagger: &Tagger) -> Vec<(Label, String)> {
    let mut found = Vec::new();
    for row in &tagger.lexicon().rows {
        let texts = row.matches.iter().map(|text| (text, true)).chain(row.rejects.iter().map(|text| (text, false)));
        for (number, (text, is_match)) in texts.enumerate() {
            let reading = tagger.read(text, None);
            let is_meant = match row.kind {
                RowKind::Outage { .. } if is_match => reading.kind == Kind::Complaint,
                RowKind::Restored { .. } if is_match => reading.kind == Kind::Restored,
                RowKind::News(_) if is_match => reading.kind == Kind::News,
                RowKind::Move { .. } if is_match => !reading.moves.is_empty(),
                _ => reading.kind == Kind::Other,
            };
            if is_meant {
                let label = Label {
                    id: format!("{} {number}", row.id),
                    lang: row.lang.to_string(),
                    text: text.clone(),
                    kind: reading.kind,
                    down: reading.down,
                    moves: reading.moves,
                    why: None,
                    dialect: None,
                    origin: None,
                    file: None,
                };
                found.push((label, row.id.to_string()));
            }
        }
    }
    found
}

/// What a careful reader says that a service does in a post.
fn part_of(label: &Label, service: &ServiceId) -> Part {
    if label.down.contains(service) {
        Part::Down
    } else if label.moves.iter().any(|step| step.to == *service) {
        Part::To
    } else if label.moves.iter().any(|step| step.from.as_ref() == Some(service)) {
        Part::From
    } else {
        Part::Nothing
    }
}

/// Whether a row speaks where a share of the rows is silent: by chance, and the same every time.
fn is_heard(post: &str, row: &Row, silent: f64) -> bool {
    let hash = hash_of(&[post, row.id.as_str()]);
    (hash >> 11) as f64 / (1u64 << 53) as f64 >= silent
}

/// The hash of texts, the same on every machine (Fowler, Noll and Vo's FNV-1a, mixed as in MurmurHash3).
pub(crate) fn hash_of(texts: &[&str]) -> u64 {
    let bytes = texts.iter().flat_map(|text| text.bytes().chain([0]));
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}
