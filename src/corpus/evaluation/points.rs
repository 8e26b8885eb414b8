//! What one labeled post adds to the figures of an evaluation, so that sums over any choice of posts are cheap.

use std::ops::AddAssign;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::{Counts, Label, Ratio};
use crate::model::{Kind, Move, Reading, ServiceId};

/// A figure of an evaluation: a share in 0..=1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    /// Its name in JSON.
    pub name: &'static str,
    /// Its name at the head of a column.
    pub title: &'static str,
}

/// All figures, in the order of [`Points::figures`].
pub const FIGURES: [Figure; 11] = [
    Figure { name: "complaint_precision", title: "complaint P" },
    Figure { name: "complaint_recall", title: "R" },
    Figure { name: "complaint_f1", title: "F1" },
    Figure { name: "restored_f1", title: "restored F1" },
    Figure { name: "news_f1", title: "news F1" },
    Figure { name: "down_f1", title: "down F1" },
    Figure { name: "moves_f1", title: "moves F1" },
    Figure { name: "moves_to_f1", title: "to F1" },
    Figure { name: "false_complaints", title: "false compl." },
    Figure { name: "kind", title: "kind" },
    Figure { name: "lang", title: "lang" },
];

/// Right and wrong of one post, or summed over several.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Points {
    /// Right kind over all labels.
    pub accuracy: Ratio,
    /// Right language over all labels.
    pub lang: Ratio,
    /// By kind, in the order of [`Kind::ALL`].
    #[serde(serialize_with = "by_kind")]
    pub kinds: [Counts; Kind::ALL.len()],
    /// Services: every (post, service) pair is one item.
    pub down: Counts,
    /// Moves with their origin: every (post, from, to) is one item.
    pub moves: Counts,
    /// Moves by destination alone: every (post, to) is one item.
    pub moves_to: Counts,
    /// News and other that were called a complaint.
    pub false_complaints: Ratio,
}

impl Points {
    /// Compares one reading with its label; of services and moves only what concerns `about`, if it is given.
    pub fn of(label: &Label, reading: &Reading, about: Option<&ServiceId>) -> Self {
        let mut points = Self::default();
        points.accuracy.add(label.kind == reading.kind);
        points.lang.add(label.lang == reading.lang.code());
        for (kind, counts) in Kind::ALL.into_iter().zip(&mut points.kinds) {
            counts.add(label.kind == kind, reading.kind == kind);
        }
        if matches!(label.kind, Kind::News | Kind::Other) {
            points.false_complaints.add(reading.kind == Kind::Complaint);
        }
        let is_wanted = |service: &ServiceId| about.is_none_or(|about| about == service);
        let down = |services: &[ServiceId]| services.iter().filter(|id| is_wanted(id)).cloned().collect::<Vec<_>>();
        let moves = |moves: &[Move]| {
            let concerns = |step: &&Move| is_wanted(&step.to) || step.from.as_ref().is_some_and(is_wanted);
            moves.iter().filter(concerns).cloned().collect::<Vec<_>>()
        };
        let to = |moves: &[Move]| {
            let mut to: Vec<ServiceId> = moves.iter().map(|step| step.to.clone()).filter(is_wanted).collect();
            to.sort();
            to.dedup();
            to
        };
        points.down.add_sets(&down(&label.down), &down(&reading.down));
        points.moves.add_sets(&moves(&label.moves), &moves(&reading.moves));
        points.moves_to.add_sets(&to(&label.moves), &to(&reading.moves));
        points
    }

    /// The counts of one kind.
    pub fn kind(&self, kind: Kind) -> Counts {
        self.kinds[kind as usize]
    }

    /// The figures that [`FIGURES`] names; `None` where there is nothing to have a share of.
    pub fn figures(&self) -> [Option<f64>; FIGURES.len()] {
        let complaint = self.kind(Kind::Complaint);
        [
            complaint.precision(),
            complaint.recall(),
            complaint.f1(),
            self.kind(Kind::Restored).f1(),
            self.kind(Kind::News).f1(),
            self.down.f1(),
            self.moves.f1(),
            self.moves_to.f1(),
            self.false_complaints.value(),
            self.accuracy.value(),
            self.lang.value(),
        ]
    }
}

impl AddAssign for Points {
    fn add_assign(&mut self, other: Self) {
        self.accuracy += other.accuracy;
        self.lang += other.lang;
        for (sum, counts) in self.kinds.iter_mut().zip(other.kinds) {
            *sum += counts;
        }
        self.down += other.down;
        self.moves += other.moves;
        self.moves_to += other.moves_to;
        self.false_complaints += other.false_complaints;
    }
}

fn by_kind<S: Serializer>(kinds: &[Counts; Kind::ALL.len()], serializer: S) -> Result<S::Ok, S::Error> {
    let mut out = serializer.serialize_map(Some(kinds.len()))?;
    for (kind, counts) in Kind::ALL.into_iter().zip(kinds) {
        out.serialize_entry(&kind, counts)?;
    }
    out.end()
}
