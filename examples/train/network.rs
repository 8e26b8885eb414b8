//! The network's samples, and its table after training.

use std::collections::HashMap;

use caiu::tag::opinion::linear::NUM_CLASSES;
use caiu::tag::opinion::network::Task;
use caiu::tag::opinion::network::fit::{Sample, fit};
use caiu::tag::opinion::network::sight::Inputs;

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
    numbers: HashMap<String, u32>,
    /// In how many posts each input stands, and the last of them.
    counts: Vec<(u32, usize)>,
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
            .map(|token| token.iter().map(|(name, value)| (self.number(name, posts[0]), *value)).collect());
        let sample = Sample { tokens: tokens.collect(), task, class, weight: weight as f32 };
        self.lessons.push(Lesson { posts, sample });
    }

    fn number(&mut self, name: &str, post: usize) -> u32 {
        let new = self.counts.len() as u32;
        let number = *self.numbers.entry(name.to_owned()).or_insert(new);
        if number == new {
            self.counts.push((0, usize::MAX));
        }
        let (count, last) = &mut self.counts[number as usize];
        if *last != post {
            (*count, *last) = (*count + 1, post);
        }
        number
    }

    /// Trains on the samples all of whose posts are in.
    pub(crate) fn table(
        &self,
        classes: [[&str; NUM_CLASSES]; Task::ALL.len()],
        is_in: impl Fn(usize) -> bool,
    ) -> String {
        let least = |name: &str| if name.starts_with("l:") { LEAST_OF_LETTERS } else { LEAST_OF_WORD };
        let is_often = |(name, number): &(&String, &u32)| self.counts[**number as usize].0 >= least(name);
        let mut names: Vec<(&String, &u32)> = self.numbers.iter().filter(is_often).collect();
        names.sort_unstable();
        let mut numbers: Vec<Option<u32>> = vec![None; self.counts.len()];
        for (new, (_, number)) in names.iter().enumerate() {
            numbers[**number as usize] = Some(new as u32);
        }
        let known = |&(old, value): &(u32, f32)| Some((numbers[old as usize]?, value));
        let lessons = self.lessons.iter().filter(|lesson| lesson.posts.iter().all(|&post| is_in(post)));
        let samples: Vec<Sample> = lessons
            .map(|Lesson { sample, .. }| Sample {
                tokens: sample.tokens.iter().map(|inputs| inputs.iter().filter_map(known).collect()).collect(),
                ..*sample
            })
            .collect();
        let names: Vec<String> = names.into_iter().map(|(name, _)| name.clone()).collect();
        fit(&samples, names.len()).table(&names, classes)
    }
}
