//! Recall, delay, errors and coverage of the burst detector on simulated series, and false alarms on quiet ones.
//!
//! `cargo run --release --example series_grid -- [RUNS] [DISPERSION]`. Posts come at a baseline rate with a
//! daily swing, every minute's rate multiplied by a gamma factor with the given variance. An outage of
//! 40 to 240 minutes brings complaints that rise over the lag (in a straight line or log-logistic),
//! tire to 60 % and fall by the factor e in 6 minutes after the end.

use caiu::detect::{Settings, bursts};
use caiu::model::{Bin, Burst, CountSeries, Grid, Time};
use chrono::DateTime;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Gamma, Poisson};

struct Outage {
    start: f64,
    duration: f64,
    lag: f64,
    peak: f64,
    log_logistic: bool,
}

impl Outage {
    fn rate(&self, minute: f64) -> f64 {
        let t = minute - self.start;
        if t <= 0.0 {
            return 0.0;
        }
        let during = |t: f64| {
            let scale = self.lag / 3.0;
            let response = if self.log_logistic { t * t / (t * t + scale * scale) } else { (t / self.lag).min(1.0) };
            self.peak * response * (1.0 - 0.4 * t / self.duration)
        };
        if t < self.duration { during(t) } else { during(self.duration) * (-(t - self.duration) / 6.0).exp() }
    }
}

fn simulate(rng: &mut ChaCha8Rng, days: usize, baseline: f64, dispersion: f64, outage: Option<&Outage>) -> CountSeries {
    let start: Time = DateTime::from_timestamp(1_700_000_000 / 86_400 * 86_400, 0).unwrap_or_default();
    let len = days * 1440;
    let bins = (0..len)
        .map(|minute| {
            let swing = 1.0 + 0.5 * (std::f64::consts::TAU * (minute % 1440) as f64 / 1440.0).sin();
            let extra = outage.map_or(0.0, |outage| {
                (0..4).map(|part| outage.rate(minute as f64 + 0.125 + 0.25 * f64::from(part))).sum::<f64>() / 4.0
            });
            let factor = if dispersion > 0.0 {
                Gamma::new(1.0 / dispersion, dispersion).map_or(1.0, |law| law.sample(rng))
            } else {
                1.0
            };
            let rate = (baseline * swing + extra) * factor;
            Bin::Observed(Poisson::new(rate.max(1e-12)).map_or(0.0, |law| law.sample(rng)) as u32)
        })
        .collect();
    CountSeries { grid: Grid { start, bin_secs: 60, len }, bins }
}

fn minutes(series: &CountSeries, time: Time) -> f64 {
    (time - series.grid.start).num_seconds() as f64 / 60.0
}

fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(((values.len() as f64 - 1.0) * share).round() as usize).copied().unwrap_or(f64::NAN)
}

fn main() {
    let mut args = std::env::args().skip(1);
    let runs: usize = args.next().and_then(|text| text.parse().ok()).unwrap_or(100);
    let dispersion: f64 = args.next().and_then(|text| text.parse().ok()).unwrap_or(0.0);
    let settings = Settings::default();
    println!(
        "{:>5} {:>5} {:>4} {:>5} {:>4} {:>6} {:>8} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6}",
        "base",
        "peak",
        "lag",
        "shape",
        "days",
        "recall",
        "false/wk",
        "delay",
        "d90",
        "onset",
        "o90",
        "cover",
        "width",
        "end",
        "e90",
        "ecover"
    );
    for (baseline, peak, lag, log_logistic, days) in (0..32).map(|i| {
        ([0.05, 0.5][i & 1], [5.0, 20.0][i >> 1 & 1], [3.0, 8.0][i >> 2 & 1], i >> 3 & 1 == 1, [1, 7][i >> 4 & 1])
    }) {
        let (mut hits, mut num_false, mut covered, mut end_covered) = (0, 0, 0, 0);
        let (mut delays, mut onsets, mut ends, mut widths) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for run in 0..runs {
            let mut rng = ChaCha8Rng::seed_from_u64(run as u64 * 1000 + days as u64);
            let start = (days as f64 - 0.5) * 1440.0 + rng.random_range(-300.0..300.0);
            let outage = Outage { start, duration: rng.random_range(40.0..240.0), lag, peak, log_logistic };
            let series = simulate(&mut rng, days, baseline, dispersion, Some(&outage));
            let end = outage.start + outage.duration;
            let overlaps = |burst: &Burst| {
                minutes(&series, burst.alarm_at) >= outage.start && minutes(&series, burst.onset.at) <= end
            };
            let found = bursts(&series, &settings).bursts;
            num_false += found.iter().filter(|burst| !overlaps(burst)).count();
            let Some(burst) = found.iter().find(|burst| overlaps(burst)) else { continue };
            hits += 1;
            delays.push(minutes(&series, burst.alarm_at) - outage.start);
            onsets.push((minutes(&series, burst.onset.at) - outage.start).abs());
            let low = burst.onset.low.map_or(0.0, |low| minutes(&series, low));
            let high = minutes(&series, burst.onset.high);
            widths.push(high - low);
            covered += usize::from(low <= outage.start && outage.start <= high);
            match burst.end {
                Some(estimate) => {
                    ends.push((minutes(&series, estimate.at) - end).abs());
                    let low = estimate.low.map_or(0.0, |low| minutes(&series, low));
                    end_covered += usize::from(low <= end && end <= minutes(&series, estimate.high));
                }
                None => ends.push(999.0),
            }
        }
        let part = |num: usize| num as f64 / hits.max(1) as f64;
        println!(
            "{baseline:>5} {peak:>5} {lag:>4} {:>5} {days:>4} {:>6.2} {:>8.2} {:>6.1} {:>6.1} {:>6.2} {:>6.2} {:>6.2} {:>6.1} {:>6.1} {:>6.1} {:>6.2}",
            if log_logistic { "log" } else { "line" },
            hits as f64 / runs as f64,
            num_false as f64 / (runs * days) as f64 * 7.0,
            quantile(&mut delays, 0.5),
            quantile(&mut delays, 0.9),
            quantile(&mut onsets, 0.5),
            quantile(&mut onsets, 0.9),
            part(covered),
            quantile(&mut widths, 0.5),
            quantile(&mut ends, 0.5),
            quantile(&mut ends, 0.9),
            part(end_covered)
        );
    }
    println!("\nquiet series: false alarms a week at 0.1 and at 1 allowed");
    for (baseline, days) in
        [0.001, 0.01, 0.05, 0.5, 5.0].into_iter().flat_map(|rate| [1, 7, 28].map(|days| (rate, days)))
    {
        let num_runs = (runs * 2).max(1) * 7 / days + 1;
        let count = |allowed: f64| {
            let settings = Settings { false_alarms_per_week: allowed, ..Settings::default() };
            let found: usize = (0..num_runs)
                .map(|run| {
                    let mut rng = ChaCha8Rng::seed_from_u64(run as u64 + 77_000);
                    bursts(&simulate(&mut rng, days, baseline, dispersion, None), &settings).bursts.len()
                })
                .sum();
            found as f64 / (num_runs * days) as f64 * 7.0
        };
        println!("{baseline:>6} per minute, {days:>2} days: {:.3} {:.3}", count(0.1), count(1.0));
    }
}
