//! Training of the network: cross-entropy by Adam (Kingma and Ba, ICLR 2015) with dropout (Srivastava et al., JMLR 2014). One
//! order of samples, of chances and of sums, whatever the machine: the same samples give the same weights.

use std::f32::consts::PI;
use std::thread;

use rand::seq::SliceRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{DIMS, FILTERS, NUM_FILTERS, Task, WIDTHS, Weights, before, columns};
use crate::tag::opinion::linear::{ByClass, NUM_CLASSES, softmax};

/// What the network learns from: a post, or a service in a post.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Numbers and values of the inputs of each token.
    pub tokens: Vec<Vec<(u32, f32)>>,
    /// What is asked.
    pub task: Task,
    /// The right class.
    pub class: usize,
    /// How much it counts.
    pub weight: f32,
}

/// How often all samples are seen.
const NUM_ROUNDS: usize = 4;
/// Samples of one step.
const BATCH: usize = 64;
/// In how many parts a step is summed, each by a thread of its own; another number would give other last digits.
const NUM_PARTS: usize = 2;
/// Length of the first steps; it falls to nothing along a half wave.
const STEP: f32 = 2e-3;
/// Share of the inputs of a token that are hidden.
const HIDDEN_INPUTS: f32 = 0.1;
/// Share of the filters that are silent.
const SILENT_FILTERS: f32 = 0.5;
/// Share of certainty that is given to all classes alike.
const SMOOTHING: f32 = 0.05;

/// The weights that `samples` of `num_inputs` inputs teach.
pub fn fit(samples: &[Sample], num_inputs: usize) -> Weights {
    let mut chances = ChaCha8Rng::seed_from_u64(0);
    let mut weights = beginning(num_inputs, &mut chances);
    let mut parts: Vec<Slope> = (0..NUM_PARTS).map(|_| Slope::of(&weights)).collect();
    let mut adam = Adam::of(&weights);
    let mut order: Vec<usize> = (0..samples.len()).collect();
    let num_steps = NUM_ROUNDS * samples.len().div_ceil(BATCH);
    let mut step = 0;
    for _ in 0..NUM_ROUNDS {
        order.shuffle(&mut chances);
        for batch in order.chunks(BATCH) {
            let columns = columns(&weights.filters);
            let seed = chances.next_u64();
            thread::scope(|scope| {
                for (number, part) in parts.iter_mut().enumerate() {
                    let (weights, columns) = (&weights, &columns);
                    scope.spawn(move || {
                        let mut chances = ChaCha8Rng::seed_from_u64(seed ^ number as u64);
                        part.clear();
                        for &sample in batch.iter().skip(number).step_by(NUM_PARTS) {
                            part.learn(&samples[sample], weights, columns, &mut chances);
                        }
                    });
                }
            });
            step += 1;
            let length = STEP * 0.5 * (1.0 + (PI * step as f32 / num_steps as f32).cos());
            adam.descend(&mut weights, &mut parts, length, batch.len() as f32, step);
        }
    }
    weights
}

/// Small numbers by chance, from which learning begins.
fn beginning(num_inputs: usize, chances: &mut ChaCha8Rng) -> Weights {
    let mut vector = |most: f32| std::array::from_fn(|_| chances.random_range(-most..most));
    let inputs = (0..num_inputs).map(|_| vector(0.15)).collect();
    let mut filters = Vec::with_capacity(NUM_FILTERS);
    for width in WIDTHS {
        let most = (3.0 / (width * DIMS) as f32).sqrt();
        filters.extend((0..FILTERS).map(|_| (0..width).map(|_| vector(most)).collect::<Vec<_>>()));
    }
    let most = (3.0 / NUM_FILTERS as f32).sqrt();
    let outputs = Task::ALL.map(|_| {
        let rows = (0..NUM_FILTERS).map(|_| std::array::from_fn(|_| chances.random_range(-most..most)));
        rows.chain([[0.0; NUM_CLASSES]]).collect()
    });
    Weights { inputs, filters, biases: vec![0.0; NUM_FILTERS], outputs }
}

/// The slope of the loss over some samples, with which inputs it is about.
struct Slope {
    at: Weights,
    touched: Vec<u32>,
    is_touched: Vec<bool>,
}

impl Slope {
    fn of(weights: &Weights) -> Self {
        Self { at: nothing(weights), touched: Vec::new(), is_touched: vec![false; weights.inputs.len()] }
    }

    fn clear(&mut self) {
        for input in self.touched.drain(..) {
            self.at.inputs[input as usize] = [0.0; DIMS];
            self.is_touched[input as usize] = false;
        }
        dense(&mut self.at).for_each(|weight| *weight = 0.0);
    }

    /// Adds the slope of one sample.
    fn learn(
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
            if !self.is_touched[input as usize] {
                self.is_touched[input as usize] = true;
                self.touched.push(input);
            }
            add(&mut self.at.inputs[input as usize], value, &pulls[at]);
        }
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

/// Means of slopes and of their squares, for each weight.
struct Adam {
    means: Weights,
    squares: Weights,
}

/// How much of the means stays at each step.
const KEPT: [f32; 2] = [0.9, 0.98];

impl Adam {
    fn of(weights: &Weights) -> Self {
        Self { means: nothing(weights), squares: nothing(weights) }
    }

    /// One step downhill; vectors of inputs that no sample of the step has stay as they are.
    fn descend(&mut self, weights: &mut Weights, parts: &mut [Slope], length: f32, num_samples: f32, step: usize) {
        let [first, second] = KEPT.map(|kept| 1.0 - kept.powi(step.min(10_000) as i32));
        let length = length * second.sqrt() / first;
        let step = |weight: &mut f32, mean: &mut f32, square: &mut f32, slope: f32| {
            let slope = slope / num_samples;
            *mean += (1.0 - KEPT[0]) * (slope - *mean);
            *square += (1.0 - KEPT[1]) * (slope * slope - *square);
            *weight -= length * *mean / (square.sqrt() + 1e-8);
        };
        let (one, others) = parts.split_first_mut().expect("there are parts");
        for other in others {
            for &input in &other.touched {
                if !one.is_touched[input as usize] {
                    one.is_touched[input as usize] = true;
                    one.touched.push(input);
                }
                add(&mut one.at.inputs[input as usize], 1.0, &other.at.inputs[input as usize]);
            }
            dense(&mut one.at).zip(dense(&mut other.at)).for_each(|(sum, more)| *sum += *more);
        }
        for &input in &one.touched {
            let input = input as usize;
            for dim in 0..DIMS {
                step(
                    &mut weights.inputs[input][dim],
                    &mut self.means.inputs[input][dim],
                    &mut self.squares.inputs[input][dim],
                    one.at.inputs[input][dim],
                );
            }
        }
        let cells = dense(weights).zip(dense(&mut self.means)).zip(dense(&mut self.squares)).zip(dense(&mut one.at));
        cells.for_each(|(((weight, mean), square), slope)| step(weight, mean, square, *slope));
    }
}

/// All weights but those of the inputs.
fn dense(weights: &mut Weights) -> impl Iterator<Item = &mut f32> {
    let filters = weights.filters.iter_mut().flatten().flatten();
    filters.chain(&mut weights.biases).chain(weights.outputs.iter_mut().flatten().flatten())
}

/// The same weights, all nothing.
fn nothing(weights: &Weights) -> Weights {
    let mut nothing = weights.clone();
    nothing.inputs.fill([0.0; DIMS]);
    dense(&mut nothing).for_each(|weight| *weight = 0.0);
    nothing
}

/// Adds a vector so many times.
fn add<const N: usize>(sum: &mut [f32; N], times: f32, vector: &[f32; N]) {
    sum.iter_mut().zip(vector).for_each(|(sum, number)| *sum += times * number);
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Weights that nobody has learned.
    pub(in super::super) fn by_chance(num_inputs: usize) -> Weights {
        beginning(num_inputs, &mut ChaCha8Rng::seed_from_u64(1))
    }

    #[test]
    fn order_is_learned() {
        // Classes that a sum over the words cannot tell apart: "a b" and "b a", anywhere among other words.
        let samples: Vec<Sample> = (0..4000)
            .map(|number: u32| {
                let class = number as usize % 2;
                let pair = if class == 0 { [0, 1] } else { [1, 0] };
                let mut words: Vec<u32> = (0..6).map(|place| 2 + (number * 7 + place * 13) % 11).collect();
                words.splice(number as usize % 5..number as usize % 5, pair);
                let tokens = words.into_iter().map(|word| vec![(word, 1.0)]).collect();
                Sample { tokens, task: Task::Kind, class, weight: 1.0 }
            })
            .collect();
        let weights = fit(&samples, 13);
        let columns = columns(&weights.filters);
        let right = samples.iter().filter(|sample| {
            let vectors: Vec<_> = sample.tokens.iter().map(|inputs| weights.inputs[inputs[0].0 as usize]).collect();
            let mut scores = weights.outputs[0][NUM_FILTERS];
            for ((value, _), row) in pooled(&vectors, &weights, &columns).iter().zip(&weights.outputs[0]) {
                add(&mut scores, *value, row);
            }
            scores[sample.class] > scores[1 - sample.class]
        });
        assert!(right.count() > 3900);
        assert_eq!(fit(&samples[..200], 13), fit(&samples[..200], 13));
    }
}
