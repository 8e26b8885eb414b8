//! Rates over time: how many posts a minute a part of the scenario brings.

use chrono::TimeDelta;

use super::portable::exp;
use super::scenario::{Outage, Response};
use crate::model::Time;

/// `minutes` after `start`, to the millisecond.
pub fn after(start: Time, minutes: f64) -> Time {
    start + TimeDelta::milliseconds((minutes * 60_000.0).round() as i64)
}

/// Minutes from `start` to `end`.
pub fn minutes_between(start: Time, end: Time) -> f64 {
    (end - start).num_milliseconds() as f64 / 60_000.0
}

/// Share of the full response, 0..=1, `minutes` after the failure began.
pub fn response(shape: Response, lag_min: f64, minutes: f64) -> f64 {
    if minutes <= 0.0 {
        return 0.0;
    }
    match shape {
        Response::Linear if minutes >= lag_min => 1.0,
        Response::Linear => minutes / lag_min,
        Response::LogLogistic => {
            let scale = lag_min / 3.0;
            minutes * minutes / (minutes * minutes + scale * scale)
        }
    }
}

/// Share of the outage's peak rate, 0..=1, `minutes` after the failure began.
pub fn complaints(outage: &Outage, minutes: f64) -> f64 {
    let during = |minutes: f64| {
        let tired = (minutes / outage.duration_min).clamp(0.0, 1.0);
        response(outage.response, outage.lag_min, minutes) * (1.0 - tired * (1.0 - outage.final_share))
    };
    if minutes <= outage.duration_min {
        during(minutes)
    } else {
        during(outage.duration_min) * fall(minutes - outage.duration_min, outage.decay_min)
    }
}

/// What is left, 0..=1, `minutes` after a fall by the factor e in `decay_min` began.
pub fn fall(minutes: f64, decay_min: f64) -> f64 {
    if minutes < 0.0 || decay_min <= 0.0 { 0.0 } else { exp(-minutes / decay_min) }
}

/// The factor of a moment of the day: `daily` holds one per hour, straight lines between their middles.
pub fn of_day(daily: &[f64], time: Time) -> f64 {
    if daily.is_empty() {
        return 1.0;
    }
    let hours = time.timestamp().rem_euclid(86_400) as f64 / 3_600.0 * (daily.len() as f64 / 24.0) - 0.5;
    let below = hours.floor();
    let share = hours - below;
    let at = |index: f64| daily[(index as i64).rem_euclid(daily.len() as i64) as usize];
    at(below) * (1.0 - share) + at(below + 1.0) * share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_reaches_its_mark_at_the_lag() {
        for (shape, at_lag) in [(Response::Linear, 1.0), (Response::LogLogistic, 0.9)] {
            assert!((response(shape, 8.0, 8.0) - at_lag).abs() < 1e-12);
            assert_eq!(response(shape, 8.0, -1.0), 0.0);
            assert!(response(shape, 8.0, 4.0) < response(shape, 8.0, 5.0));
        }
    }

    #[test]
    fn day_is_a_closed_line() {
        let daily: Vec<f64> = (0..24).map(f64::from).collect();
        let at = |secs: i64| of_day(&daily, Time::UNIX_EPOCH + TimeDelta::seconds(secs));
        assert_eq!(at(1_800), 0.0);
        assert_eq!(at(5_400), 1.0);
        assert_eq!(at(3_600), 0.5);
        assert_eq!(at(0), 11.5);
        assert_eq!(of_day(&[], Time::UNIX_EPOCH), 1.0);
    }
}
