//! What the network sees of one post: how likely each class is, and which words speak most for one.

use std::cmp::Reverse;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::sight::Seen;
use super::{FILTERS, NUM_FILTERS, Network, Task, WIDTHS, before};
use crate::tag::opinion::linear::{ByClass, NUM_CLASSES, softmax};

/// What the filters see of one post, for one question.
#[derive(Debug)]
pub(in crate::tag::opinion) struct View<'n, 'a> {
    network: &'n Network,
    sight: Vec<Seen<'a>>,
    sums: Vec<[i16; NUM_FILTERS]>,
    task: Task,
}

impl<'n, 'a> View<'n, 'a> {
    /// Of a post.
    pub(in crate::tag::opinion) fn of(network: &'n Network, sight: Vec<Seen<'a>>, task: Task) -> Self {
        Self { network, sums: network.sums(&sight), sight, task }
    }

    /// The probability of each class.
    pub(in crate::tag::opinion) fn shares(&self) -> ByClass {
        let outputs = &self.network.weights.outputs[self.task as usize];
        let mut scores = outputs[NUM_FILTERS];
        for (value, row) in self.network.pooled(&self.sums).zip(outputs) {
            scores.iter_mut().zip(row).for_each(|(score, weight)| *score += value * weight);
        }
        softmax(scores)
    }

    /// The words of the window that speaks most for a class, if one does.
    pub(in crate::tag::opinion) fn reason(&self, class: usize) -> Option<Range<usize>> {
        let mut windows: FxHashMap<(usize, usize), f32> = FxHashMap::default();
        for (filter, value) in self.network.pooled(&self.sums).enumerate() {
            let row = &self.network.weights.outputs[self.task as usize][filter];
            let weight = row[class] - row.iter().sum::<f32>() / NUM_CLASSES as f32;
            // Of equal ones the first.
            let at = (0..self.sums.len()).max_by_key(|&at| (self.sums[at][filter], Reverse(at))).unwrap_or_default();
            *windows.entry((at, WIDTHS[filter / FILTERS])).or_default() += value * weight;
        }
        let strongest = |a: &((usize, usize), f32), b: &((usize, usize), f32)| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0));
        let ((at, width), weight) = windows.into_iter().max_by(strongest)?;
        let from = at.saturating_sub(before(width));
        let window = &self.sight[from..(at + width - before(width)).min(self.sight.len())];
        let words = window.first()?.token.words.start..window.last()?.token.words.end;
        (weight > 0.0 && !words.is_empty()).then_some(words)
    }
}
