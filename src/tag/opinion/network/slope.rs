//! The slope of the network's loss over some samples, with dropout (Srivastava et al., JMLR 2014) of inputs and of filters.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::fit::Sample;
use super::{DIMS, FILTERS, NUM_FILTERS, WIDTHS, Weights, before};
use crate::tag::opinion::linear::{ByClass, NUM_CLASSES, softmax};

/// Share of the inputs of a token that are hidden.
const HIDDEN_INPUTS: f32 = 0.2;
/// Share of the filters that are silent.
const SILENT_FILTERS: f32 = 0.5;
/// Share of certainty that is given to all classes alike.
const SMOOTHING: f32 = 0.05;

/// The slope of the loss over some samples, with which inputs it is about.
pub(super) struct Slope {
    pub at: Weights,
    /// Inputs that the samples have.
    pub touched: Vec<u32>,
    is_touched: Vec<bool>,
}

impl Slope {
    pub(super) fn of(weights: &Weights) -> Self {
        Self { at: nothing(weights), touched: Vec::new(), is_touched: vec![false; weights.inputs.len()] }
    }

    pub(super) fn clear(&mut self) {
        for input in self.touched.drain(..) {
            self.at.inputs[input as usize] = [0.0; DIMS];
            self.is_touched[input as usize] = false;
        }
        dense(&mut self.at).for_each(|weight| *weight = 0.0);
    }

    /// Adds the slope of one sample.
    pub(super) fn learn(
        &mut self,
        sample: &Sample,
        weights: &Weights,
        columns: &[[[f32; FILTERS]; DIMS]],
        chances: &mut ChaCha8Rng,
    ) {
        let mut vectors = vec![[0.0_f32; DIMS]; sample.tokens.len()];
        let mut heard: Vec<(usize, u32, f32)> = Vec::new();
        for (at, inputs) in sample.tokens.iter().enumerate() {
            for &(input, value) in inputs {
                if chances.random::<f32>() >= HIDDEN_INPUTS {
                    heard.push((at, input, value));
                    add(&mut vectors[at], value, &weights.inputs[input as usize]);
                }
            }
        }
        let mut pooled = pooled(&vectors, weights, columns);
        for (value, _) in &mut pooled {
            let is_silent = chances.random::<f32>() < SILENT_FILTERS;
            *value = if is_silent { 0.0 } else { *value / (1.0 - SILENT_FILTERS) };
        }
        let task = sample.task as usize;
        let mut scores = weights.outputs[task][NUM_FILTERS];
        for ((value, _), row) in pooled.iter().zip(&weights.outputs[task]) {
            add(&mut scores, *value, row);
        }
        let mut off: ByClass = softmax(scores);
        for (class, off) in off.iter_mut().enumerate() {
            let is_right = if class == sample.class { 1.0 - SMOOTHING } else { 0.0 };
            *off = sample.weight * (*off - is_right - SMOOTHING / NUM_CLASSES as f32);
        }
        add(&mut self.at.outputs[task][NUM_FILTERS], 1.0, &off);
        let mut pulls = vec![[0.0_f32; DIMS]; sample.tokens.len()];
        for (filter, &(value, at)) in pooled.iter().enumerate().filter(|(_, (value, _))| *value > 0.0) {
            add(&mut self.at.outputs[task][filter], value, &off);
            let row = &weights.outputs[task][filter];
            let pull = off.iter().zip(row).map(|(off, weight)| off * weight).sum::<f32>() / (1.0 - SILENT_FILTERS);
            self.at.biases[filter] += pull;
            let steps = weights.filters[filter].iter().zip(&mut self.at.filters[filter]).enumerate();
            for (step, (vector, slope)) in steps {
                let Some(place) = (at + step).checked_sub(before(WIDTHS[filter / FILTERS])) else { continue };
                if let Some(seen) = vectors.get(place) {
                    add(slope, pull, seen);
                    add(&mut pulls[place], pull, vector);
                }
            }
        }
        for (at, input, value) in heard {
            self.pull(input, value, &pulls[at]);
        }
    }

    /// Adds to the vector of an input.
    fn pull(&mut self, input: u32, times: f32, vector: &[f32; DIMS]) {
        if !self.is_touched[input as usize] {
            self.is_touched[input as usize] = true;
            self.touched.push(input);
        }
        add(&mut self.at.inputs[input as usize], times, vector);
    }

    /// Adds another slope.
    pub(super) fn take(&mut self, other: &mut Self) {
        for &input in &other.touched {
            self.pull(input, 1.0, &other.at.inputs[input as usize]);
        }
        dense(&mut self.at).zip(dense(&mut other.at)).for_each(|(sum, more)| *sum += *more);
    }
}

/// Of each filter the most that it sees anywhere, at least nothing, and where.
pub(super) fn pooled(
    vectors: &[[f32; DIMS]],
    weights: &Weights,
    columns: &[[[f32; FILTERS]; DIMS]],
) -> Vec<(f32, usize)> {
    let mut pooled = vec![(0.0, 0); NUM_FILTERS];
    let mut first = 0;
    for (number, width) in WIDTHS.into_iter().enumerate() {
        let range = number * FILTERS..(number + 1) * FILTERS;
        for at in 0..vectors.len() {
            let mut sums: [f32; FILTERS] = std::array::from_fn(|filter| weights.biases[range.start + filter]);
            for step in 0..width {
                let place = (at + step).checked_sub(before(width)).and_then(|place| vectors.get(place));
                for (number, column) in place.into_iter().flatten().zip(&columns[first + step]) {
                    sums.iter_mut().zip(column).for_each(|(sum, weight)| *sum += number * weight);
                }
            }
            for (most, sum) in pooled[range.clone()].iter_mut().zip(sums) {
                if sum > most.0 {
                    *most = (sum, at);
                }
            }
        }
        first += width;
    }
    pooled
}

/// All weights but those of the inputs.
pub(super) fn dense(weights: &mut Weights) -> impl Iterator<Item = &mut f32> {
    let filters = weights.filters.iter_mut().flatten().flatten();
    filters.chain(&mut weights.biases).chain(weights.outputs.iter_mut().flatten().flatten())
}

/// The same weights, all nothing.
pub(super) fn nothing(weights: &Weights) -> Weights {
    let mut nothing = weights.clone();
    nothing.inputs.fill([0.0; DIMS]);
    dense(&mut nothing).for_each(|weight| *weight = 0.0);
    nothing
}

/// Adds a vector so many times.
pub(super) fn add<const N: usize>(sum: &mut [f32; N], times: f32, vector: &[f32; N]) {
    sum.iter_mut().zip(vector).for_each(|(sum, number)| *sum += times * number);
}
