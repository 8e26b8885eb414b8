//! How many posts have been read in a month, because each one costs money.

use chrono::Datelike;
use serde::{Deserialize, Serialize};

use crate::model::Time;

/// Price of a post, in thousandths of a dollar (X's price list of August 2026).
const PRICE_MILLIDOLLARS: u64 = 5;

/// What so many posts cost.
pub(super) fn price_dollars(num_posts: u64) -> f64 {
    (num_posts * PRICE_MILLIDOLLARS) as f64 / 1000.0
}

/// Posts read in one calendar month (UTC): travels with the place, so that a restart does not forget it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Spent {
    /// Months since year 0.
    month: i64,
    num_posts: u64,
}

impl Spent {
    /// How many of `most` are left at a moment. A clock that goes back does not give any back.
    pub(super) fn left(&mut self, most: u64, now: Time) -> u64 {
        let month = i64::from(now.year()) * 12 + i64::from(now.month0());
        if month > self.month {
            *self = Self { month, num_posts: 0 };
        }
        most.saturating_sub(self.num_posts)
    }

    /// Notes posts as read, and as paid.
    pub(super) fn add(&mut self, num_posts: u64) {
        self.num_posts = self.num_posts.saturating_add(num_posts);
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_month_has_its_own_budget() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        let mut spent = Spent::default();
        assert_eq!(spent.left(100, at("2026-11-30T23:59:59Z")), 100);
        spent.add(70);
        assert_eq!(spent.left(100, at("2026-11-30T23:59:59Z")), 30);
        spent.add(70);
        assert_eq!(spent.left(100, at("2026-11-01T00:00:00Z")), 0);
        assert_eq!(spent.left(100, at("2026-12-01T00:00:00Z")), 100);
        assert_eq!(spent.left(100, at("2026-11-01T00:00:00Z")), 100);
        assert_eq!(price_dollars(10_000), 50.0);
    }
}
