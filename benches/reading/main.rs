//! How fast posts are read: `cargo bench --bench reading [-- POSTS]`, beside a plain pass over the same file.
//!
//! The program runs as a child on a file of simulated posts (1,000,000 unless told otherwise, about 400
//! bytes each), so that start-up, reading, writing and memory count. The plain pass is what a first
//! script does: parse every post, guess its language, search it for names and for words of failure.
//! The machine may have other work to do, so figures per core are by processor time.

mod corpus;
mod cost;
mod plain;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use cost::Cost;

/// Threads of the program and of the plain pass.
const NUM_THREADS: usize = 2;
/// The plain pass is so slow that it gets this many posts at most, and the figures are rates.
const MOST_PLAIN: usize = 100_000;

fn main() -> Result<()> {
    // Cargo adds flags of its own.
    let told = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let num_posts: usize = told.map_or(Ok(1_000_000), |told| told.parse()).context("the number of posts")?;
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("reading");
    std::fs::create_dir_all(&folder)?;
    let corpus = corpus::make(&folder, num_posts)?;
    println!("{corpus}");

    let start = program(&["tag", "--explain", "zap caiu"], Path::new(""))?;
    println!("start-up           {:>9.0} ms wall, {:.0} ms processor", start.wall_secs * 1e3, start.cpu_secs * 1e3);
    let tag = program(&["tag"], &corpus.path)?;
    show("caiu tag", num_posts, &tag);
    let out = folder.join("report");
    let analyze = program(&["analyze", "--out", &out.to_string_lossy()], &corpus.path)?;
    show("caiu analyze", num_posts, &analyze);

    let plain = plain::pass(&corpus.path, num_posts.min(MOST_PLAIN), NUM_THREADS)?;
    show("plain pass", plain.num_posts, &plain.cost);
    println!(
        "                   ({} of the posts: {} name a service, {} of these speak of a failure)",
        plain.num_posts, plain.num_named, plain.num_failing
    );
    for (name, cost) in [("caiu tag", &tag), ("caiu analyze", &analyze)] {
        let per_core = num_posts as f64 / cost.cpu_secs / (plain.num_posts as f64 / plain.cost.cpu_secs);
        let by_wall = num_posts as f64 / cost.wall_secs / (plain.num_posts as f64 / plain.cost.wall_secs);
        println!("{name:<18} {per_core:>9.1} times the plain pass per core, {by_wall:.1} times by the wall");
    }
    Ok(())
}

/// Runs the program on a file (or on none) and says what it cost.
fn program(args: &[&str], input: &Path) -> Result<Cost> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caiu"));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if !input.as_os_str().is_empty() {
        command.args(["--threads", &NUM_THREADS.to_string()]).arg(input);
    }
    cost::of_child(&mut command)
}

fn show(name: &str, num_posts: usize, cost: &Cost) {
    let memory = cost.peak_kib.map_or(String::new(), |kib| format!(", {:.0} MiB at most", kib as f64 / 1024.0));
    println!(
        "{name:<18} {:>9.0} posts/s wall, {:.1} s of processor, {:.0} posts/s per core{memory}",
        num_posts as f64 / cost.wall_secs,
        cost.cpu_secs,
        num_posts as f64 / cost.cpu_secs
    );
}
