//! Counts: the tally of an index is the tally of its posts, whenever and however they came.

use std::collections::BTreeMap;

use caiu::index::query::Query;
use caiu::index::{IndexReader, IndexWriter, Keep, Per};
use caiu::model::{CellKind, FeedId, Kind, PostId, TaggedPost, Tally};
use chrono::TimeDelta;

use super::{NOON, at, commit, feed, post, reader, simulated, writer};
use crate::support::folder;

fn tally(posts: &[TaggedPost]) -> Tally {
    let mut tally = Tally::new(60);
    posts.iter().for_each(|post| assert!(tally.add(post)));
    tally
}

fn record(writer: &mut IndexWriter, posts: &[TaggedPost], keep: Keep) {
    for post in posts {
        writer.record(&feed(), post, at(NOON), keep).unwrap();
    }
}

#[test]
fn the_tally_of_an_index_is_the_tally_of_its_posts() {
    let posts = simulated();
    assert!(posts.len() > 3_000, "{}", posts.len());
    let whole = tally(posts);
    for keep in [Keep::Matches, Keep::All] {
        let folder = folder();
        let mut writer = writer(folder.path());
        let mut reader: Option<IndexReader> = None;
        let (mut live, mut seq) = (Tally::new(60), 0);
        for (number, part) in posts.chunks(700).enumerate() {
            record(&mut writer, part, keep);
            // The end of the part before comes again, as after a connection was lost.
            let overlap = (number * 700).saturating_sub(300)..number * 700;
            record(&mut writer, &posts[overlap], keep);
            commit(&mut writer);
            let reader = reader.get_or_insert_with(|| super::reader(folder.path()));
            reader.reload().unwrap();
            seq = reader.refresh(&mut live, seq).unwrap();
            assert_eq!(live, reader.tally(None, None, 60).unwrap(), "bin by bin as all at once");
        }
        let reader = reader.unwrap();
        assert_eq!(reader.tally(None, None, 60).unwrap(), whole, "{keep:?}");
        writer.close().unwrap();
        assert_eq!(super::reader(folder.path()).tally(None, None, 60).unwrap(), whole, "after merging");
        // Stretches of it add up.
        let middle = at(NOON + 3_600);
        let mut parts = reader.tally(None, Some(middle), 60).unwrap();
        assert!(parts.merge(&reader.tally(Some(middle), None, 60).unwrap()));
        assert_eq!(parts, whole);
    }
}

#[test]
fn late_edits_and_deletions_reach_a_live_tally() {
    let folder = folder();
    let mut writer = writer(folder.path());
    let mut posts: BTreeMap<&str, TaggedPost> = BTreeMap::new();
    let (mut live, mut seq) = (Tally::new(300), 0);
    let mut check = |writer: &mut IndexWriter, posts: &BTreeMap<&str, TaggedPost>| {
        commit(writer);
        let reader = reader(folder.path());
        seq = reader.refresh(&mut live, seq).unwrap();
        let mut want = Tally::new(300);
        posts.values().for_each(|post| assert!(want.add(post)));
        assert_eq!(live, want);
        assert_eq!(reader.tally(None, None, 300).unwrap(), want);
    };
    let put = |writer: &mut IndexWriter, posts: &mut BTreeMap<&str, TaggedPost>, id, text, second| {
        let tagged = post(id, id, text, second);
        writer.add(&feed(), &tagged, at(NOON)).unwrap();
        posts.insert(id, tagged);
    };
    put(&mut writer, &mut posts, "1", "whatsapp caiu", 10);
    put(&mut writer, &mut posts, "2", "instagram down", 7_000);
    check(&mut writer, &posts);
    put(&mut writer, &mut posts, "3", "whatsapp down", -9_000);
    put(&mut writer, &mut posts, "2", "whatsapp caiu, fui pro telegram", 7_400);
    check(&mut writer, &posts);
    writer.delete_post(Some("test"), &"1".into()).unwrap();
    check(&mut writer, &posts);
    writer.forget_post(Some("test"), &"3".into()).unwrap();
    posts.remove("3");
    check(&mut writer, &posts);
}

#[test]
fn series_count_posts_authors_and_clusters() {
    let folder = folder();
    let mut writer = writer(folder.path());
    let posts = simulated();
    record(&mut writer, posts, Keep::Matches);
    commit(&mut writer);
    let reader = reader(folder.path());
    let query = Query::parse("down:whatsapp kind:complaint").unwrap();
    let from = posts.iter().filter_map(|post| post.post().at).min().unwrap();
    let from = Tally::new(300).bin_start(from);
    let to = posts.iter().filter_map(|post| post.post().at).max().unwrap() + TimeDelta::seconds(1);
    let whole = {
        let mut tally = Tally::new(300);
        posts.iter().for_each(|post| assert!(tally.add(post)));
        tally
    };
    for per in [Per::Posts, Per::Authors, Per::Clusters] {
        let series = reader.series(&query, from, to, 300, per).unwrap();
        let mut want = vec![(0_u64, caiu::model::Distinct::default()); series.grid.len];
        for (key, cell) in &whole.cells {
            if key.service == Some("whatsapp".into()) && key.kind == CellKind::Read(Kind::Complaint) {
                let (num, keys) = &mut want[series.grid.index(key.at).unwrap()];
                *num += cell.posts;
                keys.merge(if per == Per::Authors { &cell.authors } else { &cell.clusters });
            }
        }
        let want: Vec<u64> =
            want.iter().map(|(num, keys)| if per == Per::Posts { *num } else { keys.count() }).collect();
        assert_eq!(series.counts.iter().map(|&count| u64::from(count)).collect::<Vec<_>>(), want, "{per:?}");
        assert!(want.iter().sum::<u64>() > 100);
    }
    let everything = reader.series(&Query::all(), from, to, 300, Per::Posts).unwrap();
    assert_eq!(
        u64::from(everything.counts.iter().sum::<u32>()),
        reader.status().unwrap().num_posts,
        "what was only counted is no post"
    );
}

#[test]
fn a_reader_that_counts_commit_by_commit_knows_what_there_is() {
    let folder = folder();
    let mut writer = writer(folder.path());
    let feeds = ["one", "two"].map(FeedId::new);
    let mut checkpoint = writer.checkpoint().clone();
    feeds.iter().for_each(|feed| checkpoint.feeds.entry(feed.clone()).or_default().until = Some(at(NOON)));
    writer.commit(&checkpoint).unwrap();
    let live = reader(folder.path());
    assert_eq!(live.status().unwrap().from, None);
    let (mut kept, mut deleted, mut counted) = ([0, 0], 0, [0, 0]);
    for number in 0..60_i64 {
        // Parts are merged on the way; posts are taken back and forgotten in parts that were counted before.
        for (place, feed) in feeds.iter().enumerate() {
            let one = post(&format!("{place}-{number}"), "a", "whatsapp caiu", number * 60);
            writer.record(feed, &one, at(NOON), Keep::Matches).unwrap();
            kept[place] += 1;
            let other = post(&format!("{place}-{number}-x"), "a", "good morning", number * 60);
            for _ in 0..2 {
                writer.record(feed, &other, at(NOON), Keep::Matches).unwrap();
            }
            counted[place] += 1;
        }
        let old = format!("0-{}", number / 2);
        if number % 6 == 1 && writer.delete_post(Some("test"), &PostId::new(&old)).unwrap() {
            deleted += 1;
        }
        if number % 6 == 5 && writer.forget_post(Some("test"), &PostId::new(&old)).unwrap() {
            kept[0] -= 1;
        }
        writer.commit(&checkpoint).unwrap();
        live.reload().unwrap();
        let status = live.status().unwrap();
        let of_feeds: Vec<_> = status.feeds.iter().map(|feed| (feed.num_posts, feed.num_counted)).collect();
        assert_eq!(of_feeds, [(kept[0], counted[0]), (kept[1], counted[1])], "{number}");
        let whole = (status.num_posts, status.num_deleted, status.num_counted);
        assert_eq!(whole, (kept[0] + kept[1] - deleted, deleted, counted[0] + counted[1]), "{number}");
        assert_eq!(status.to, Some(at(NOON + number * 60)));
        let fresh = reader(folder.path()).status().unwrap();
        assert_eq!((&status.feeds, whole), (&fresh.feeds, (fresh.num_posts, fresh.num_deleted, fresh.num_counted)));
        assert_eq!((status.from, status.to), (fresh.from, fresh.to));
    }
    assert!(deleted > 5 && kept[0] < 56, "{deleted} {kept:?}");
}
