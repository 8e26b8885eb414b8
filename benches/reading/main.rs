//! How fast posts are read: `cargo bench --bench reading [-- POSTS]`, beside plain passes over the same file.
//!
//! The program runs as a child on a file of simulated posts (1,000,000 unless told otherwise, about 400
//! bytes each), so that start-up, reading, writing and memory count. The plain passes are what first
//! scripts do: parse every post, guess its language, search it for names and for words of failure (`plain.rs`).
//! The machine may have other work to do, so figures per core are by processor time.

mod corpus;
mod cost;
mod plain;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use cost::Cost;
use plain::Way;

/// Threads of the program and of the plain passes.
const NUM_THREADS: usize = 2;
/// The helped pass is so slow that it gets this many posts at most, and the figures are rates.
const MOST_PLAIN: usize = 100_000;
/// The naive pass is a hundred times slower still.
const MOST_NAIVE: usize = 2_000;

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

    let mut passes = Vec::new();
    for (name, way, most) in [("naive pass", Way::Naive, MOST_NAIVE), ("helped pass", Way::Helped, MOST_PLAIN)] {
        let pass = plain::pass(way, &corpus.path, num_posts.min(most), NUM_THREADS)?;
        show(name, pass.num_posts, &pass.cost);
        println!(
            "                   ({} of the posts: {} name a service, {} of these speak of a failure)",
            pass.num_posts, pass.num_named, pass.num_failing
        );
        passes.push((name, pass));
    }
    for (program, cost) in [("caiu tag", &tag), ("caiu analyze", &analyze)] {
        for (name, pass) in &passes {
            let per_core = num_posts as f64 / cost.cpu_secs / (pass.num_posts as f64 / pass.cost.cpu_secs);
            let by_wall = num_posts as f64 / cost.wall_secs / (pass.num_posts as f64 / pass.cost.wall_secs);
            println!("{program:<18} {per_core:>9.1} times the {name} per core, {by_wall:.1} times by the wall");
        }
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
