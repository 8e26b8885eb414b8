//! Simulated posts, tagged once: those that name a service, as many of them as one likes, and a natural stream.

use std::path::Path;

use anyhow::{Context, Result};
use caiu::corpus::{Input, ReadOptions, run};
use caiu::index::{IndexWriter, Keep, WriterOptions};
use caiu::model::{Checkpoint, FeedId, Post, PostFields, PostId, RawPost, TaggedPost, Time};
use caiu::normalize::{AuthorSecret, date, normalize};
use caiu::simulate::{Overrides, builtin, simulate};
use caiu::tag::Tagger;
use chrono::{DateTime, TimeDelta};

/// The first posts of a simulation that are worth keeping.
pub(crate) fn make(num_posts: usize) -> Result<Vec<TaggedPost>> {
    let tagger = Tagger::builtin()?;
    let now = now()?;
    let mut posts = Vec::with_capacity(num_posts);
    for seed in 0.. {
        let overrides = Overrides { volume: Some(4.0), ..Overrides::default() };
        let scenario = overrides.apply(builtin::load("2021-10-04")?);
        for simulated in simulate(&scenario, seed)?.posts() {
            let mut raw = simulated.post;
            raw.id = format!("{seed}-{}", raw.id);
            let tagged = tag(&tagger, raw, now);
            if Keep::Matches.wants(&tagged) {
                posts.push(tagged);
            }
            if posts.len() == num_posts {
                return Ok(posts);
            }
        }
    }
    Ok(posts)
}

/// No post is from behind it.
fn now() -> Result<Time> {
    DateTime::from_timestamp(2_000_000_000, 0).context("a time")
}

fn tag(tagger: &Tagger, raw: RawPost, now: Time) -> TaggedPost {
    let at = raw.created_at.as_ref().and_then(|date| date::parse(date, None, now).ok());
    tagger.tag(normalize(raw, at, AuthorSecret::new("")))
}

/// All posts of a file, in the order in which they stand there.
pub(crate) fn read(path: &Path) -> Result<Vec<TaggedPost>> {
    let tagger = Tagger::builtin()?;
    let now = now()?;
    let input = Input { path: Some(path.to_owned()), named: true };
    let mut posts = Vec::new();
    run(
        &[input],
        &ReadOptions::default(),
        &mut |_| {},
        |record| {
            let raw = record.post.ok()?;
            Some(tag(&tagger, raw, now))
        },
        |tagged| {
            posts.extend(tagged);
            Ok(())
        },
    )?;
    Ok(posts)
}

/// Indexes so many posts: the given ones again and again, with new ids and later times.
pub(crate) fn fill(folder: &Path, posts: &[TaggedPost], num_posts: usize) -> Result<()> {
    let options = WriterOptions { num_threads: 2, memory_bytes: 512 << 20, ..WriterOptions::default() };
    let mut writer = IndexWriter::open(folder, options)?;
    let feed = FeedId::new("bench");
    for (number, post) in posts.iter().cycle().take(num_posts).enumerate() {
        let round = number / posts.len();
        let fields: PostFields = (**post.post()).clone();
        let again = Post::stamp(PostFields {
            id: PostId::new(format!("{number}")),
            at: fields.at.map(|at| at + TimeDelta::hours(14 * round as i64)),
            ..fields
        });
        writer.record(&feed, &TaggedPost::stamp(again, post.reading().clone()), DateTime::UNIX_EPOCH, Keep::All)?;
        if (number + 1).is_multiple_of(100_000) {
            writer.commit(&Checkpoint::default())?;
        }
    }
    writer.commit(&Checkpoint::default())?;
    writer.close()?;
    Ok(())
}
