//! `kind = "replay"`: a dump told again as if it happened now, at its own pace or faster.
//!
//! The posts keep their own dates. What stands in for the present is the replay's clock: it starts at the date of the
//! first post and runs `speed` times as fast as ours; every batch says up to where it has come.

mod run;

use chrono::Utc;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::{Batch, Feed, FeedContext, FeedError, FeedKind, Next, lines, place};
use crate::corpus;
use crate::model::{Cursor, FeedId};
use run::Run;

pub(super) const KIND: FeedKind = FeedKind {
    name: "replay",
    covers: "dumps in any form and packing that caiu reads, told at their own pace or `speed` times as fast",
    needs: "nothing",
    limits: "posts keep their dates; a dump should be in order of time: a post that comes late in it is told late",
    tested_with: "files of this project, plain and packed",
    has_beginning: true,
    open,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Files, folders or patterns.
    paths: Vec<String>,
    /// Seconds of the dump in a second of ours; 0 tells everything as fast as it is taken.
    #[serde(default = "own_pace")]
    speed: f64,
}

fn own_pace() -> f64 {
    1.0
}

/// Records that were told, and of which dump.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    records: u64,
    /// Mark of the configured paths: another dump begins at its beginning.
    of: String,
}

struct ReplayFeed {
    id: FeedId,
    settings: Settings,
    told: Option<Cursor>,
    run: Option<Run>,
}

fn open(context: &FeedContext, table: toml::Table) -> Result<Box<dyn Feed>, String> {
    let settings: Settings = context.settings(table)?;
    if settings.paths.is_empty() {
        return Err("paths = [] is empty; name a file, a folder or a pattern".to_owned());
    }
    if !(0.0..=1e6).contains(&settings.speed) {
        return Err(format!("speed = {} does not lie between 0 and 1000000", settings.speed));
    }
    Ok(Box::new(ReplayFeed { id: context.id.clone(), settings, told: None, run: None }))
}

impl Feed for ReplayFeed {
    fn next_batch<'a>(&'a mut self, after: Option<&'a Cursor>) -> BoxFuture<'a, Result<Batch, FeedError>> {
        Box::pin(self.gather(after))
    }
}

impl ReplayFeed {
    async fn gather(&mut self, after: Option<&Cursor>) -> Result<Batch, FeedError> {
        let of = lines::mark(self.settings.paths.join("\n").as_bytes());
        if self.run.is_none() || self.told.as_ref() != after {
            let known: Option<Place> = place::read(after)?;
            let num_known = known.filter(|known| known.of == of).map_or(0, |known| known.records);
            let inputs = corpus::expand(&self.settings.paths).map_err(|error| FeedError::Fatal(error.to_string()))?;
            self.run = Some(Run::start(inputs, &self.id, num_known));
            self.told = after.cloned();
        }
        let Some(run) = &mut self.run else { return Ok(Batch::empty(Next::Now)) };
        run.gather(self.settings.speed).await?;
        let mut batch = std::mem::replace(&mut run.batch, Batch::empty(Next::Now));
        lines::note_dates(&mut batch, &mut None, Utc::now());
        (batch.until, batch.has_own_clock) = (run.until(), true);
        let cursor = place::write(&Place { records: run.num_records, of });
        if self.told.as_ref() != Some(&cursor) {
            batch.cursor = Some(cursor.clone());
            self.told = Some(cursor);
        }
        if run.has_ended {
            batch.next = Next::End;
        }
        Ok(batch)
    }
}

#[cfg(test)]
mod tests;
