//! Names of what is seen in posts, their numbers, and in how many posts each stands.

use std::collections::HashMap;

/// Names in the order in which posts brought them.
#[derive(Default)]
pub(crate) struct Names {
    numbers: HashMap<String, u32>,
    /// In how many posts each stands, and the last of them.
    counts: Vec<(u32, usize)>,
}

impl Names {
    /// The number of a name that stands in a post.
    pub(crate) fn number(&mut self, name: &str, post: usize) -> u32 {
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

    /// The names that stand in as many posts as `least` asks of them, sorted, and for each number its place among them: sums
    /// are taken in this order, whatever the order in which posts brought the names.
    pub(crate) fn often(&self, least: impl Fn(&str) -> u32) -> (Vec<&str>, Vec<Option<u32>>) {
        let mut names: Vec<(&str, u32)> = self.numbers.iter().map(|(name, &number)| (name.as_str(), number)).collect();
        names.retain(|&(name, number)| self.counts[number as usize].0 >= least(name));
        names.sort_unstable();
        let mut places: Vec<Option<u32>> = vec![None; self.counts.len()];
        for (place, &(_, number)) in names.iter().enumerate() {
            places[number as usize] = Some(place as u32);
        }
        (names.into_iter().map(|(name, _)| name).collect(), places)
    }
}
