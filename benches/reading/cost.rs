//! What a piece of work costs: time by the clock, time of the processor, memory (Linux only).

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// What something cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// By the clock.
    pub(crate) wall_secs: f64,
    /// Of all threads together.
    pub(crate) cpu_secs: f64,
    /// Most memory at any time; `None` for work in this very process.
    pub(crate) peak_kib: Option<u64>,
}

/// Linux counts processor time in hundredths of a second for every program.
const TICKS_PER_SEC: f64 = 100.0;

/// Runs a child to its end.
pub(crate) fn of_child(command: &mut Command) -> Result<Cost> {
    let before = ticks(CHILDREN)?;
    let started = Instant::now();
    let mut child = command.spawn().context("cannot start the program")?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kib = None;
    // The high-water mark only grows, so the last look before the end is as good as the end.
    let ended = loop {
        peak_kib = fs::read_to_string(&status).ok().and_then(|status| high_water(&status)).or(peak_kib);
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        thread::sleep(Duration::from_millis(5));
    };
    let wall_secs = started.elapsed().as_secs_f64();
    // Exit code 1 says that there is no incident, which is what quiet days have.
    if !matches!(ended.code(), Some(0 | 1)) {
        bail!("the program failed: {ended}");
    }
    Ok(Cost { wall_secs, cpu_secs: ticks(CHILDREN)? - before, peak_kib })
}

/// Does something in this process.
pub(crate) fn of<T>(work: impl FnOnce() -> T) -> Result<(T, Cost)> {
    let before = ticks(OWN)?;
    let started = Instant::now();
    let made = work();
    let wall_secs = started.elapsed().as_secs_f64();
    Ok((made, Cost { wall_secs, cpu_secs: ticks(OWN)? - before, peak_kib: None }))
}

fn high_water(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Where the two counters (in user and in system mode) stand in the line of the process.
const OWN: usize = 13;
/// The same for children that have ended.
const CHILDREN: usize = 15;

fn ticks(first: usize) -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat").context("this benchmark needs Linux")?;
    // The name of the program, in brackets, may hold blanks.
    let (_, fields) = stat.rsplit_once(')').context("/proc/self/stat has no name")?;
    let counters = fields.split_whitespace().skip(first - 2).take(2);
    let ticks: Vec<f64> = counters.map(str::parse).collect::<Result<_, _>>().context("/proc/self/stat")?;
    Ok(ticks.iter().sum::<f64>() / TICKS_PER_SEC)
}
