//! A small convolutional network over the tokens of a post: filters over a few tokens side by side, each taken where it fits
//! best, and a linear layer over them (Kim, "Convolutional Neural Networks for Sentence Classification", EMNLP 2014).
//!
//! A linear model adds up what it sees wherever it stands; filters see what stands together, in order, in words that were
//! never side by side in a post to learn from. Tokens go in as sums of vectors (`sight.rs`, `marks.rs`), so that what a word
//! adds to each filter is worked out once.

pub mod fit;
mod marks;
pub mod sight;
mod slope;
mod table;
pub(super) mod view;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustc_hash::FxHashMap;

use super::linear::{ByClass, key};
use sight::Seen;

/// Numbers in the vector of an input.
pub const DIMS: usize = 32;
/// How many tokens the filters look at, side by side.
pub const WIDTHS: [usize; 3] = [2, 3, 5];
/// Filters of each width.
pub const FILTERS: usize = 64;
/// All filters.
pub const NUM_FILTERS: usize = WIDTHS.len() * FILTERS;
/// Places in the windows of all widths.
const NUM_PLACES: usize = WIDTHS[0] + WIDTHS[1] + WIDTHS[2];

/// What is asked of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// The kind of the post.
    Kind,
    /// The part of one service in it.
    Part,
}

impl Task {
    /// All tasks, in the order of the network's outputs.
    pub const ALL: [Self; 2] = [Self::Kind, Self::Part];
}

/// All that was learned, as it stands in the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// The vector of each input.
    pub inputs: Vec<[f32; DIMS]>,
    /// Of each filter, in the order of the widths: one vector for each token in its window.
    pub filters: Vec<Vec<[f32; DIMS]>>,
    /// What each filter adds to what it sees.
    pub biases: Vec<f32>,
    /// For each task what each filter says for each class, and last what is said anyway.
    pub outputs: [Vec<ByClass>; Task::ALL.len()],
}

/// What one token adds to the filters: for each width and each place in the window, a number for each filter; whole numbers,
/// so that more of them fit beside each other and their sums are the same in every order.
type Share = [[i16; FILTERS]; NUM_PLACES];

/// How many of a share's whole numbers are one.
const ONE: f32 = 1000.0;

/// The network, ready to judge.
#[derive(Debug)]
pub struct Network {
    names: FxHashMap<u64, u32>,
    weights: Weights,
    /// The filters with all of one width side by side: by width and place, then dimension.
    columns: Vec<[[f32; FILTERS]; DIMS]>,
    /// What each input that is a word adds, with its letters, once it has been worked out.
    shares: Vec<OnceLock<Box<Share>>>,
    num_kept: AtomicUsize,
}

/// How many words are kept with what they add; 1.25 KiB each.
const MOST_KEPT: usize = 16_384;

impl Network {
    fn new(names: FxHashMap<u64, u32>, weights: Weights) -> Self {
        let columns = columns(&weights.filters);
        let shares = weights.inputs.iter().map(|_| OnceLock::new()).collect();
        Self { names, weights, columns, shares, num_kept: AtomicUsize::new(0) }
    }

    /// What each filter sees at each token.
    fn sums(&self, sight: &[Seen<'_>]) -> Vec<[i16; NUM_FILTERS]> {
        let mut sums = vec![[0_i16; NUM_FILTERS]; sight.len()];
        let mut name = String::new();
        for (at, seen) in sight.iter().enumerate() {
            self.each_share(seen, &mut name, |share| {
                for (width, place, target) in places(at, sight.len()) {
                    let cells = &mut sums[target][width * FILTERS..(width + 1) * FILTERS];
                    cells.iter_mut().zip(&share[place]).for_each(|(sum, more)| *sum = sum.saturating_add(*more));
                }
            });
        }
        sums
    }

    /// Of each filter the most that it sees anywhere, at least nothing.
    fn pooled(&self, sums: &[[i16; NUM_FILTERS]]) -> impl Iterator<Item = f32> {
        let mut most = [i16::MIN; NUM_FILTERS];
        for sums in sums {
            most.iter_mut().zip(sums).for_each(|(most, sum)| *most = (*most).max(*sum));
        }
        most.into_iter().zip(&self.weights.biases).map(|(sum, bias)| (f32::from(sum) / ONE + bias).max(0.0))
    }

    /// What a token adds: its word with its letters, and each of its marks. `name` is used again for each of them.
    fn each_share(&self, seen: &Seen<'_>, name: &mut String, mut add: impl FnMut(&Share)) {
        let is_kept =
            |place: &OnceLock<_>| place.get().is_some() || self.num_kept.fetch_add(1, Ordering::Relaxed) < MOST_KEPT;
        match self.row(seen.word_name(name)).map(|row| &self.shares[row]).filter(|place| is_kept(place)) {
            Some(place) => add(place.get_or_init(|| self.word_share(seen))),
            None => add(&self.word_share(seen)),
        }
        seen.each_mark(name, |mark| {
            if let Some(row) = self.row(mark) {
                add(self.shares[row].get_or_init(|| self.share_of(&self.weights.inputs[row])));
            }
        });
    }

    fn word_share(&self, seen: &Seen<'_>) -> Box<Share> {
        let mut sum = [0.0; DIMS];
        seen.each_of_word(|name, value| {
            if let Some(row) = self.row(name) {
                sum.iter_mut().zip(&self.weights.inputs[row]).for_each(|(sum, number)| *sum += value * number);
            }
        });
        self.share_of(&sum)
    }

    fn share_of(&self, vector: &[f32; DIMS]) -> Box<Share> {
        let mut share = Box::new([[0; FILTERS]; NUM_PLACES]);
        for (cells, columns) in share.iter_mut().zip(&self.columns) {
            let mut sums = [0.0; FILTERS];
            for (number, column) in vector.iter().zip(columns) {
                sums.iter_mut().zip(column).for_each(|(sum, weight)| *sum += number * weight);
            }
            // To the nearest, without a call for each; a number beyond what fits is the largest that does.
            cells.iter_mut().zip(sums).for_each(|(cell, sum)| *cell = (sum * ONE + 0.5_f32.copysign(sum)) as i16);
        }
        share
    }

    fn row(&self, name: &str) -> Option<usize> {
        self.names.get(&key(name)).map(|&row| row as usize)
    }
}

/// Tokens of a window before the one at which it is counted.
fn before(width: usize) -> usize {
    (width - 1) / 2
}

/// Where a token stands in windows: the number of the width, the place in all windows, and the token at which the window is
/// counted.
fn places(at: usize, num_tokens: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    let mut place = 0;
    WIDTHS.into_iter().enumerate().flat_map(move |(number, width)| {
        let first = place;
        place += width;
        (0..width).filter_map(move |step| {
            let target = (at + before(width)).checked_sub(step)?;
            (target < num_tokens).then_some((number, first + step, target))
        })
    })
}

/// Filters with all of one width side by side.
fn columns(filters: &[Vec<[f32; DIMS]>]) -> Vec<[[f32; FILTERS]; DIMS]> {
    let widths = WIDTHS.into_iter().zip(filters.chunks(FILTERS));
    let steps = widths.flat_map(|(width, of_width)| (0..width).map(move |step| (of_width, step)));
    steps
        .map(|(of_width, step)| std::array::from_fn(|dim| std::array::from_fn(|filter| of_width[filter][step][dim])))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::opinion::network::fit::tests::by_chance;
    use crate::tag::opinion::tokens::Token;

    #[test]
    fn words_that_were_worked_out_before_add_the_same() {
        let weights = by_chance(3);
        let names = ["w:a", "w:b", "m:fail"].into_iter().zip(0..).map(|(name, row)| (key(name), row)).collect();
        let network = Network::new(names, weights.clone());
        let texts = ["a", "b", "b", "c", "a", "b", "a"];
        let token = |(at, text)| Token { text, bare: text, words: at..at + 1, mention: None, is_word: false };
        let marks = |at: usize| if at == 2 { vec![["m:", "fail", ""]] } else { Vec::new() };
        let sight: Vec<Seen<'_>> = texts
            .into_iter()
            .enumerate()
            .map(|(at, text)| Seen { token: token((at, text)), marks: marks(at) })
            .collect();
        let vectors: Vec<[f32; DIMS]> = (0..texts.len())
            .map(|at| {
                let rows = ["a", "b", "c"].iter().position(|text| *text == texts[at]).filter(|&row| row < 2);
                let rows = rows.into_iter().chain((at == 2).then_some(2));
                rows.fold([0.0; DIMS], |sum, row| std::array::from_fn(|dim| sum[dim] + weights.inputs[row][dim]))
            })
            .collect();
        let expected = slope::pooled(&vectors, &weights, &network.columns);
        for _ in 0..2 {
            for (found, (value, _)) in network.pooled(&network.sums(&sight)).zip(&expected) {
                assert!((found - value).abs() < 0.01, "{found} for {value}");
            }
        }
    }
}
