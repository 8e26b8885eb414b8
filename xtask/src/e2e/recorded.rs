//! Recorded events of the public network, which are no part of this project: tested with where somebody has them.

use std::env;
use std::path::{Path, PathBuf};

use super::{Part, Running};

/// Names the folder with the recordings.
const PLACE: &str = "CAIU_RECORDED_EVENTS";
/// Where they are looked for otherwise, from the root of the project.
const BESIDE: &str = "../shared/data/jetstream";
const FILES: [&str; 3] = ["frames.bin.zst", "expected_v1.jsonl", "golden_v1.jsonl"];

pub(super) const PART: Part = Part {
    name: "recorded",
    about: "recorded frames of the public relay and what Jetstream said of them: kinds atproto, bluesky",
    tests: &["recorded"],
    start,
};

fn start(_: &Path) -> Result<Running, String> {
    let beside = || super::root().join(BESIDE);
    let folder = env::var_os(PLACE).map_or_else(beside, PathBuf::from);
    match FILES.iter().find(|name| !folder.join(name).is_file()) {
        Some(name) => Err(format!("there is no {name} in {}; {PLACE} names another folder", folder.display())),
        None => {
            let folder = folder.to_string_lossy().into_owned();
            Ok(Running { servers: Vec::new(), env: vec![("CAIU_E2E_RECORDED".to_owned(), folder)] })
        }
    }
}
