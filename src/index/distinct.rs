//! Different keys in each bin: how many authors or clusters a series has at a time.

/// A bin with more keys than this is sorted; keys of fewer go through a table that stays near the processor, and that
/// nobody can make slow by keys that meet in it.
const MOST_IN_TABLE: usize = 1 << 12;

/// Keys as they come, repeated ones included, with the bins that they fall into: neighbors mostly share one.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// A bin, and the first of the keys that fall into it.
    runs: Vec<(u32, u32)>,
    keys: Vec<u64>,
}

/// The different keys of some bins, bin by bin.
#[derive(Debug, Default)]
pub(super) struct Distinct {
    /// The first bin.
    first: u32,
    /// Where the keys of each bin from there on begin, and where the last ones end.
    starts: Vec<u32>,
    keys: Vec<u64>,
}

impl Keys {
    /// None, with room for so many: room that nobody fills costs nothing, and growing would.
    pub(super) fn with_room(num: usize) -> Self {
        Self { runs: Vec::new(), keys: Vec::with_capacity(num) }
    }

    /// Number of keys.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Adds a key of a bin.
    #[inline]
    pub(super) fn push(&mut self, bin: u32, key: u64) {
        if self.runs.last().is_none_or(|(last, _)| *last != bin) {
            self.runs.push((bin, self.keys.len() as u32));
        }
        self.keys.push(key);
    }

    /// Lets repeated ones go.
    pub(super) fn tidy(&mut self) {
        let Distinct { first, starts, keys } = std::mem::take(self).into_distinct();
        self.runs = (first..).zip(starts).collect();
        // Behind the last bin no key begins.
        self.runs.pop();
        self.keys = keys;
    }

    /// The different ones.
    pub(super) fn into_distinct(self) -> Distinct {
        let Self { runs, keys } = self;
        let (first, last) =
            runs.iter().fold((u32::MAX, 0), |(least, most), (bin, _)| (least.min(*bin), most.max(*bin)));
        if runs.is_empty() {
            return Distinct::default();
        }
        let ends = runs.iter().skip(1).map(|(_, start)| *start).chain([keys.len() as u32]);
        let runs = runs.iter().zip(ends).map(|(&(bin, from), to)| ((bin - first) as usize, from, to));
        let mut starts = vec![0_u32; (last - first) as usize + 2];
        runs.clone().for_each(|(bin, from, to)| starts[bin + 1] += to - from);
        (1..starts.len()).for_each(|at| starts[at] += starts[at - 1]);
        let (mut free, mut laid) = (starts.clone(), vec![0; keys.len()]);
        for (bin, from, to) in runs {
            let (at, num) = (free[bin] as usize, to - from);
            laid[at..at + num as usize].copy_from_slice(&keys[from as usize..to as usize]);
            free[bin] += num;
        }
        let (mut set, mut from, mut end) = (Set::default(), 0, 0);
        for start in &mut starts {
            let of_bin = std::mem::replace(&mut from, *start as usize)..*start as usize;
            let num = set.keep_different(&mut laid[of_bin.clone()]);
            laid.copy_within(of_bin.start..of_bin.start + num, end);
            end += num;
            *start = end as u32;
        }
        laid.truncate(end);
        Distinct { first, starts, keys: laid }
    }
}

impl Distinct {
    /// Each bin with keys, and their number.
    fn bins(&self) -> impl Iterator<Item = (u32, usize)> {
        let nums = self.starts.windows(2).map(|ends| (ends[1] - ends[0]) as usize);
        (self.first..).zip(nums).filter(|(_, num)| *num > 0)
    }

    fn keys_of(&self, bin: u32) -> &[u64] {
        let at = bin.checked_sub(self.first).map_or(usize::MAX, |at| at as usize);
        match (self.starts.get(at), self.starts.get(at.saturating_add(1))) {
            (Some(&from), Some(&to)) => &self.keys[from as usize..to as usize],
            _ => &[],
        }
    }
}

/// Counts the different keys of each bin in all parts together; `counts` holds zeros.
pub(super) fn count(parts: &[Distinct], counts: &mut [u32]) {
    let mut shared = Vec::new();
    for (bin, num) in parts.iter().flat_map(Distinct::bins) {
        let Some(count) = counts.get_mut(bin as usize) else { continue };
        if *count > 0 {
            shared.push(bin);
        }
        *count += num as u32;
    }
    // Parts follow each other in time, so that few bins have keys of several.
    shared.sort_unstable();
    shared.dedup();
    let (mut set, mut keys) = (Set::default(), Vec::new());
    for bin in shared {
        keys.clear();
        parts.iter().for_each(|part| keys.extend_from_slice(part.keys_of(bin)));
        counts[bin as usize] = set.keep_different(&mut keys) as u32;
    }
}

/// A set of keys that is used again for each bin.
#[derive(Default)]
struct Set {
    /// A power of two of places, of which three in four stay free, so that few keys meet; 0 is a free one.
    slots: Vec<u64>,
}

impl Set {
    /// Brings the keys that differ to the beginning; how many these are.
    fn keep_different(&mut self, keys: &mut [u64]) -> usize {
        if keys.len() < 2 {
            return keys.len();
        }
        if keys.len() > MOST_IN_TABLE {
            keys.sort_unstable();
            return keep(keys, |key, last| last != Some(key));
        }
        let mask = (4 * keys.len()).next_power_of_two() - 1;
        self.slots.clear();
        self.slots.resize(mask + 1, 0);
        let (slots, mut has_zero) = (&mut self.slots, false);
        keep(keys, |key, _| {
            if key == 0 {
                return !std::mem::replace(&mut has_zero, true);
            }
            // Keys are hashes already.
            let mut at = (key >> 32) as usize & mask;
            while slots[at] != 0 && slots[at] != key {
                at = (at + 1) & mask;
            }
            std::mem::replace(&mut slots[at], key) == 0
        })
    }
}

/// Brings the keys that `is_kept` holds for, given the last one kept, to the beginning; how many these are.
fn keep(keys: &mut [u64], mut is_kept: impl FnMut(u64, Option<u64>) -> bool) -> usize {
    let mut num = 0_usize;
    for at in 0..keys.len() {
        let key = keys[at];
        if is_kept(key, num.checked_sub(1).map(|last| keys[last])) {
            keys[num] = key;
            num += 1;
        }
    }
    num
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn keys_are_counted_once_a_bin_however_they_come() {
        // Pairs in no order: few bins with many keys, many bins with few, keys of all sorts, 0 among them.
        let mut state = 7_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for (num, num_bins, num_keys) in [(0, 1, 1), (1, 9, 1), (500, 3, 40), (20_000, 700, 9), (30_000, 2, 9_000)] {
            let mut want = vec![BTreeSet::new(); 3 + num_bins as usize];
            let mut parts = Vec::new();
            for _ in 0..3 {
                let mut part = Keys::with_room(num / 2);
                for nth in 0..num {
                    let (bin, key) = (3 + next(num_bins), next(num_keys) << (next(2) * 40));
                    want[bin as usize].insert(key);
                    part.push(bin as u32, key);
                    if nth == num / 2 {
                        part.tidy();
                    }
                }
                parts.push(part.into_distinct());
            }
            let mut counts = vec![0; want.len()];
            count(&parts, &mut counts);
            assert_eq!(counts, want.iter().map(|keys| keys.len() as u32).collect::<Vec<_>>(), "{num} in {num_bins}");
        }
    }
}
