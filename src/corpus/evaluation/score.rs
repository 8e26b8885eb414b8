//! Counting right and wrong: ratios, precision, recall, F1 (van Rijsbergen, "Information Retrieval", 1979).

use std::ops::AddAssign;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ratio {
    /// How many were.
    pub num: usize,
    /// Of how many.
    pub of: usize,
}

impl Ratio {
    /// Counts one more.
    pub fn add(&mut self, is: bool) {
        self.of += 1;
        self.num += usize::from(is);
    }

    /// The ratio; `None` of none.
    pub fn value(&self) -> Option<f64> {
        (self.of > 0).then(|| self.num as f64 / self.of as f64)
    }
}

impl AddAssign for Ratio {
    fn add_assign(&mut self, other: Self) {
        self.num += other.num;
        self.of += other.of;
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Ratio", 3)?;
        out.serialize_field("num", &self.num)?;
        out.serialize_field("of", &self.of)?;
        out.serialize_field("value", &self.value())?;
        out.end()
    }
}

/// True positives, false positives, false negatives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Said and true.
    pub hits: usize,
    /// Said and not true.
    pub false_alarms: usize,
    /// True and not said.
    pub misses: usize,
}

impl Counts {
    /// Counts one item.
    pub fn add(&mut self, is_true: bool, is_said: bool) {
        match (is_true, is_said) {
            (true, true) => self.hits += 1,
            (false, true) => self.false_alarms += 1,
            (true, false) => self.misses += 1,
            (false, false) => {}
        }
    }

    /// Counts every member of two sets without doubles.
    pub fn add_sets<T: PartialEq>(&mut self, truth: &[T], said: &[T]) {
        let hits = truth.iter().filter(|item| said.contains(item)).count();
        self.hits += hits;
        self.misses += truth.len() - hits;
        self.false_alarms += said.len() - hits;
    }

    /// Share of what was said that is true; `None` where nothing was said.
    pub fn precision(&self) -> Option<f64> {
        Ratio { num: self.hits, of: self.hits + self.false_alarms }.value()
    }

    /// Share of what is true that was said; `None` where nothing is true.
    pub fn recall(&self) -> Option<f64> {
        Ratio { num: self.hits, of: self.hits + self.misses }.value()
    }

    /// Harmonic mean of precision and recall; `None` where there is nothing to say and nothing said.
    pub fn f1(&self) -> Option<f64> {
        Ratio { num: 2 * self.hits, of: 2 * self.hits + self.false_alarms + self.misses }.value()
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.hits += other.hits;
        self.false_alarms += other.false_alarms;
        self.misses += other.misses;
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Counts", 6)?;
        out.serialize_field("hits", &self.hits)?;
        out.serialize_field("false_alarms", &self.false_alarms)?;
        out.serialize_field("misses", &self.misses)?;
        out.serialize_field("precision", &self.precision())?;
        out.serialize_field("recall", &self.recall())?;
        out.serialize_field("f1", &self.f1())?;
        out.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_those_of_the_book() {
        let counts = Counts { hits: 6, false_alarms: 2, misses: 4 };
        assert_eq!(counts.precision(), Some(0.75));
        assert_eq!(counts.recall(), Some(0.6));
        assert!((counts.f1().unwrap() - 2.0 * 0.75 * 0.6 / 1.35).abs() < 1e-12);
        assert_eq!(Counts::default().f1(), None);
    }
}
