//! The whole of `caiu index`: posts read from a file, parsed, tagged and kept.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Result, ensure};
use caiu::model::TaggedPost;
use serde_json::json;

use crate::COMMIT_POSTS;

/// Writes posts as a dump.
pub(crate) fn dump(path: &Path, posts: &[TaggedPost]) -> Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    for post in posts.iter().map(TaggedPost::post) {
        let line = json!({
            "id": post.id.as_str(),
            "created_at": post.at.map(|at| at.to_rfc3339()),
            "author": post.author.map(|author| author.0.to_string()),
            "text": post.text,
            "lang": post.lang_hint.as_ref().map(ToString::to_string),
            "platform": post.platform,
            "country": post.country.as_ref().map(ToString::to_string),
        });
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}

/// Seconds that it takes to index a dump, `keep`ing all posts or those that match.
pub(crate) fn index(dump: &Path, folder: &Path, keep: &str) -> Result<f64> {
    let began = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_caiu"));
    command.arg("index").arg(dump).arg("--index").arg(folder).args([
        "--keep",
        keep,
        "--commit-every",
        &COMMIT_POSTS.to_string(),
    ]);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    ensure!(status.success(), "the program failed: {status}");
    Ok(began.elapsed().as_secs_f64())
}
