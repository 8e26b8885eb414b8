//! The quiet view of `caiu watch` on a terminal: a line for each feed, one for the index, one for each open incident.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing_subscriber::fmt::MakeWriter;

use super::output::one_line;
use crate::pipeline::coverage::lags;
use crate::pipeline::state::{Picture, State};

/// Time between two drawings.
const EVERY: Duration = Duration::from_secs(1);
/// Most incidents shown.
const MAX_INCIDENTS: usize = 8;

/// The view; clones draw the same lines.
#[derive(Debug, Clone)]
pub struct View {
    lines: MultiProgress,
    text: ProgressBar,
    state: Arc<State>,
}

impl View {
    /// A view of a run.
    pub fn new(state: Arc<State>) -> Self {
        let lines = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(2));
        let style = ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
        let text = lines.add(ProgressBar::new_spinner().with_style(style));
        Self { lines, text, state }
    }

    /// Draws until it is dropped.
    pub async fn draw(&self) {
        let mut before = self.state.picture();
        loop {
            tokio::time::sleep(EVERY).await;
            let now = self.state.picture();
            self.text.set_message(words(&before, &now));
            before = now;
        }
    }

    /// Writes something above the view.
    pub fn beside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.lines.suspend(write)
    }

    /// Takes the view away.
    pub fn clear(&self) {
        self.text.finish_and_clear();
    }
}

fn words(before: &Picture, now: &Picture) -> String {
    let mut lines = Vec::new();
    let lags = lags(&now.checkpoint, Utc::now());
    for (id, feed) in &now.feeds {
        let earlier = before.feeds.get(id).map_or(0, |feed| feed.num_new);
        let rate = (feed.num_new - earlier) as f64 / EVERY.as_secs_f64();
        let lag = lags.get(id).map_or_else(|| "-".to_owned(), |secs| format!("{secs:.0} s"));
        let note = match &feed.trouble {
            Some(trouble) => one_line(trouble),
            None if feed.is_ended => "ended".to_owned(),
            None => String::new(),
        };
        lines.push(format!("{id:<16} {rate:>7.0}/s {:>10} posts, {lag:>6} behind  {note}", feed.num_new));
    }
    let index = match (&now.commit_trouble, now.committed_at) {
        (Some(trouble), _) => format!("NOTHING IS TAKEN: {}", one_line(trouble)),
        (None, Some(at)) => format!("committed {}", at.format("%H:%M:%S UTC")),
        (None, None) => "no commit yet".to_owned(),
    };
    lines.push(format!("{:<16} {index}", "index"));
    lines.extend(now.incidents.values().take(MAX_INCIDENTS).map(super::watch::told));
    lines.join("\n")
}

/// Where logs go: above the view, or to stderr.
#[derive(Debug, Clone)]
pub struct LogWriter {
    view: Option<View>,
}

impl LogWriter {
    /// A writer beside a view.
    pub fn new(view: Option<View>) -> Self {
        Self { view }
    }
}

impl<'w> MakeWriter<'w> for LogWriter {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &self.view {
            Some(view) => view.beside(|| io::stderr().write(bytes)),
            None => io::stderr().write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::example;
    use crate::model::FeedId;
    use crate::pipeline::journal::Change;
    use crate::pipeline::state::FeedState;

    #[test]
    fn feeds_rates_lag_troubles_and_open_incidents_are_shown() {
        let state = State::default();
        // One that went on when the program began.
        state.remember([example::entry(1, 0, Change::Opened)]);
        let before = state.picture();
        let mut now = before.clone();
        let feed = FeedState { num_new: 30, trouble: Some("cannot\nconnect".to_owned()), ..FeedState::default() };
        now.feeds.insert(FeedId::new("bluesky"), feed);
        let until = Some(Utc::now() - chrono::TimeDelta::seconds(90));
        now.checkpoint.feeds.entry(FeedId::new("bluesky")).or_default().advance(None, None, until, &[]);
        let shown = words(&before, &now);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines.len(), 3, "{shown}");
        for part in ["bluesky", "30/s", "30 posts", "90 s behind", "cannot connect"] {
            assert!(lines[0].contains(part), "{part}: {shown}");
        }
        assert!(lines[1].contains("no commit yet"), "{shown}");
        assert!(lines[2].contains("OPENED") && lines[2].contains("whatsapp"), "{shown}");
        state.incidents(&[example::entry(2, 30, Change::Ended)], 0);
        assert!(state.picture().incidents.is_empty(), "what is over is not shown");
    }
}
