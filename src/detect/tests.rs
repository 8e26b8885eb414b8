//! Rows over small series, and properties of any series.

use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson};

use super::{Detection, Settings, bursts};
use crate::model::{Bin, CountSeries, Grid, Time};

fn start() -> Time {
    DateTime::from_timestamp(1_633_305_600, 0).unwrap()
}

fn series(bin_secs: u32, bins: Vec<Bin>) -> CountSeries {
    CountSeries { grid: Grid { start: start(), bin_secs, len: bins.len() }, bins }
}

/// Poisson counts at a rate per bin.
fn poisson(seed: u64, len: usize, rate: impl Fn(usize) -> f64) -> Vec<Bin> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let draw = |index| Poisson::new(rate(index)).map_or(0.0, |law| law.sample(&mut rng)) as u32;
    (0..len).map(draw).map(Bin::Observed).collect()
}

/// Bins elapsed at a time.
fn place(series: &CountSeries, time: Time) -> f64 {
    (time - series.grid.start).num_seconds() as f64 / f64::from(series.grid.bin_secs)
}

/// What one burst should look like, in bins: onset, end and how far off they may be.
struct Want {
    onset: f64,
    end: Option<f64>,
    off: f64,
}

fn check(name: &str, bin_secs: u32, bins: Vec<Bin>, want: &[Want]) -> Detection {
    let series = series(bin_secs, bins);
    let found = bursts(&series, &Settings::default());
    assert_eq!(found.bursts.len(), want.len(), "{name}: {:#?}", found.bursts);
    assert_eq!(found.baseline.len(), series.bins.len(), "{name}");
    for (burst, want) in found.bursts.iter().zip(want) {
        let (onset, end) = (place(&series, burst.onset.at), burst.end.map(|end| place(&series, end.at)));
        assert!((onset - want.onset).abs() <= want.off, "{name}: onset {onset}, not {}", want.onset);
        assert!(
            burst.onset.low.is_none_or(|low| low <= burst.onset.at) && burst.onset.at <= burst.onset.high,
            "{name}"
        );
        match (end, want.end) {
            (Some(end), Some(want_end)) => {
                assert!((end - want_end).abs() <= want.off, "{name}: end {end}, not {want_end}");
            }
            (None, None) => {}
            _ => panic!("{name}: end {end:?}, not {:?}", want.end),
        }
    }
    found
}

#[test]
fn quiet_series_have_no_burst() {
    for (name, bin_secs, bins) in [
        ("nothing at all", 60, vec![]),
        ("one bin", 60, vec![Bin::Observed(3)]),
        ("all zero", 60, vec![Bin::Observed(0); 3000]),
        ("all missing", 60, vec![Bin::Missing; 3000]),
        ("even", 60, poisson(1, 4320, |_| 0.3)),
        ("long and sparse", 60, poisson(2, 100_000, |_| 0.001)),
        ("daily swing", 300, poisson(3, 288 * 14, |i| 10.0 + 9.0 * (i as f64 / 288.0 * std::f64::consts::TAU).sin())),
        ("two posts after silence", 60, (0..3000).map(|i| Bin::Observed(2 * u32::from(i == 2000))).collect()),
        ("wide bins", 3600, poisson(4, 24 * 20, |_| 4.0)),
    ] {
        check(name, bin_secs, bins, &[]);
    }
}

#[test]
fn bursts_are_found_where_they_are() {
    let within = |i: usize, from: usize, to: usize| (from..to).contains(&i);
    let want = |onset: f64, end: f64, off: f64| [Want { onset, end: Some(end), off }];
    let step = |i: usize| if within(i, 2000, 2100) { 5.0 } else { 0.05 };
    check("step", 60, poisson(5, 4320, step), &want(2000.0, 2100.0, 5.0));
    let ramp = |i: usize| 0.2 + if within(i, 2000, 2100) { ((i - 2000) as f64 / 2.0).min(10.0) } else { 0.0 };
    check("ramp", 60, poisson(6, 4320, ramp), &want(2000.0, 2100.0, 4.0));
    check("huge", 60, poisson(7, 4320, |i| if within(i, 2000, 2100) { 3e8 } else { 0.05 }), &want(2000.0, 2100.0, 4.0));
    check(
        "five minutes",
        300,
        poisson(8, 3000, |i| if within(i, 900, 920) { 25.0 } else { 0.5 }),
        &want(900.0, 920.0, 1.5),
    );
    check(
        "quarter hours",
        900,
        poisson(9, 96 * 6, |i| if within(i, 300, 310) { 60.0 } else { 2.0 }),
        &want(300.0, 310.0, 1.5),
    );
    check(
        "hours",
        3600,
        poisson(10, 24 * 14, |i| if within(i, 200, 206) { 90.0 } else { 4.0 }),
        &want(200.0, 206.0, 1.5),
    );
    let dip = |i: usize| if within(i, 2000, 2100) && !within(i, 2040, 2050) { 5.0 } else { 0.05 };
    check("short dip", 60, poisson(11, 4320, dip), &want(2000.0, 2100.0, 4.0));
}

#[test]
fn open_ends_are_open() {
    let ongoing = check(
        "ongoing",
        60,
        poisson(12, 2100, |i| if i >= 2000 { 5.0 } else { 0.05 }),
        &[Want { onset: 2000.0, end: None, off: 4.0 }],
    );
    assert!(ongoing.bursts[0].onset.low.is_some());
    let begun = check(
        "begun before",
        60,
        poisson(13, 140, |i| if i < 40 { 1.5 } else { 0.08 }),
        &[Want { onset: 0.0, end: Some(40.0), off: 15.0 }],
    );
    assert!(begun.bursts[0].onset.low.is_none() && begun.too_little_history);
    let inside = check("all of it inside", 60, poisson(14, 120, |_| 5.0), &[Want { onset: 0.0, end: None, off: 0.1 }]);
    assert!(inside.bursts[0].onset.low.is_none() && inside.too_little_history);
}

#[test]
fn gaps_are_not_zero() {
    let mut quiet = poisson(15, 4320, |_| 0.5);
    quiet[2000..2030].fill(Bin::Missing);
    check("gap in quiet", 60, quiet, &[]);
    let step = |i: usize| if (2000..2120).contains(&i) { 5.0 } else { 0.05 };
    let mut within = poisson(16, 4320, step);
    within[2040..2070].fill(Bin::Missing);
    check("gap in a burst", 60, within, &[Want { onset: 2000.0, end: Some(2120.0), off: 4.0 }]);
    let mut before = poisson(17, 4320, step);
    before[1970..2020].fill(Bin::Missing);
    let found = check("gap over the onset", 60, before, &[Want { onset: 2000.0, end: Some(2120.0), off: 30.0 }]);
    let onset = found.bursts[0].onset;
    assert!(onset.high - onset.low.unwrap() > TimeDelta::minutes(20), "{onset:?}");
}

#[test]
fn grids_beyond_the_calendar_are_refused() {
    for (start, bin_secs, len) in [(Time::MAX_UTC, 60, 3), (Time::MIN_UTC, 60, 3), (start(), 0, 3), (start(), 60, 4)] {
        let series = CountSeries { grid: Grid { start, bin_secs, len }, bins: vec![Bin::Observed(9); 3] };
        assert_eq!(bursts(&series, &Settings::default()).bursts, []);
    }
    let wide = series(u32::MAX, vec![Bin::Observed(9); 50]);
    assert_eq!(bursts(&wide, &Settings::default()).baseline.len(), 50);
}

fn any_bin() -> impl Strategy<Value = Bin> {
    prop_oneof![
        4 => (0_u32..4).prop_map(Bin::Observed),
        2 => (0_u32..200).prop_map(Bin::Observed),
        1 => any::<u32>().prop_map(Bin::Observed),
        1 => Just(Bin::Missing),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn total_on_any_series(bins in prop::collection::vec(any_bin(), 0..200), bin_secs in 1_u32..100_000, rate in any::<f64>()) {
        let series = series(bin_secs, bins);
        for settings in [Settings::default(), Settings { false_alarms_per_week: rate, ..Settings::any_series() }] {
            let found = bursts(&series, &settings);
            prop_assert_eq!(found.baseline.len(), series.bins.len());
            prop_assert!(found.baseline.iter().all(|mean| mean.is_finite() && *mean > 0.0));
            for burst in &found.bursts {
                prop_assert!(burst.score.is_finite());
                prop_assert!(burst.onset.low.is_none_or(|low| low <= burst.onset.at) && burst.onset.at <= burst.onset.high);
                if let Some(end) = burst.end {
                    prop_assert!(end.low.is_none_or(|low| low <= end.at) && end.at <= end.high && burst.onset.at <= end.at);
                }
            }
        }
    }

    #[test]
    fn a_gap_makes_no_burst(seed in any::<u64>(), from in 0_usize..2000, len in 1_usize..900) {
        let mut bins = poisson(seed, 2880, |_| 0.2);
        let before = bursts(&series(60, bins.clone()), &Settings::default()).bursts.len();
        let to = (from + len).min(bins.len());
        bins[from..to].fill(Bin::Missing);
        prop_assert!(bursts(&series(60, bins), &Settings::default()).bursts.len() <= before);
    }

    #[test]
    fn a_week_later_is_the_same(seed in any::<u64>(), weeks in 1_i64..200) {
        let now = series(300, poisson(seed, 1500, |i| if (700..720).contains(&i) { 20.0 } else { 0.8 }));
        let by = TimeDelta::weeks(weeks);
        let later = CountSeries { grid: Grid { start: now.grid.start + by, ..now.grid }, ..now.clone() };
        let (now, later) = (bursts(&now, &Settings::default()), bursts(&later, &Settings::default()));
        prop_assert_eq!(&now.baseline, &later.baseline);
        let shifted: Vec<_> = now.bursts.iter().map(|b| (b.onset.at + by, b.alarm_at + by, b.end.map(|e| e.at + by))).collect();
        let found: Vec<_> = later.bursts.iter().map(|b| (b.onset.at, b.alarm_at, b.end.map(|e| e.at))).collect();
        prop_assert_eq!(shifted, found);
    }
}
