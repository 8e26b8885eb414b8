//! `caiu demo`: the main job on the corpus that comes with the program.

use std::fs;
use std::io::{Write, stdout};
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use chrono::{TimeZone, Utc};
use serde_json::json;

use super::analyze::show;
use super::output::Found;
use crate::batch::{self, FillPlan, Plan};
use crate::corpus::{self, ReadOptions};
use crate::detect::PerService;
use crate::index::{IndexWriter, Keep, WriterOptions};
use crate::normalize::AuthorSecret;
use crate::tag::Tagger;

/// Simulated posts modeled on 4 October 2021; made by the command in data/README.md.
const POSTS: &[u8] = include_bytes!("../../data/demo/posts.jsonl");

/// Analyze the corpus that comes with the program: simulated posts modeled on 4 October 2021.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  caiu demo\n  caiu demo --out /tmp/demo && open /tmp/demo/report.html\n  caiu demo --serve"
)]
pub struct Args {
    /// Folder for the posts and the report; made if it is not there
    #[arg(long, short, value_name = "DIR", default_value = "caiu-demo")]
    out: PathBuf,
    /// Print report.json instead of the table
    #[arg(long)]
    json: bool,
    /// Then put the posts into an index in that folder and show them on a web page, until Ctrl-C
    #[arg(long)]
    serve: bool,
    /// Address of the page; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", requires = "serve")]
    listen: SocketAddr,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    fs::create_dir_all(&args.out).with_context(|| format!("cannot make the folder {}", args.out.display()))?;
    let posts = args.out.join("posts.jsonl");
    fs::write(&posts, POSTS).with_context(|| format!("cannot write {}", posts.display()))?;
    let settings = PerService::default();
    let plan = Plan {
        inputs: corpus::expand(&[posts.display().to_string()])?,
        read: ReadOptions::default(),
        assume_tz: None,
        out: args.out.clone(),
        bin_secs: 60,
        settings: settings.clone(),
        gaps: Vec::new(),
        with_text: true,
        secret: AuthorSecret::new("demo"),
        now: Utc.with_ymd_and_hms(2021, 10, 6, 0, 0, 0).single().context("the demo's own date")?,
        configuration: json!({ "bin_secs": 60, "detection": settings, "author_key": "demo" }),
    };
    let tagger = Tagger::builtin()?;
    let findings = batch::analyze(&plan, &tagger, &mut |_| (), Utc::now).context("the demo stopped")?;
    show(&findings, args.json)?;
    if !args.json {
        writeln!(
            stdout(),
            "\nThe posts, the report (report.html, report.md, report.json) and the counts are in {}/.",
            args.out.display()
        )?;
    }
    if args.serve {
        let folder = args.out.join("index");
        let mut writer = IndexWriter::open(&folder, WriterOptions::default())?;
        writer.claim_authors(plan.secret)?;
        let fill = FillPlan {
            inputs: plan.inputs,
            read: plan.read,
            assume_tz: None,
            keep: Keep::All,
            again: false,
            commit_every: 20_000,
            secret: plan.secret,
            now: plan.now,
        };
        batch::fill(&fill, &tagger, &mut writer, &mut |_| ()).context("the demo's index")?;
        writer.close()?;
        super::serve::folder(&folder, args.listen, tagger.lexicon())?;
    }
    Ok(Found::when(!findings.report.incidents.is_empty()))
}
