//! What stays and what goes: old days, words on the disk, and an index of which a part is broken.

use std::fs;
use std::path::Path;

use caiu::index::query::Query;
use caiu::index::{
    Added, IndexError, IndexReader, IndexWriter, Keep, Per, Repaired, Retention, Sort, WriterOptions, mend, repair,
    suspect,
};
use caiu::model::{Checkpoint, Cursor, FeedGap, Gap, GapCause, Time};
use chrono::TimeDelta;

use super::{NOON, at, commit, feed, post, reader, writer};
use crate::support::folder;

const DAY: i64 = 86_400;

/// Ten days with four complaints and two posts of no interest each.
fn ten_days(writer: &mut IndexWriter) -> Time {
    for day in 0..10 {
        for number in 0..6 {
            let text = if number < 4 { "whatsapp caiu" } else { "good morning" };
            let tagged = post(&format!("{day}-{number}"), &number.to_string(), text, day * DAY + number);
            writer.record(&feed(), &tagged, at(NOON), Keep::Matches).unwrap();
        }
        commit(writer);
    }
    at(NOON + 9 * DAY) + TimeDelta::hours(1)
}

fn numbers(folder: &Path) -> (u64, u64, u64) {
    let status = reader(folder).status().unwrap();
    (status.num_posts, status.num_deleted, status.num_counted)
}

#[test]
fn old_days_go_whole_and_are_told() {
    for (retention, days, want) in [
        (Retention { max_days: Some(20), ..Retention::default() }, 0, (40, 0, 20)),
        (Retention { max_days: Some(4), ..Retention::default() }, 6, (16, 0, 8)),
        (Retention { max_days: Some(4), keep_counts: true, ..Retention::default() }, 6, (16, 24, 20)),
        (Retention { max_days: Some(0), ..Retention::default() }, 9, (4, 0, 2)),
        (Retention { max_bytes: Some(0), ..Retention::default() }, 9, (4, 0, 2)),
        (Retention { max_bytes: Some(1 << 40), ..Retention::default() }, 0, (40, 0, 20)),
    ] {
        let folder = folder();
        let mut writer = writer(folder.path());
        let now = ten_days(&mut writer);
        let live = reader(folder.path());
        let (mut tally, seq) = (live.tally(None, None, 60).unwrap(), live.seq());
        let retired = writer.retire(&retention, now).unwrap();
        assert_eq!(retired.len(), days, "{retention:?}");
        assert!(retired.is_sorted_by_key(|retired| retired.day));
        assert!(retired.iter().all(|retired| retired.num_posts >= 4 && retired.kept_counts == retention.keep_counts));
        assert_eq!(numbers(folder.path()), want, "{retention:?}");
        assert!(writer.retire(&retention, now).unwrap().is_empty(), "a second time there is nothing to do");
        live.reload().unwrap();
        live.refresh(&mut tally, seq).unwrap();
        assert_eq!(tally, live.tally(None, None, 60).unwrap());
    }
}

#[test]
fn deleted_words_leave_the_disk() {
    let folder = folder();
    let mut writer = writer(folder.path());
    for (id, text) in [("1", "whatsapp caiu, my phone is 555"), ("2", "whatsapp caiu"), ("3", "instagram down")] {
        writer.add(&feed(), &post(id, id, text, 0), at(NOON)).unwrap();
    }
    commit(&mut writer);
    let with_words = newest(folder.path(), "store");
    assert!(writer.delete_post(Some("test"), &"1".into()).unwrap());
    commit(&mut writer);
    writer.purge().unwrap();
    assert!(!with_words.exists(), "what held the words is gone");
    assert_eq!(writer.purge().unwrap(), 0);
    assert_eq!(numbers(folder.path()), (2, 1, 0));
}

/// Repairs an index of a feed that cannot tell everything again, as at a start.
fn mended(folder: &Path) -> Result<Option<Repaired>, IndexError> {
    mend(folder, &|_| false)
}

const PARTS: [&str; 6] = ["idx", "pos", "term", "store", "fast", "fieldnorm"];

/// Damages the file of the newest segment that holds a part of it; its name comes back.
fn damage(folder: &Path, part: &str, how: &str) -> String {
    let newest = newest(folder, part);
    let bytes = fs::read(&newest).unwrap();
    match how {
        "cut" => fs::write(&newest, &bytes[..bytes.len() / 2]).unwrap(),
        "gone" => fs::remove_file(&newest).unwrap(),
        _ => {
            let mut turned = bytes;
            turned[0] ^= 0x55;
            fs::write(&newest, turned).unwrap();
        }
    }
    newest.file_name().unwrap().to_str().unwrap().to_owned()
}

/// The test's feed at a place, with everything told up to so many seconds after [`NOON`].
fn told(writer: &IndexWriter, place: &str, until: i64) -> Checkpoint {
    let mut checkpoint = writer.checkpoint().clone();
    let progress = checkpoint.feeds.entry(feed()).or_default();
    progress.advance(Some(Cursor::new(place)), Some(at(NOON)), Some(at(NOON + until)), &[]);
    progress.num_posts += 1;
    checkpoint
}

#[test]
fn a_damaged_index_is_mended_without_its_broken_parts() {
    for part in PARTS {
        for how in ["cut", "gone", "turned"] {
            let folder = folder();
            let mut writer = writer(folder.path());
            for number in 0..3 {
                let tagged = post(&number.to_string(), "a", "whatsapp caiu", number * 600);
                writer.add(&feed(), &tagged, at(NOON)).unwrap();
                let checkpoint = told(&writer, &number.to_string(), number * 600);
                writer.commit(&checkpoint).unwrap();
            }
            writer.close().unwrap();
            let name = damage(folder.path(), part, how);
            if how != "turned" {
                for error in [
                    IndexReader::open(folder.path()).err(),
                    IndexWriter::open(folder.path(), WriterOptions::default()).err(),
                ] {
                    let error = error.unwrap_or_else(|| panic!("{part} {how} was not seen"));
                    assert!(matches!(error, IndexError::Damaged { .. }), "{part} {how}: {error:?}");
                    assert!(error.to_string().contains("--repair"), "{error}");
                }
            }
            let repaired = mended(folder.path()).unwrap().unwrap_or_else(|| panic!("{part} {how} was not seen"));
            assert_eq!((repaired.num_lost, repaired.num_left), (1, 2), "{part} {how}: {repaired:?}");
            assert!(repaired.bad_files.iter().any(|file| file.to_str() == Some(&name)), "{repaired:?}");
            assert_eq!(
                (repair(folder.path(), &|_| false).unwrap().num_lost, mended(folder.path()).unwrap()),
                (0, None)
            );
            let aside = repaired.aside.unwrap();
            assert_eq!(aside.join(&name).exists(), how != "gone");
            assert!(fs::read_dir(&aside).unwrap().count() >= 5, "the whole segment lies there");
            let reader = reader(folder.path());
            // The feed goes on from before what is lost, which is a gap until it has told that again.
            let progress = &reader.checkpoint().feeds[&feed()];
            assert_eq!(progress.cursor.as_ref().map(Cursor::as_str), Some("0"), "the last place that was kept");
            assert_eq!((progress.until, progress.gaps.len(), progress.num_posts), (Some(at(NOON)), 0, 1));
            assert_eq!((repaired.rewound.len(), repaired.rewound[0].to, repaired.lost.len()), (1, Some(at(NOON)), 0));
            let gap = FeedGap { gap: Gap { from: at(NOON), to: at(NOON + 1_260) }, cause: GapCause::Damaged };
            assert_eq!(reader.status().unwrap().feeds[0].gaps, [gap], "{part} {how}");
            let found = reader.search(&Query::parse("caiu").unwrap(), Sort::Oldest, 10, None).unwrap();
            assert_eq!(found.hits.len(), 2);
            let mut writer = super::writer(folder.path());
            let again = |number: i64| post(&number.to_string(), "a", "whatsapp caiu", number * 600);
            for (number, want) in [(1, Added::Unchanged), (2, Added::New)] {
                assert_eq!(writer.add(&feed(), &again(number), at(NOON + 5_000)).unwrap(), want);
            }
            let checkpoint = told(&writer, "2", 1_200);
            writer.commit(&checkpoint).unwrap();
            assert_eq!(numbers(folder.path()).0, 3);
            assert!(
                super::reader(folder.path()).status().unwrap().feeds[0].gaps.is_empty(),
                "and it has no gap any more"
            );
            writer.purge().unwrap();
            assert!(!aside.exists(), "nor do words stay that are to leave the disk");
        }
    }
}

/// As after a loss of power: nothing of a segment can be read, and what it held is known all the same, also of an old one.
#[test]
fn a_segment_without_a_whole_file_is_a_gap_of_its_own_minutes() {
    let folder = folder();
    let mut writer = writer(folder.path());
    let mut old = None;
    for number in 0..4 {
        writer.add(&feed(), &post(&number.to_string(), "a", "whatsapp caiu", number * 600), at(NOON)).unwrap();
        if number == 1 {
            writer.add(&feed(), &post("old", "a", "whatsapp caiu", -9 * DAY), at(NOON)).unwrap();
        }
        let checkpoint = told(&writer, "x", number * 600);
        writer.commit(&checkpoint).unwrap();
        old = old.or((number == 1).then(|| newest(folder.path(), "store")));
    }
    // As all of them are whose texts were to leave the disk.
    writer.purge().unwrap();
    drop(writer);
    for part in PARTS {
        fs::write(old.as_ref().unwrap().with_extension(part), b"").unwrap();
    }
    let repaired = repair(folder.path(), &|_| false).unwrap();
    assert_eq!(
        (repaired.num_lost, repaired.num_left, repaired.rewound.len()),
        (2, 3, 0),
        "there is no place before it"
    );
    let minutes = [-9 * DAY, 600].map(|second| Gap { from: at(NOON + second), to: at(NOON + second + 60) });
    assert_eq!(repaired.lost, minutes, "two minutes, and not the days between them");
    let progress = reader(folder.path()).checkpoint().feeds[&feed()].clone();
    assert_eq!(progress.cursor.as_ref().map(Cursor::as_str), Some("x"));
    assert_eq!(progress.gaps.iter().map(|gap| gap.gap).collect::<Vec<_>>(), minutes);
}

/// Records the simulated day in chunks of so many posts as a feed that tells the last few once more each time.
fn fill(folder: &Path, size: usize, to: usize) {
    let mut writer = writer(folder);
    let day = &super::simulated()[..2_000];
    let place = writer.checkpoint().feeds.get(&feed()).and_then(|progress| progress.cursor.clone());
    let from = place.map_or(0, |place| place.as_str().parse::<usize>().unwrap());
    for (nth, chunk) in day.chunks(size).enumerate().take(to).skip(from) {
        for tagged in day[(nth * size).saturating_sub(20)..nth * size].iter().chain(chunk) {
            writer.record(&feed(), tagged, at(NOON + 100_000 + nth as i64), Keep::Matches).unwrap();
        }
        let checkpoint = told(&writer, &(nth + 1).to_string(), nth as i64);
        writer.commit(&checkpoint).unwrap();
    }
    writer.close().unwrap();
}

/// What is counted and not kept has no id: the numbers go back to the place of the feed, and all is counted again.
#[test]
fn numbers_are_counted_again_and_not_twice() {
    let tally = |folder: &Path| reader(folder).tally(None, None, 60).unwrap();
    let whole = folder();
    fill(whole.path(), 400, 5);
    // The newest part is broken, and then, while the feed tells it again, another one.
    for how in ["cut", "gone", "turned"] {
        let folder = folder();
        fill(folder.path(), 400, 4);
        for (nth, to) in [(0, 3), (1, 5)] {
            damage(folder.path(), "store", how);
            let repaired = mended(folder.path()).unwrap().unwrap();
            assert!(repaired.num_lost > 0 && repaired.lost.is_empty(), "{how} {nth}: {repaired:?}");
            let place = reader(folder.path()).checkpoint().feeds[&feed()].cursor.clone().unwrap();
            // Each life of a writer keeps the place of its first commit.
            assert_eq!(place.as_str(), ["1", "2"][nth], "{how}");
            fill(folder.path(), 400, to);
        }
        assert_eq!(tally(folder.path()), tally(whole.path()), "{how}");
        let [broken, unbroken] = [folder.path(), whole.path()].map(|folder| reader(folder).status().unwrap());
        assert_eq!((broken.num_posts, broken.num_counted), (unbroken.num_posts, unbroken.num_counted));
        assert_eq!(broken.feeds, unbroken.feeds);
    }
}

/// Whichever part breaks, merged ones and the first one too: what is not there again lies in a gap, and nothing is twice.
#[test]
fn of_any_part_what_does_not_come_again_is_a_gap() {
    let whole = folder();
    fill(whole.path(), 100, 20);
    let counts = |folder: &Path| {
        reader(folder).series(&Query::parse("").unwrap(), at(NOON - DAY), at(NOON + DAY), 60, Per::Posts).unwrap()
    };
    let want = counts(whole.path());
    let stores = || {
        let names = fs::read_dir(whole.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".store")).collect::<Vec<_>>()
    };
    assert!((2..12).contains(&stores().len()), "some of them were merged: {}", stores().len());
    let mut num_whole = 0;
    for store in stores() {
        let folder = folder();
        for entry in fs::read_dir(whole.path()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
        fs::remove_file(folder.path().join(&store)).unwrap();
        let repaired = mended(folder.path()).unwrap().unwrap();
        fill(folder.path(), 100, 20);
        let is_lost = |at: Time| repaired.lost.iter().any(|gap| (gap.from..gap.to).contains(&at));
        let found = counts(folder.path());
        for ((nth, want), found) in want.counts.iter().enumerate().zip(&found.counts) {
            let at = at(NOON - DAY + 60 * nth as i64);
            assert!(found == want || (is_lost(at) && found < want), "{at}: {found:?} of {want:?}, {repaired:?}");
        }
        num_whole += usize::from(repaired.lost.is_empty());
        assert_eq!(reader(folder.path()).status().unwrap().feeds[0].gaps.is_empty(), repaired.lost.is_empty());
    }
    assert!(num_whole >= 1, "those behind the first place come again whole");
}

/// A part that could not be read while the index was in use is looked for at the next start, wherever it lies.
#[test]
fn a_suspicion_is_looked_into_once() {
    let folder = folder();
    let mut writer = writer(folder.path());
    writer.add(&feed(), &post("1", "a", "whatsapp caiu", 0), at(NOON)).unwrap();
    commit(&mut writer);
    drop(writer);
    suspect(folder.path());
    let note = folder.path().join(".caiu-damaged");
    assert!(note.exists());
    assert_eq!(mended(folder.path()).unwrap(), None);
    assert!(!note.exists());
    suspect(folder.path());
    damage(folder.path(), "pos", "turned");
    assert_eq!(mended(folder.path()).unwrap().unwrap().num_lost, 1);
    assert!(!note.exists());
}

/// Without its list of files the search engine does not open; what else stands in the folder is none of them.
#[test]
fn the_journal_outlives_a_repair_of_the_list_of_files() {
    let folder = folder();
    let mut writer = writer(folder.path());
    writer.add(&feed(), &post("1", "a", "whatsapp caiu", 0), at(NOON)).unwrap();
    commit(&mut writer);
    drop(writer);
    for name in ["incidents.jsonl", "readings.parquet"] {
        fs::write(folder.path().join(name), "mine").unwrap();
    }
    fs::write(folder.path().join(".managed.json"), "{").unwrap();
    assert_eq!(repair(folder.path(), &|_| false).unwrap().num_left, 1);
    let mut writer = super::writer(folder.path());
    for number in 2..4 {
        writer.add(&feed(), &post(&number.to_string(), "a", "whatsapp caiu", 0), at(NOON)).unwrap();
        commit(&mut writer);
    }
    for name in ["incidents.jsonl", "readings.parquet"] {
        assert!(folder.path().join(name).exists(), "{name}");
    }
}

/// The file of the newest segment that holds a part of it.
fn newest(folder: &Path, part: &str) -> std::path::PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let of_part = files.filter(|path| path.extension().is_some_and(|extension| extension == part));
    of_part.max_by_key(|path| fs::metadata(path).unwrap().modified().unwrap()).unwrap()
}
