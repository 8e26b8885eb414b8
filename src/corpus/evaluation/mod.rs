//! Comparing readings with labels: precision, recall and F1 by language, kind, services and moves.

pub mod labels;
pub mod score;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{Kind, Move, Reading};
pub use labels::{Label, LabelError, read_labels};
pub use score::{Counts, Ratio};

/// The comparison over one group of labels.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Evaluation {
    /// Labels in the group.
    pub num_labels: usize,
    /// Right kind over all labels.
    pub accuracy: Ratio,
    /// Right language over all labels.
    pub lang: Ratio,
    /// By kind.
    pub kinds: BTreeMap<Kind, Counts>,
    /// Services: every (post, service) pair is one item.
    pub down: Counts,
    /// Moves with their origin: every (post, from, to) is one item.
    pub moves: Counts,
    /// Moves by destination alone: every (post, to) is one item.
    pub moves_to: Counts,
    /// News and other that were called a complaint.
    pub false_complaints: Ratio,
    /// How often a kind (first) was called a kind (second).
    pub confusion: BTreeMap<Kind, BTreeMap<Kind, usize>>,
}

/// One label with the reading of its text.
#[derive(Debug, Clone)]
pub struct Compared {
    /// What a careful reader says.
    pub label: Label,
    /// What the program says.
    pub reading: Reading,
}

impl Compared {
    /// Whether kind, services and moves are all right.
    pub fn is_right(&self) -> bool {
        self.label.kind == self.reading.kind
            && self.label.down == self.reading.down
            && self.label.moves == self.reading.moves
    }
}

impl Evaluation {
    /// Counts a group of comparisons.
    pub fn of<'a>(group: impl IntoIterator<Item = &'a Compared>) -> Self {
        let mut evaluation = Self::default();
        for compared in group {
            evaluation.add(compared);
        }
        evaluation
    }

    /// The eight figures of every table: precision, recall and F1 of complaints, then F1 of returns, news, failing
    /// services, moves, and moves by destination.
    pub fn headline(&self) -> [Option<f64>; 8] {
        let kind = |kind: Kind| self.kinds.get(&kind).copied().unwrap_or_default();
        let complaint = kind(Kind::Complaint);
        [
            complaint.precision(),
            complaint.recall(),
            complaint.f1(),
            kind(Kind::Restored).f1(),
            kind(Kind::News).f1(),
            self.down.f1(),
            self.moves.f1(),
            self.moves_to.f1(),
        ]
    }

    fn add(&mut self, Compared { label, reading }: &Compared) {
        self.num_labels += 1;
        self.accuracy.add(label.kind == reading.kind);
        self.lang.add(label.lang == reading.lang.code());
        for kind in Kind::ALL {
            self.kinds.entry(kind).or_default().add(label.kind == kind, reading.kind == kind);
        }
        *self.confusion.entry(label.kind).or_default().entry(reading.kind).or_default() += 1;
        if matches!(label.kind, Kind::News | Kind::Other) {
            self.false_complaints.add(reading.kind == Kind::Complaint);
        }
        self.down.add_sets(&label.down, &reading.down);
        self.moves.add_sets(&label.moves, &reading.moves);
        let to = |moves: &[Move]| {
            let mut to: Vec<_> = moves.iter().map(|step| step.to.clone()).collect();
            to.sort();
            to.dedup();
            to
        };
        self.moves_to.add_sets(&to(&label.moves), &to(&reading.moves));
    }
}
