//! Work on the index, off the threads that serve: so much at once, so much in line, and no more.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::problem::Problem;

/// Work that may wait for its turn.
const MOST_WAITING: usize = 256;
/// Longest wait for a turn.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The threads that work on the index; clones share them.
#[derive(Debug, Clone)]
pub(super) struct Workers {
    turns: Arc<Semaphore>,
    num_waiting: Arc<AtomicUsize>,
}

impl Workers {
    /// As many as there are processors, and at least two: one long query leaves room for short ones.
    pub(super) fn new() -> Self {
        let num = thread::available_parallelism().map_or(2, usize::from).max(2);
        Self { turns: Arc::new(Semaphore::new(num)), num_waiting: Arc::default() }
    }

    /// Does something that blocks. Whoever asked may go away meanwhile; the turn is only over when the work is.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, Problem> + Send + 'static,
    {
        let in_line = InLine::join(&self.num_waiting)?;
        let turn = tokio::time::timeout(LONGEST_WAIT, Arc::clone(&self.turns).acquire_owned()).await;
        drop(in_line);
        let Ok(Ok(turn)) = turn else { return Err(Problem::busy("other queries take long; ask again, or for less")) };
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.unwrap_or_else(|error| Err(Problem::internal(&error)))
    }
}

/// A place in line, given up when it is dropped.
struct InLine(Arc<AtomicUsize>);

impl InLine {
    fn join(num_waiting: &Arc<AtomicUsize>) -> Result<Self, Problem> {
        let place = Self(Arc::clone(num_waiting));
        match num_waiting.fetch_add(1, Ordering::Relaxed) {
            num if num < MOST_WAITING => Ok(place),
            _ => Err(Problem::busy("too many queries wait; ask again in a moment")),
        }
    }
}

impl Drop for InLine {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_panic_is_an_error_and_gives_its_turn_back() {
        let workers = Workers::new();
        for _ in 0..20 {
            let result: Result<(), Problem> = workers.run(|| panic!("on purpose")).await;
            assert!(result.is_err());
        }
        assert_eq!(workers.run(|| Ok(7)).await.ok(), Some(7));
        assert_eq!(workers.num_waiting.load(Ordering::Relaxed), 0);
    }
}
