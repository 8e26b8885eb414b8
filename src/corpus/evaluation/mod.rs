//! Comparing readings with labels: precision, recall and F1 of kinds, services and moves, by any group of labels.

pub mod bootstrap;
pub mod comparison;
pub mod groups;
pub mod labels;
pub mod points;
pub mod rows;
pub mod score;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{Kind, Reading};
pub use bootstrap::{Bootstrap, Interval};
pub use comparison::Comparison;
pub use groups::{By, Group, groups};
pub use labels::{Label, LabelError, read_labels};
pub use points::{FIGURES, Figure, Points};
pub use rows::{ReadRow, RowsError};
pub use score::{Counts, Ratio};

/// The comparison over one group of labels.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Evaluation {
    /// Labels in the group.
    pub num_labels: usize,
    /// What was counted over them.
    #[serde(flatten)]
    pub points: Points,
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
        self.label.is_met_by(&self.reading)
    }
}

impl Label {
    /// Whether kind, services and moves of a reading are those of the label.
    pub fn is_met_by(&self, reading: &Reading) -> bool {
        self.kind == reading.kind && self.down == reading.down && self.moves == reading.moves
    }
}

impl Evaluation {
    /// Counts a group of comparisons.
    pub fn of<'a>(members: impl IntoIterator<Item = &'a Compared>) -> Self {
        Self::about(members, None)
    }

    /// Counts the comparisons of a group; of services and moves only what concerns the group's service, if it has one.
    pub fn of_group(compared: &[Compared], group: &Group) -> Self {
        Self::about(group.members.iter().map(|&row| &compared[row]), group.service.as_ref())
    }

    fn about<'a>(members: impl IntoIterator<Item = &'a Compared>, about: Option<&crate::model::ServiceId>) -> Self {
        let mut evaluation = Self::default();
        for Compared { label, reading } in members {
            evaluation.num_labels += 1;
            evaluation.points += Points::of(label, reading, about);
            *evaluation.confusion.entry(label.kind).or_default().entry(reading.kind).or_default() += 1;
        }
        evaluation
    }
}
