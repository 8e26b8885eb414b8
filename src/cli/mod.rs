//! What a person types: one file per subcommand.

pub mod alert;
pub mod analyze;
pub mod bursts;
pub mod completions;
pub mod demo;
pub mod detect;
pub mod detection;
pub mod evaluate;
pub mod export;
pub mod feeds;
pub mod forget;
pub mod incidents;
pub mod index;
pub mod init;
pub mod input;
pub mod lexicon;
mod numbers;
pub mod output;
pub mod place;
pub mod report;
pub mod search;
pub mod serve;
pub mod simulate;
pub mod status;
pub mod tag;
pub mod watch;
pub mod watch_view;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Reads public posts and says which service went down, when, until when, and where people went.
#[derive(Debug, Parser)]
#[command(name = "caiu", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 found, 1 nothing found, 2 error.\n\n\
    Examples:\n  caiu demo\n  caiu analyze posts.jsonl.zst --out report/\n  zcat posts.jsonl.gz | caiu tag --only complaint -")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Tag(tag::Args),
    Analyze(analyze::Args),
    Report(report::Args),
    Detect(detect::Args),
    Index(index::Args),
    Search(search::Args),
    Bursts(bursts::Args),
    Status(status::Args),
    Forget(forget::Args),
    Evaluate(evaluate::Args),
    Simulate(simulate::Args),
    Lexicon(lexicon::Args),
    Init(init::Args),
    Feeds(feeds::Args),
    Watch(watch::Args),
    Incidents(incidents::Args),
    Serve(serve::Args),
    Alert(alert::Args),
    Export(export::Args),
    Demo(demo::Args),
    Completions(completions::Args),
}

/// Parses the arguments, runs the command and turns its result into an exit code.
pub fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Tag(args) => tag::run(&args),
        Command::Analyze(args) => analyze::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Detect(args) => detect::run(&args),
        Command::Index(args) => index::run(&args),
        Command::Search(args) => search::run(&args),
        Command::Bursts(args) => bursts::run(&args),
        Command::Status(args) => status::run(&args),
        Command::Forget(args) => forget::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Lexicon(args) => lexicon::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Feeds(args) => feeds::run(&args),
        Command::Watch(args) => watch::run(&args),
        Command::Incidents(args) => incidents::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Alert(args) => alert::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Completions(args) => completions::run(&args),
    };
    output::exit_code(result)
}
