//! Answers that were worked out once: by what was asked, for the commit that they are of. Many who ask the same at once
//! wait for one answer; for a moment after a commit they get the last one, while the next is worked out.

use std::collections::HashMap;
use std::io::Write;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::sync::watch;

use super::problem::Problem;
use super::work::Workers;

/// Bytes of answers that are kept.
const MOST_BYTES: usize = 64 << 20;
/// Answers that are kept.
const MOST_ANSWERS: usize = 1_024;
/// Lengths of answers that are packed once and kept so.
const PACKED_BYTES: Range<usize> = 1_024..512 << 10;
/// An answer of an earlier commit is given for so long while a newer one is worked out.
const STALE_FOR: Duration = Duration::from_secs(2);

/// What an answer is of: number of the commit and of the last line of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Version {
    /// Commit of the index.
    pub(super) seq: u64,
    /// Line of the journal of incidents.
    pub(super) line: u64,
}

/// Bytes, and what they are of.
#[derive(Debug, Clone, Default)]
pub(super) struct Cached {
    /// What it is of.
    pub(super) version: Version,
    /// The answer.
    pub(super) bytes: Bytes,
    /// The same as gzip, once somebody wanted it so.
    packed: Arc<OnceLock<Bytes>>,
}

impl Cached {
    /// An answer that is of a version.
    pub(super) fn new(version: Version, bytes: Bytes) -> Self {
        Self { version, bytes, packed: Arc::default() }
    }

    /// The answer as gzip: packed once, however many ask for it. `None` where it is too short to be worth it, or so long
    /// that it is better packed while it is sent.
    pub(super) fn packed(&self) -> Option<Bytes> {
        let pack = || {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            // Writing to memory cannot fail.
            let _ = encoder.write_all(&self.bytes);
            encoder.finish().unwrap_or_default().into()
        };
        PACKED_BYTES.contains(&self.bytes.len()).then(|| self.packed.get_or_init(pack).clone())
    }
}

/// What everybody waits for who asks for the same.
type Coming = watch::Receiver<Option<Result<Cached, Problem>>>;

#[derive(Default)]
struct Slot {
    done: Option<(Cached, Instant)>,
    coming: Option<Coming>,
    used: u64,
}

#[derive(Default)]
struct Slots {
    by_key: HashMap<String, Slot>,
    num_bytes: usize,
    clock: u64,
}

/// The answers; clones share them.
#[derive(Clone)]
pub(super) struct Cache {
    slots: Arc<Mutex<Slots>>,
    workers: Workers,
}

impl Cache {
    /// An empty one.
    pub(super) fn new(workers: Workers) -> Self {
        Self { slots: Arc::default(), workers }
    }

    /// The answer to `key`, of `version` or, for a moment, of the one before. `work` is done where neither is there.
    pub(super) async fn get<F>(&self, key: String, version: Version, work: F) -> Result<Cached, Problem>
    where
        F: FnOnce() -> Result<Bytes, Problem> + Send + 'static,
    {
        let mut coming = {
            let mut slots = self.lock();
            slots.clock += 1;
            let clock = slots.clock;
            let slot = slots.by_key.entry(key.clone()).or_default();
            slot.used = clock;
            if let Some((cached, _)) = slot.done.as_ref().filter(|(cached, _)| cached.version == version) {
                return Ok(cached.clone());
            }
            let stale = slot.done.as_ref().filter(|(_, at)| at.elapsed() < STALE_FOR).map(|(cached, _)| cached.clone());
            // One that ended without an answer (the runtime shut down) is nobody to wait for.
            let running = slot.coming.clone().filter(|coming| coming.has_changed().is_ok());
            let coming = running.unwrap_or_else(|| {
                let (sender, receiver) = watch::channel(None);
                slot.coming = Some(receiver.clone());
                tokio::spawn(self.clone().work_out(key, version, work, sender));
                receiver
            });
            if let Some(stale) = stale {
                return Ok(stale);
            }
            coming
        };
        let result = coming.wait_for(Option::is_some).await.map(|result| result.clone());
        result.ok().flatten().unwrap_or_else(|| Err(Problem::busy("the server is about to stop")))
    }

    async fn work_out<F>(
        self,
        key: String,
        version: Version,
        work: F,
        sender: watch::Sender<Option<Result<Cached, Problem>>>,
    ) where
        F: FnOnce() -> Result<Bytes, Problem> + Send + 'static,
    {
        let result = self.workers.run(work).await.map(|bytes| Cached::new(version, bytes));
        let mut slots = self.lock();
        let before = slots.by_key.get_mut(&key).and_then(|slot| {
            slot.coming = None;
            slot.done.take()
        });
        slots.num_bytes -= before.map_or(0, |(cached, _)| cached.bytes.len());
        if let Ok(cached) = &result {
            slots.num_bytes += cached.bytes.len();
            let clock = slots.clock;
            let slot = slots.by_key.entry(key).or_default();
            slot.used = slot.used.max(clock);
            slot.done = Some((cached.clone(), Instant::now()));
        } else {
            slots.by_key.remove(&key);
        }
        slots.make_room();
        drop(slots);
        // Nobody may be waiting any more.
        let _ = sender.send(Some(result));
    }

    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    /// Lets go of what was not asked for in the longest time.
    fn make_room(&mut self) {
        while self.num_bytes > MOST_BYTES || self.by_key.len() > MOST_ANSWERS {
            let idle = self.by_key.iter().filter(|(_, slot)| slot.coming.is_none());
            let Some(key) = idle.min_by_key(|(_, slot)| slot.used).map(|(key, _)| key.clone()) else { return };
            let gone = self.by_key.remove(&key).and_then(|slot| slot.done);
            self.num_bytes -= gone.map_or(0, |(cached, _)| cached.bytes.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test(flavor = "multi_thread")]
    async fn many_who_ask_the_same_wait_for_one_answer() {
        let cache = Cache::new(Workers::new());
        let num_worked = Arc::new(AtomicUsize::new(0));
        let ask = |seq: u64| {
            let (cache, num_worked) = (cache.clone(), Arc::clone(&num_worked));
            async move {
                let work = move || {
                    num_worked.fetch_add(1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(50));
                    Ok(Bytes::from(seq.to_string()))
                };
                cache.get("q".to_owned(), Version { seq, line: 0 }, work).await.unwrap()
            }
        };
        let asked: Vec<_> = (0..40).map(|_| tokio::spawn(ask(1))).collect();
        for one in asked {
            assert_eq!(one.await.unwrap().bytes, "1");
        }
        assert_eq!(num_worked.load(Ordering::SeqCst), 1);
        assert_eq!(ask(2).await.version.seq, 1, "the last answer, for a moment");
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(ask(2).await.bytes, "2");
        assert_eq!(num_worked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn errors_are_not_kept() {
        let cache = Cache::new(Workers::new());
        let version = Version::default();
        assert!(cache.get("q".to_owned(), version, || Err(Problem::busy("x"))).await.is_err());
        assert!(cache.get("q".to_owned(), version, || Ok(Bytes::new())).await.is_ok());
        let large = || Ok(Bytes::from(vec![0; MOST_BYTES / 3]));
        for key in 0..9 {
            assert!(cache.get(key.to_string(), version, large).await.is_ok());
        }
        let slots = cache.lock();
        assert!(slots.num_bytes <= MOST_BYTES && slots.by_key.len() <= 4, "{}", slots.by_key.len());
    }
}
