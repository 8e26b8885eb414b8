//! The desk: takes what happens to incidents and never waits; a worker for each receiver does the rest.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::Utc;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Opened;
use super::board::Board;
use super::outbox::{Item, Ledger, Outbox};
use super::policy::Standing;
use super::worker::{self, Worker};
use crate::model::Entry;

/// Receivers at work. Dropping it ends them; [`Desk::close`] lets them finish.
#[derive(Debug)]
pub struct Desk {
    board: Arc<Board>,
    stop: watch::Sender<bool>,
    workers: JoinSet<()>,
}

impl Desk {
    /// Starts a worker for each receiver, inside a tokio runtime. `folder` is that of the index, which nobody else may
    /// write; `journal` is what its journal holds. A receiver that is there for the first time hears of what goes on
    /// now, and not of what is over; any other hears what it has missed.
    ///
    /// # Errors
    /// Where the outbox cannot be read or written.
    pub fn open(receivers: Vec<Opened>, folder: &Path, journal: &[Entry]) -> io::Result<Self> {
        let board = Arc::new(Board::new(journal));
        let mut outbox = Outbox::open(folder)?;
        for (config, _) in &receivers {
            if outbox.ledger(&config.id).is_none() {
                outbox.meet(&config.id, Utc::now())?;
                if !config.kind.keeps_all {
                    outbox.pass(&config.id, Utc::now(), over(&board))?;
                }
            }
        }
        let ledgers: Vec<Ledger> =
            receivers.iter().map(|(config, _)| outbox.ledger(&config.id).cloned().unwrap_or_default()).collect();
        let (stop, stopped) = watch::channel(false);
        let (outbox, mut workers) = (Arc::new(Mutex::new(outbox)), JoinSet::new());
        for ((config, receiver), ledger) in receivers.into_iter().zip(ledgers) {
            let unfinished = worker::unfinished(&config, &ledger, journal, &board);
            let (board, outbox, stop) = (Arc::clone(&board), Arc::clone(&outbox), stopped.clone());
            let worker = Worker { config, receiver, board, outbox, ledger, stop };
            workers.spawn(worker.run(unfinished));
        }
        Ok(Self { board, stop, workers })
    }

    /// What takes the lines of the journal, oldest first. It never waits for a receiver.
    pub fn teller(&self) -> impl Fn(&[Entry]) + Send + Sync + use<> {
        let board = Arc::clone(&self.board);
        move |entries| board.take(entries)
    }

    /// Lets every receiver have one more try at what is due, for `grace` at most. What is left is told after the next
    /// start.
    pub async fn close(mut self, grace: Duration) {
        // Workers that are gone need no word.
        let _ = self.stop.send(true);
        let all = async { while self.workers.join_next().await.is_some() {} };
        if tokio::time::timeout(grace, all).await.is_err() {
            tracing::warn!("some alerts are not told yet; they are told after the next start");
            self.workers.shutdown().await;
        }
    }
}

/// What is over, as things that a receiver need not hear.
fn over(board: &Board) -> Vec<Item> {
    board.read(|lines| {
        let ended = lines.iter().filter(|(_, line)| !line.is_ongoing());
        ended
            .map(|(id, line)| Item {
                incident: id.clone(),
                seq: line.known.seq,
                event: None,
                standing: if line.known.is_open() { Standing::Ended } else { Standing::Withdrawn },
            })
            .collect()
    })
}
