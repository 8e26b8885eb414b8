//! A linear model of four classes: weights by feature, read from a table that people can read too.

use std::fmt::Write as _;
use std::hash::Hasher;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHasher};

use super::features::Features;

/// Number of classes of every model.
pub const NUM_CLASSES: usize = 4;

/// One number for each class.
pub type ByClass = [f32; NUM_CLASSES];

/// Weights stand in the tables as whole numbers of this many to one.
pub const SCALE: f32 = 1000.0;

/// Weights of features, by the hash of their names.
#[derive(Debug, Default)]
pub struct Linear {
    weights: FxHashMap<u64, ByClass>,
}

impl Linear {
    /// Reads a table: a line of column names, then a feature and its weights on every line, with tabs between.
    ///
    /// # Errors
    /// On the first line that is none; the message names it.
    pub fn parse(table: &str) -> Result<Self, String> {
        let mut weights = FxHashMap::default();
        weights.reserve(table.len() / 32);
        for (number, line) in table.lines().enumerate().skip(1) {
            let (name, cells) = line.split_once('\t').unwrap_or_default();
            let row = numbers(cells, SCALE)
                .filter(|_| !name.is_empty())
                .ok_or_else(|| format!("line {}: a line is a feature and {NUM_CLASSES} whole numbers", number + 1))?;
            if weights.insert(key(name), row).is_some() {
                return Err(format!("line {}: the feature '{name}' stands twice", number + 1));
            }
        }
        Ok(Self { weights })
    }

    /// Writes a table; features in the order of their names.
    pub fn table(classes: [&str; NUM_CLASSES], weights: &[(String, [i32; NUM_CLASSES])]) -> String {
        let mut out = format!("feature\t{}\n", classes.join("\t"));
        let mut sorted: Vec<_> = weights.iter().collect();
        sorted.sort();
        for (name, row) in sorted {
            let cells: Vec<String> = row.iter().map(ToString::to_string).collect();
            // Writing to a text cannot fail.
            let _ = writeln!(out, "{name}\t{}", cells.join("\t"));
        }
        out
    }

    /// Number of features.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether it knows nothing.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// The probability of each class.
    pub fn shares(&self, features: &Features) -> ByClass {
        // All keys first: then the processor waits for the weights of several features at once, which are far away in memory.
        let keys: Vec<(u64, f32)> = features.iter().map(|(name, value, _)| (key(name), value)).collect();
        let mut scores = [0.0; NUM_CLASSES];
        for (key, value) in keys {
            if let Some(row) = self.weights.get(&key) {
                scores.iter_mut().zip(row).for_each(|(score, weight)| *score += value * weight);
            }
        }
        softmax(scores)
    }

    /// The `most` reasons that speak loudest for a class, or against it where negative, of those that `counts` holds for:
    /// name, value times weight less the mean over the classes, and the words it was seen in; the strongest first.
    pub fn reasons<'f>(
        &self,
        features: &'f Features,
        class: usize,
        most: usize,
        counts: impl Fn(f32, &Range<usize>) -> bool,
    ) -> Vec<(&'f str, f32, Range<usize>)> {
        let mut found: Vec<(&str, f32, Range<usize>)> = features
            .iter()
            .filter_map(|(name, value, words)| {
                let row = self.weights.get(&key(name))?;
                Some((name, value * (row[class] - row.iter().sum::<f32>() / NUM_CLASSES as f32), words))
            })
            .filter(|(_, weight, words)| counts(*weight, words))
            .collect();
        // Which of equal ones stay must not be left to chance, so that the place in the text decides last.
        let order = |a: &(&str, f32, Range<usize>), b: &(&str, f32, Range<usize>)| {
            b.1.abs().total_cmp(&a.1.abs()).then_with(|| a.0.cmp(b.0)).then(a.2.start.cmp(&b.2.start))
        };
        // A post has hundreds: to sort them all for a few was a fiftieth of the time of a post that names a service.
        if most < found.len() {
            found.select_nth_unstable_by(most, order);
            found.truncate(most);
        }
        found.sort_by(order);
        found
    }
}

/// Probabilities from what speaks for each class.
pub(super) fn softmax(scores: ByClass) -> ByClass {
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    let powers = scores.map(|score| (score - most).exp());
    let sum: f32 = powers.iter().sum();
    powers.map(|power| power / sum)
}

/// Whole numbers with tabs between them, so many to one; nothing for what is none.
pub(super) fn numbers_of(cells: &str, scale: f32) -> impl Iterator<Item = Option<f32>> {
    // Bytes: tables have millions of numbers, and every program begins with reading them.
    let whole = |cell: &[u8]| str::from_utf8(cell).ok()?.parse::<i32>().ok();
    cells.as_bytes().split(|&byte| byte == b'\t').map(move |cell| Some(whole(cell)? as f32 / scale))
}

/// The same where they are exactly as many as wanted.
pub(super) fn numbers<const N: usize>(cells: &str, scale: f32) -> Option<[f32; N]> {
    let mut found = numbers_of(cells, scale);
    let mut row = [0.0; N];
    for cell in &mut row {
        *cell = found.next()??;
    }
    found.next().is_none().then_some(row)
}

/// The number under which a name is kept.
pub(super) fn key(name: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(name.as_bytes());
    hasher.finish()
}
