//! The thread that looks for incidents: after commits, over what they touched, never more than a tenth of its time.

use std::collections::BTreeSet;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use tracing::{error, info};

use super::coverage;
use super::incidents::Watch;
use super::journal::{Journal, Teller};
use super::mend;
use super::state::State;
use crate::index::{IndexError, IndexReader};
use crate::model::{Checkpoint, FeedId, Time};

/// A look may take this share of the time between two looks; longer looks are made less often.
const LARGEST_SHARE: f64 = 0.1;

/// Why a look came to nothing; the next one tries again.
#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Journal(#[from] std::io::Error),
}

/// What a commit changed.
#[derive(Debug, Clone)]
pub struct News {
    /// Stretches whose counts may have changed.
    pub touched: Vec<Range<Time>>,
    /// How far the feeds have come.
    pub checkpoint: Checkpoint,
}

/// The looking end of the live path.
pub struct Lookout {
    /// The index.
    pub reader: IndexReader,
    /// What is known of incidents.
    pub watch: Watch,
    /// Where changes are written.
    pub journal: Journal,
    /// Feeds of the configuration.
    pub feeds: BTreeSet<FeedId>,
    /// Time between two looks.
    pub every: Duration,
    /// What the program tells about itself.
    pub state: Arc<State>,
    /// Who else wants to know of changes.
    pub told: Teller,
}

impl Lookout {
    /// Looks until nobody commits any more, and once more then.
    pub fn run(mut self, news: &Receiver<News>) {
        let mut waiting: Option<News> = None;
        let mut next = Instant::now();
        let mut is_first = true;
        loop {
            let is_over = match news.recv_timeout(next.saturating_duration_since(Instant::now())) {
                Ok(more) => {
                    waiting = Some(joined(waiting, more));
                    false
                }
                Err(RecvTimeoutError::Timeout) if waiting.is_none() => match news.recv() {
                    Ok(more) => {
                        waiting = Some(more);
                        false
                    }
                    Err(_) => true,
                },
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => true,
            };
            if (Instant::now() >= next || is_over)
                && let Some(news) = waiting.take()
            {
                let began = Instant::now();
                // One look that fails must not end all looking.
                match catch_unwind(AssertUnwindSafe(|| self.look(&news, is_first))) {
                    Ok(Ok(has_looked)) => is_first &= !has_looked,
                    Ok(Err(error)) => {
                        error!("incidents could not be looked for: {error}");
                        if let LookError::Index(error) = &error {
                            mend::note(self.reader.folder(), error);
                        }
                        waiting = Some(news);
                    }
                    Err(_) => {
                        error!("the search for incidents panicked; it begins anew from the index");
                        (waiting, is_first) = (Some(news), true);
                    }
                }
                let took = began.elapsed();
                metrics::histogram!("caiu_look_seconds").record(took.as_secs_f64());
                next = Instant::now() + self.every.max(took.div_f64(LARGEST_SHARE));
            }
            if is_over {
                return;
            }
        }
    }

    /// Whether there was something to look at comes back.
    fn look(&mut self, news: &News, is_first: bool) -> Result<bool, LookError> {
        let Some(horizon) = news.checkpoint.feeds.values().filter_map(|progress| progress.until).max() else {
            return Ok(false);
        };
        self.reader.reload()?;
        let begin = self.watch.begins(horizon);
        let bin = TimeDelta::seconds(i64::from(self.watch.bin_secs()));
        // The bins of the whole history are read once, also those beyond the horizon; from then on a commit tells
        // which ones it touched.
        let whole = [begin..Utc::now().max(horizon) + bin];
        for range in if is_first { whole.as_slice() } else { news.touched.as_slice() } {
            let from = self.watch.bin_start(range.start).max(begin);
            let to = self.watch.bin_start(range.end + bin - TimeDelta::milliseconds(1));
            if from < to {
                let counts = self.reader.tally(Some(from), Some(to), self.watch.bin_secs())?;
                self.watch.replace(from, to, counts);
            }
        }
        let gaps = coverage::gaps(&news.checkpoint, &self.feeds, begin, horizon);
        let mut entries = Vec::new();
        let looked = self.watch.look(horizon, &gaps, &mut self.journal, Utc::now(), &mut entries);
        let ongoing = self.journal.known().values().filter(|known| known.is_ongoing());
        self.state.incidents(&entries, ongoing.count());
        for entry in &entries {
            let incident = &entry.incident;
            info!(id = incident.id, service = %incident.service, change = ?entry.change, onset = %incident.onset.at, "incident");
        }
        if !entries.is_empty() {
            (self.told)(&entries);
        }
        looked?;
        Ok(true)
    }
}

fn joined(earlier: Option<News>, mut later: News) -> News {
    if let Some(earlier) = earlier {
        later.touched.extend(earlier.touched);
    }
    later
}
