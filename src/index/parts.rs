//! What each part of an index holds: which commits wrote it, and of which minutes it tells. It travels in the payload, so
//! that it is known of a part of which no file can be read any more.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Stretches that are told apart for one part.
const MOST_STRETCHES: usize = 16;

/// Minutes since 1970 as a few stretches, from and to (not included), in order, apart from each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Minutes(Vec<(i64, i64)>);

impl Minutes {
    /// The stretches in which these minutes lie; where there are too many, the widest gaps between them stay.
    pub(super) fn of(minutes: impl IntoIterator<Item = i64>) -> Self {
        Self::joined(minutes.into_iter().map(|minute| (minute, minute + 1)).collect())
    }

    /// From the first of two minutes to the last.
    pub(super) fn from_to(first: i64, last: i64) -> Self {
        Self(vec![(first, last + 1)])
    }

    /// Takes others in.
    pub(super) fn add(&mut self, other: &Self) {
        let all = self.0.iter().chain(&other.0).copied().collect();
        *self = Self::joined(all);
    }

    /// The stretches.
    pub(super) fn stretches(&self) -> &[(i64, i64)] {
        &self.0
    }

    fn joined(mut all: Vec<(i64, i64)>) -> Self {
        all.sort_unstable();
        all.dedup_by(|next, last| {
            let is_joined = next.0 <= last.1;
            if is_joined {
                last.1 = last.1.max(next.1);
            }
            is_joined
        });
        if all.len() <= MOST_STRETCHES {
            return Self(all);
        }
        let mut gaps: Vec<(i64, usize)> = (1..all.len()).map(|at| (all[at].0 - all[at - 1].1, at)).collect();
        gaps.sort_unstable_by(|one, other| other.cmp(one));
        let cuts: BTreeSet<usize> = gaps.into_iter().take(MOST_STRETCHES - 1).map(|(_, at)| at).collect();
        let mut kept: Vec<(i64, i64)> = Vec::with_capacity(MOST_STRETCHES);
        for (at, stretch) in all.into_iter().enumerate() {
            match kept.last_mut() {
                Some(last) if !cuts.contains(&at) => last.1 = stretch.1,
                _ => kept.push(stretch),
            }
        }
        Self(kept)
    }
}

/// What one part holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    /// Numbers of the first and the last commit that wrote what it holds; the first is 0 where nobody knows it.
    pub(super) first: u64,
    pub(super) last: u64,
    /// Minutes of its posts and counts.
    pub(super) minutes: Minutes,
    /// Minutes of what no feed tells again from before that first commit: what is left of posts that were taken back, and
    /// had come before the last place that was kept by then.
    #[serde(default)]
    pub(super) carried: Minutes,
}

impl Part {
    fn add(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.minutes.add(&other.minutes);
        self.carried.add(&other.carried);
    }
}

/// All parts, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Parts {
    /// By the id of the segment.
    by_id: BTreeMap<String, Part>,
    /// What the last commit wrote: into which segment is known only behind it.
    latest: Option<Part>,
}

impl Parts {
    /// What one part holds.
    pub(super) fn get(&self, id: &str) -> Option<&Part> {
        self.by_id.get(id)
    }

    /// Notes what a part holds.
    pub(super) fn set(&mut self, id: String, part: Part) {
        self.by_id.insert(id, part);
    }

    /// Notes what a commit is about to write; `None` where it came to nothing.
    pub(super) fn set_latest(&mut self, part: Option<Part>) {
        self.latest = part;
    }

    /// Learns which parts there are. One that is new holds what the last commit wrote, or what those held that are gone,
    /// since they were merged into it. Those that are neither, which an older program wrote, are told.
    pub(super) fn settle(&mut self, listed: &BTreeSet<String>) -> Vec<String> {
        let mut new: Vec<String> = listed.iter().filter(|id| !self.by_id.contains_key(*id)).cloned().collect();
        let gone = self.by_id.extract_if(.., |id, _| !listed.contains(id)).map(|(_, part)| part);
        let known = gone.chain(self.latest.take()).reduce(|mut all, part| {
            all.add(&part);
            all
        });
        if let Some(known) = known {
            new.drain(..).for_each(|id| self.set(id, known.clone()));
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_stay_few_and_keep_their_widest_gaps() {
        assert_eq!(Minutes::of([3, 5, 4, 9, 3]).stretches(), [(3, 6), (9, 10)]);
        let mut many = Minutes::of((0..100).map(|minute| minute * 3).chain([10_000, 1_000]));
        assert_eq!(many.stretches().len(), MOST_STRETCHES);
        assert_eq!(many.stretches()[MOST_STRETCHES - 2..], [(1_000, 1_001), (10_000, 10_001)]);
        assert!((0..100).all(|minute| many.0.iter().any(|(from, to)| (*from..*to).contains(&(minute * 3)))));
        many.add(&Minutes::from_to(0, 20_000));
        assert_eq!(many.stretches(), [(0, 20_001)]);
    }

    #[test]
    fn a_part_is_followed_through_commits_and_merges() {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>();
        let part = |first, last, minutes: &[i64]| Part {
            first,
            last,
            minutes: Minutes::of(minutes.iter().copied()),
            ..Part::default()
        };
        let mut parts = Parts::default();
        for (seq, listed) in [(1, &["a"][..]), (2, &["a", "b"]), (3, &["a", "b", "c"])] {
            parts.set_latest(Some(part(seq, seq, &[seq as i64])));
            assert!(parts.settle(&ids(listed)).is_empty());
        }
        assert_eq!(parts.get("b"), Some(&part(2, 2, &[2])));
        // Two are merged between two commits, and one more behind the last that anybody noted.
        assert!(parts.settle(&ids(&["ab", "c"])).is_empty());
        parts.set_latest(Some(part(4, 4, &[9])));
        assert_eq!(parts.get("ab"), Some(&part(1, 2, &[1, 2])));
        assert!(parts.settle(&ids(&["abc", "d"])).is_empty());
        assert_eq!(parts.get("d"), Some(&part(1, 4, &[1, 2, 3, 9])), "rather too old than too new");
        // A commit without posts leaves nothing that the next new part could be taken for.
        parts.set_latest(Some(part(5, 5, &[])));
        assert!(parts.settle(&ids(&["abc", "d"])).is_empty());
        assert_eq!(parts.settle(&ids(&["abc", "d", "e"])), ["e"]);
    }
}
