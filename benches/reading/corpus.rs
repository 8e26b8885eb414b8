//! The posts to read: simulated, each with chatter behind it until its line has about 400 bytes.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use caiu::model::Lang;
use caiu::simulate::{self, Says, Scenario, builtin, write};
use chrono::TimeDelta;

/// Length of a line that posts are filled up to.
const LINE_BYTES: usize = 400;
/// Posts that are drawn at a time; the hour of the day moves on with each part.
const PART_MIN: f64 = 60.0;
const PART_POSTS: f64 = 20_000.0;
/// Of all posts, those that fail a service, and those that name one in any other way.
const COMPLAINTS: f64 = 0.01;
const MENTIONS: f64 = 0.02;

/// A file of posts.
pub(crate) struct Corpus {
    pub(crate) path: PathBuf,
    num_bytes: u64,
    num_posts: usize,
    /// Posts that name a service, complaints among them.
    num_named: usize,
    num_complaints: usize,
}

impl fmt::Display for Corpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = |part: usize| part as f64 / self.num_posts as f64 * 100.0;
        write!(
            f,
            "{} posts of {} bytes, {:.1} % name a service, {:.1} % complain: {}",
            self.num_posts,
            self.num_bytes / self.num_posts.max(1) as u64,
            share(self.num_named),
            share(self.num_complaints),
            self.path.display()
        )
    }
}

/// Writes the file: the same bytes for the same number, on every machine.
pub(crate) fn make(folder: &Path, num_posts: usize) -> Result<Corpus> {
    let path = folder.join(format!("posts-{num_posts}.jsonl"));
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&path)?);
    let (mut num_written, mut num_named, mut num_complaints) = (0, 0, 0);
    let mut filler: BTreeMap<Option<Lang>, Vec<String>> = BTreeMap::new();
    for part in 0.. {
        let simulation = simulate::simulate(&scenario(part)?, part)?;
        for (mut post, event) in simulation.posts().zip(simulation.events()) {
            if num_written == num_posts {
                out.flush()?;
                let num_bytes = fs::metadata(&path)?.len();
                return Ok(Corpus { path, num_bytes, num_posts, num_named, num_complaints });
            }
            let chatter = filler.entry(Some(event.lang)).or_default();
            if event.says == Says::Chatter {
                if chatter.len() < 997 {
                    chatter.push(post.post.text.clone());
                } else {
                    chatter[num_written % 997].clone_from(&post.post.text);
                }
            }
            let mut line = Vec::new();
            write::line(&post, false, &mut line)?;
            let mut missing = LINE_BYTES.saturating_sub(line.len());
            for step in 1..=chatter.len() {
                let more = &chatter[(num_written * 31 + step * 7) % chatter.len()];
                if more.len() / 2 > missing {
                    break;
                }
                post.post.text = format!("{} {more}", post.post.text);
                missing = missing.saturating_sub(more.len() + 1);
            }
            write::line(&post, false, &mut out)?;
            num_written += 1;
            num_named += usize::from(!event.named().is_empty());
            num_complaints += usize::from(event.kind() == caiu::model::Kind::Complaint);
        }
    }
    unreachable!("there is always one more part");
}

/// An hour in which nothing fails, with the people and the services of an ordinary day.
fn scenario(part: u64) -> Result<Scenario> {
    let mut scenario = builtin::load("quiet")?;
    scenario.start += TimeDelta::seconds(part as i64 * (PART_MIN * 60.0) as i64);
    scenario.duration_min = PART_MIN;
    scenario.daily = Vec::new();
    let per_min = PART_POSTS / PART_MIN;
    scenario.chatter_per_min = per_min * (1.0 - COMPLAINTS - MENTIONS);
    let num_services = scenario.services.len() as f64;
    for service in &mut scenario.services {
        service.baseline_per_min = per_min * COMPLAINTS / num_services;
        service.mentions_per_min = per_min * MENTIONS / num_services;
        (service.news_per_min, service.past_per_min) = (0.0, 0.0);
    }
    Ok(scenario)
}
