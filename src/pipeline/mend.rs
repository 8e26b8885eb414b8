//! Opening the index of a live run: one that is damaged is repaired first, because nobody may be there to do it.

use std::collections::BTreeSet;
use std::path::Path;

use tracing::{error, warn};

use crate::config::Config;
use crate::index::{IndexError, IndexWriter, Repaired, WriterOptions, mend, suspect};
use crate::model::FeedId;

/// Opens the index of a configuration for writing, and makes it where there is none. A damaged one is repaired and the
/// damage told, where the configuration does not say otherwise; then it is an error as for everybody else.
///
/// # Errors
/// As [`IndexWriter::open`]; damage that cannot be repaired.
pub fn open(config: &Config) -> Result<IndexWriter, IndexError> {
    let options = WriterOptions { memory_bytes: config.index.memory_mb << 20, ..WriterOptions::default() };
    let (folder, repairs) = (config.index.path.as_path(), config.index.repair);
    let begin: BTreeSet<&FeedId> =
        config.feeds.iter().filter(|feed| feed.kind.has_beginning).map(|feed| &feed.id).collect();
    let mended = || -> Result<(), IndexError> {
        if let Some(repaired) = mend(folder, &|feed| begin.contains(feed))? {
            tell(folder, &repaired);
        }
        Ok(())
    };
    if repairs {
        mended()?;
    }
    match IndexWriter::open(folder, options.clone()) {
        Err(IndexError::Damaged { what, .. }) if repairs => {
            warn!("the index cannot be opened ({what}): every file is looked at");
            suspect(folder);
            mended()?;
            IndexWriter::open(folder, options)
        }
        opened => opened,
    }
}

/// Where a run ended because a part of the index cannot be read, the next start looks at all of it.
pub fn note(folder: &Path, error: &IndexError) {
    if matches!(error, IndexError::Damaged { .. }) {
        error!("the next start looks at every file of the index and repairs it");
        suspect(folder);
    }
}

/// Says what was damaged, what comes again and what does not.
fn tell(folder: &Path, repaired: &Repaired) {
    let Repaired { bad_files, num_lost, num_left, rewound, lost, aside } = repaired;
    let files: Vec<String> = bad_files.iter().map(|file| file.display().to_string()).collect();
    warn!(
        files = files.join(" "),
        "the index in {} was damaged and is repaired: {num_lost} posts and counts were lost with its broken parts, {num_left} are left",
        folder.display()
    );
    if let Some(aside) = aside {
        warn!("what was broken lies in {} now; remove it when nobody wants to save anything of it", aside.display());
    }
    for feed in rewound {
        match feed.to {
            Some(to) => warn!(feed = %feed.feed, "it is read again from where it was at {to}"),
            None => warn!(feed = %feed.feed, "it begins anew: no earlier place of it is known"),
        }
    }
    for gap in lost {
        warn!("{} to {} is a gap of every feed: what was lost there does not come again", gap.from, gap.to);
    }
}
