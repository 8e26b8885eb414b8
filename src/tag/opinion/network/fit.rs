//! Training of the network: cross-entropy by Adam (Kingma and Ba, ICLR 2015). One order of samples, of chances and of sums,
//! whatever the machine: the same samples give the same weights.

use std::f32::consts::PI;
use std::thread;

use rand::seq::SliceRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::slope::{Slope, dense, nothing};
use super::{DIMS, FILTERS, NUM_FILTERS, Task, WIDTHS, Weights, columns};
use crate::tag::opinion::linear::NUM_CLASSES;

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
const NUM_ROUNDS: usize = 6;
/// Samples of one step.
const BATCH: usize = 64;
/// In how many parts a step is summed, each by a thread of its own; another number would give other last digits.
const NUM_PARTS: usize = 2;
/// Length of the first steps.
const STEP: f32 = 2e-3;
/// Share of it to which steps fall along a half wave.
const LEAST_SHARE: f32 = 0.25;
/// In how many last rounds weights are averaged (Izmailov et al., "Averaging Weights Leads to Wider Optima and Better
/// Generalization", UAI 2018).
const AVERAGED_ROUNDS: usize = 2;
/// From one that counts to the next, in steps.
const AVERAGED_STEPS: usize = 50;

/// The weights that `samples` of `num_inputs` inputs teach.
pub fn fit(samples: &[Sample], num_inputs: usize) -> Weights {
    let mut chances = ChaCha8Rng::seed_from_u64(0);
    let mut weights = beginning(num_inputs, &mut chances);
    let mut parts: Vec<Slope> = (0..NUM_PARTS).map(|_| Slope::of(&weights)).collect();
    let mut adam = Adam::of(&weights);
    let mut mean = Mean { weights: nothing(&weights), num: 0.0 };
    let mut order: Vec<usize> = (0..samples.len()).collect();
    let num_steps = NUM_ROUNDS * samples.len().div_ceil(BATCH);
    let mut step = 0;
    for round in 0..NUM_ROUNDS {
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
            let (slope, others) = parts.split_first_mut().expect("there are parts");
            others.iter_mut().for_each(|other| slope.take(other));
            step += 1;
            let wave = 0.5 * (1.0 + (PI * step as f32 / num_steps as f32).cos());
            let length = STEP * (LEAST_SHARE + (1.0 - LEAST_SHARE) * wave);
            adam.descend(&mut weights, slope, length, batch.len() as f32, step);
            if round + AVERAGED_ROUNDS >= NUM_ROUNDS && step % AVERAGED_STEPS == 0 {
                mean.add(&mut weights);
            }
        }
    }
    // Of few samples there are fewer steps than one that counts.
    if mean.num > 0.0 { mean.weights } else { weights }
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

/// The mean of weights at several steps.
struct Mean {
    weights: Weights,
    num: f32,
}

impl Mean {
    fn add(&mut self, weights: &mut Weights) {
        self.num += 1.0;
        let share = 1.0 / self.num;
        let approach = |mean: &mut f32, weight: &f32| *mean += share * (weight - *mean);
        let inputs = self.weights.inputs.as_flattened_mut().iter_mut().zip(weights.inputs.as_flattened());
        inputs.for_each(|(mean, weight)| approach(mean, weight));
        dense(&mut self.weights).zip(dense(weights)).for_each(|(mean, weight)| approach(mean, weight));
    }
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
    fn descend(&mut self, weights: &mut Weights, slope: &mut Slope, length: f32, num_samples: f32, step: usize) {
        let [first, second] = KEPT.map(|kept| 1.0 - kept.powi(step.min(10_000) as i32));
        let length = length * second.sqrt() / first;
        let correct = |weight: &mut f32, mean: &mut f32, square: &mut f32, slope: f32| {
            let slope = slope / num_samples;
            *mean += (1.0 - KEPT[0]) * (slope - *mean);
            *square += (1.0 - KEPT[1]) * (slope * slope - *square);
            *weight -= length * *mean / (square.sqrt() + 1e-8);
        };
        for &input in &slope.touched {
            let input = input as usize;
            for dim in 0..DIMS {
                correct(
                    &mut weights.inputs[input][dim],
                    &mut self.means.inputs[input][dim],
                    &mut self.squares.inputs[input][dim],
                    slope.at.inputs[input][dim],
                );
            }
        }
        let cells = dense(weights).zip(dense(&mut self.means)).zip(dense(&mut self.squares)).zip(dense(&mut slope.at));
        cells.for_each(|(((weight, mean), square), slope)| correct(weight, mean, square, *slope));
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::slope::{add, pooled};
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
