//! The network's samples, and its table after training.

use caiu::tag::opinion::linear::NUM_CLASSES;
use caiu::tag::opinion::network::Task;
use caiu::tag::opinion::network::fit::{Sample, fit};
use caiu::tag::opinion::network::sight::Inputs;

use crate::names::Names;

/// In how many posts a word must stand.
const LEAST_OF_WORD: u32 = 4;

/// The same of a run of letters: there are many, and what a rare one says its words say too.
const LEAST_OF_LETTERS: u32 = 24;

struct Lesson {
    /// The post, or both.
    posts: [usize; 2],
    sample: Sample,
}

/// Samples and the names of their inputs.
#[derive(Default)]
pub(crate) struct Words {
    names: Names,
    lessons: Vec<Lesson>,
}

impl Words {
    /// Adds a sample that was made of these posts, with the task and its right class.
    pub(crate) fn add(&mut self, posts: [usize; 2], inputs: &Inputs, (task, class): (Task, usize), weight: f64) {
        if weight == 0.0 {
            return;
        }
        let tokens = inputs
            .iter()
            .map(|token| token.iter().map(|(name, value)| (self.names.number(name, posts[0]), *value)).collect());
        let sample = Sample { tokens: tokens.collect(), task, class, weight: weight as f32 };
        self.lessons.push(Lesson { posts, sample });
    }

    /// Trains on the samples all of whose posts are in.
    pub(crate) fn table(
        &self,
        classes: [[&str; NUM_CLASSES]; Task::ALL.len()],
        is_in: impl Fn(usize) -> bool,
    ) -> String {
        let least = |name: &str| if name.starts_with("l:") { LEAST_OF_LETTERS } else { LEAST_OF_WORD };
        let (names, places) = self.names.often(least);
        let known = |&(old, value): &(u32, f32)| Some((places[old as usize]?, value));
        let lessons = self.lessons.iter().filter(|lesson| lesson.posts.iter().all(|&post| is_in(post)));
        let samples: Vec<Sample> = lessons
            .map(|Lesson { sample, .. }| Sample {
                tokens: sample.tokens.iter().map(|inputs| inputs.iter().filter_map(known).collect()).collect(),
                ..*sample
            })
            .collect();
        fit(&samples, names.len()).table(&names, classes)
    }
}
