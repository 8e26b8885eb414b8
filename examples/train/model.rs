//! One model's samples, and its table after training.

use std::collections::HashMap;

use caiu::tag::opinion::features::Features;
use caiu::tag::opinion::fit::{Sample, fit};
use caiu::tag::opinion::linear::{Linear, NUM_CLASSES, SCALE};

/// Half the factor of the sum of squared weights.
const PENALTY: f64 = 2.0;

/// In how many posts a feature must stand.
const LEAST_POSTS: u32 = 2;

/// Least weight in the table, as it stands there, that one class of a feature must have: the others are noise.
const LEAST_WEIGHT: i32 = 40;

struct Lesson {
    /// The post, or both.
    posts: [usize; 2],
    features: Vec<(u32, f32)>,
    class: usize,
    weight: f64,
}

/// Samples and the names of their features.
#[derive(Default)]
pub(crate) struct Model {
    numbers: HashMap<String, u32>,
    /// In how many posts each feature stands, and the last of them.
    counts: Vec<(u32, usize)>,
    lessons: Vec<Lesson>,
}

impl Model {
    /// Adds a sample that was made of these posts.
    pub(crate) fn add(&mut self, posts: [usize; 2], features: &Features, class: usize, weight: f64) {
        let mut found: Vec<(u32, f32)> = Vec::new();
        for (name, value, _) in features.iter() {
            let new = self.counts.len() as u32;
            let number = *self.numbers.entry(name.to_owned()).or_insert(new);
            if number == new {
                self.counts.push((0, usize::MAX));
            }
            let (count, last) = &mut self.counts[number as usize];
            if *last != posts[0] {
                (*count, *last) = (*count + 1, posts[0]);
            }
            found.push((number, value));
        }
        self.lessons.push(Lesson { posts, features: found, class, weight });
    }

    /// Trains on the samples all of whose posts are in.
    pub(crate) fn table(&self, classes: [&str; NUM_CLASSES], is_in: impl Fn(usize) -> bool) -> String {
        let mut names: Vec<(&str, u32)> = self.numbers.iter().map(|(name, &number)| (name.as_str(), number)).collect();
        names.retain(|&(_, number)| self.counts[number as usize].0 >= LEAST_POSTS);
        // Sums are taken in the order of the names, whatever the order in which posts brought them.
        names.sort_unstable();
        let mut numbers: Vec<Option<u32>> = vec![None; self.counts.len()];
        for (new, &(_, number)) in names.iter().enumerate() {
            numbers[number as usize] = Some(new as u32);
        }
        let lessons = self.lessons.iter().filter(|lesson| lesson.posts.iter().all(|&post| is_in(post)));
        let samples: Vec<Sample> = lessons
            .map(|lesson| {
                let known = lesson.features.iter().filter_map(|&(old, value)| Some((numbers[old as usize]?, value)));
                Sample { features: known.collect(), class: lesson.class, weight: lesson.weight }
            })
            .collect();
        let weights = fit(&samples, names.len(), PENALTY);
        let whole = |weight: f64| (weight * f64::from(SCALE)).round() as i32;
        let rows: Vec<(String, [i32; NUM_CLASSES])> = names
            .iter()
            .zip(weights.chunks(NUM_CLASSES))
            .map(|(&(name, _), row)| (name.to_owned(), std::array::from_fn(|class| whole(row[class]))))
            .filter(|(_, row)| row.iter().any(|weight| weight.abs() >= LEAST_WEIGHT))
            .collect();
        Linear::table(classes, &rows)
    }
}
