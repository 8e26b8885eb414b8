//! One model's samples, and its table after training.

use caiu::tag::opinion::features::Features;
use caiu::tag::opinion::fit::{Sample, fit};
use caiu::tag::opinion::linear::{Linear, NUM_CLASSES, SCALE};

use crate::names::Names;

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
    names: Names,
    lessons: Vec<Lesson>,
}

impl Model {
    /// Adds a sample that was made of these posts.
    pub(crate) fn add(&mut self, posts: [usize; 2], features: &Features, class: usize, weight: f64) {
        let features = features.iter().map(|(name, value, _)| (self.names.number(name, posts[0]), value)).collect();
        self.lessons.push(Lesson { posts, features, class, weight });
    }

    /// Trains on the samples all of whose posts are in.
    pub(crate) fn table(&self, classes: [&str; NUM_CLASSES], is_in: impl Fn(usize) -> bool) -> String {
        let (names, places) = self.names.often(|_| LEAST_POSTS);
        let lessons = self.lessons.iter().filter(|lesson| lesson.posts.iter().all(|&post| is_in(post)));
        let samples: Vec<Sample> = lessons
            .map(|lesson| {
                let known = lesson.features.iter().filter_map(|&(old, value)| Some((places[old as usize]?, value)));
                Sample { features: known.collect(), class: lesson.class, weight: lesson.weight }
            })
            .collect();
        let weights = fit(&samples, names.len(), PENALTY);
        let whole = |weight: f64| (weight * f64::from(SCALE)).round() as i32;
        let rows: Vec<(String, [i32; NUM_CLASSES])> = names
            .iter()
            .zip(weights.chunks(NUM_CLASSES))
            .map(|(&name, row)| (name.to_owned(), std::array::from_fn(|class| whole(row[class]))))
            .filter(|(_, row)| row.iter().any(|weight| weight.abs() >= LEAST_WEIGHT))
            .collect();
        Linear::table(classes, &rows)
    }
}
