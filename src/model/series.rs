//! Counts on a time axis that knows "nothing seen" from "not looked".

use super::Time;
use chrono::TimeDelta;

/// A time axis of equal bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Beginning of bin 0.
    pub start: Time,
    /// Width of a bin in seconds, at least 1.
    pub bin_secs: u32,
    /// Number of bins.
    pub len: usize,
}

impl Grid {
    /// Beginning of bin `index`; also defined for `index == len`, the end of the axis.
    pub fn time(&self, index: usize) -> Time {
        self.start + TimeDelta::seconds(index as i64 * i64::from(self.bin_secs))
    }

    /// A moment at a fractional position on the axis, rounded to the second.
    pub fn time_at(&self, position: f64) -> Time {
        self.start + TimeDelta::seconds((position * f64::from(self.bin_secs)).round() as i64)
    }

    /// The bin that holds `time`, if the axis does.
    pub fn index(&self, time: Time) -> Option<usize> {
        let secs = (time - self.start).num_seconds();
        let index = secs.div_euclid(i64::from(self.bin_secs));
        usize::try_from(index).ok().filter(|&index| index < self.len)
    }
}

/// What was seen in one bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bin {
    /// So many.
    Observed(u32),
    /// Nobody was listening: not the same as zero.
    Missing,
}

impl Bin {
    /// The count; `None` where nobody was listening.
    pub fn count(self) -> Option<u32> {
        match self {
            Self::Observed(count) => Some(count),
            Self::Missing => None,
        }
    }
}

/// Counts of one thing over a grid; `bins.len() == grid.len`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountSeries {
    /// The time axis.
    pub grid: Grid,
    /// One entry per bin.
    pub bins: Vec<Bin>,
}
