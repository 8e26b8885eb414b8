//! Two readings of the same labels side by side: which rows were won and lost, and how far the figures differ.

use std::collections::BTreeMap;

use serde::Serialize;

use super::bootstrap::{Bootstrap, PerFigure, difference};
use super::{Compared, FIGURES, Group, Interval, Points};
use crate::model::{Kind, Reading};

/// Rows that became right or wrong. Right is what has kind, services and moves right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Traded {
    /// Labels.
    pub num_labels: usize,
    /// Right now.
    pub right_now: usize,
    /// Right before.
    pub right_before: usize,
    /// Right now, and wrong before.
    pub won: usize,
    /// Wrong now, and right before.
    pub lost: usize,
}

/// The difference of one figure, now minus before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// The figure now.
    pub now: f64,
    /// The figure before.
    pub before: f64,
    /// Now minus before.
    pub value: f64,
    /// Its 95 % interval from resampled pairs.
    pub interval: Option<Interval>,
}

/// The comparison over one group of labels.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// Rows won and lost, over all kinds.
    pub rows: Traded,
    /// The same by kind of the label.
    pub by_kind: BTreeMap<Kind, Traded>,
    /// Differences by name of the figure, where both have it.
    pub differences: BTreeMap<&'static str, Difference>,
}

impl Comparison {
    /// Compares the readings of a group with other readings of the same rows (`before`, in the order of `compared`).
    pub fn of(compared: &[Compared], before: &[Reading], group: &Group, bootstrap: &Bootstrap) -> Self {
        let mut rows = Traded::default();
        let mut by_kind: BTreeMap<Kind, Traded> = BTreeMap::new();
        let (mut now_points, mut before_points) = (Vec::new(), Vec::new());
        for &row in &group.members {
            let Compared { label, reading } = &compared[row];
            let (is_right, was_right) = (label.is_met_by(reading), label.is_met_by(&before[row]));
            for traded in [&mut rows, by_kind.entry(label.kind).or_default()] {
                traded.add(is_right, was_right);
            }
            now_points.push(Points::of(label, reading, group.service.as_ref()));
            before_points.push(Points::of(label, &before[row], group.service.as_ref()));
        }
        let (now, earlier) = (figures(&now_points), figures(&before_points));
        let values = difference(&now, &earlier);
        let intervals = bootstrap.differences(&now_points, &before_points);
        let differences = FIGURES.iter().enumerate().filter_map(|(number, figure)| {
            let (now, before, value) = (now[number]?, earlier[number]?, values[number]?);
            Some((figure.name, Difference { now, before, value, interval: intervals[number] }))
        });
        Self { rows, by_kind, differences: differences.collect() }
    }
}

impl Traded {
    fn add(&mut self, is_right: bool, was_right: bool) {
        self.num_labels += 1;
        self.right_now += usize::from(is_right);
        self.right_before += usize::from(was_right);
        self.won += usize::from(is_right && !was_right);
        self.lost += usize::from(was_right && !is_right);
    }
}

fn figures(points: &[Points]) -> PerFigure<f64> {
    let mut sum = Points::default();
    for &one in points {
        sum += one;
    }
    sum.figures()
}
