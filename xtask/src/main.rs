//! The project's own tasks: `cargo xtask test | check | e2e | bench`.

mod child;
mod e2e;

use std::env;
use std::process::ExitCode;
use std::time::Instant;

const HELP: &str = "cargo xtask TASK

  test    everything that must hold before a change lands: format, lints, all tests, doc tests,
          documentation, the lexicons' own examples, licenses; then e2e
  check   the quick part of it: format, lints, library tests
  bench   the figures of the README: reading speed and the detector's grid (takes minutes)
  e2e [PART…]
          against real servers on loopback; the first time they are fetched into target/e2e (some minutes). Parts:";

fn main() -> ExitCode {
    let task = env::args().nth(1).unwrap_or_default();
    let outcome = match task.as_str() {
        "test" => run(&test_steps()).and_then(|()| e2e::run(&[])),
        "check" => run(&check_steps()),
        "e2e" => e2e::run(&env::args().skip(2).collect::<Vec<_>>()),
        "bench" => run(&bench_steps()),
        _ => {
            eprintln!("{HELP}\n{}", e2e::help());
            return ExitCode::from(if task.is_empty() || task.contains("help") { 0 } else { 2 });
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(step) => {
            eprintln!("\nxtask: failed at: {step}");
            ExitCode::FAILURE
        }
    }
}

/// One command and the variables it needs.
struct Step {
    command: String,
    env: Vec<(&'static str, &'static str)>,
}

fn step(command: &str) -> Step {
    Step { command: command.to_owned(), env: Vec::new() }
}

fn check_steps() -> Vec<Step> {
    vec![
        step("cargo fmt --all --check"),
        step("cargo clippy --workspace --all-targets -- -D warnings"),
        step("cargo test --lib"),
    ]
}

fn test_steps() -> Vec<Step> {
    let mut steps = vec![
        step("cargo fmt --all --check"),
        step("cargo clippy --workspace --all-targets -- -D warnings"),
        Step {
            command: "cargo doc --workspace --no-deps --quiet".to_owned(),
            env: vec![("RUSTDOCFLAGS", "-D warnings")],
        },
    ];
    steps.extend(deny());
    // The tests come last, so that the run ends with their count.
    steps.push(step("cargo test --workspace"));
    steps
}

/// The license check, where cargo-deny is there or may be built: under CI it is, once, into `target/tools`.
fn deny() -> Option<Step> {
    const CHECK: &str = "check licenses bans sources";
    const OWN: &str = "target/tools/bin/cargo-deny";
    if has("cargo deny --version") {
        return Some(step(&format!("cargo deny {CHECK}")));
    }
    let install = step("cargo install cargo-deny --locked --quiet --root target/tools");
    if has(&format!("{OWN} --version")) || (env::var_os("CI").is_some() && run(&[install]).is_ok()) {
        return Some(step(&format!("{OWN} {CHECK}")));
    }
    eprintln!("xtask: cargo-deny is not here, so licenses are NOT checked (cargo install cargo-deny --locked)");
    None
}

fn bench_steps() -> Vec<Step> {
    vec![step("cargo bench --bench reading"), step("cargo run --release --example grid")]
}

fn has(command: &str) -> bool {
    let mut words = command.split_whitespace();
    words
        .next()
        .is_some_and(|program| child::command(program).args(words).output().is_ok_and(|out| out.status.success()))
}

/// Runs the steps in order and stops at the first that fails, whose command comes back.
fn run(steps: &[Step]) -> Result<(), String> {
    for step in steps {
        eprintln!("\n== {}", step.command);
        let started = Instant::now();
        let mut words = step.command.split_whitespace();
        let program = words.next().unwrap_or("true");
        let status = child::command(program).args(words).envs(step.env.iter().copied()).status();
        if !status.is_ok_and(|status| status.success()) {
            return Err(step.command.clone());
        }
        eprintln!("== ok, {} s", started.elapsed().as_secs());
    }
    Ok(())
}
