//! What stays and what goes: old days, words on the disk, and an index of which a part is broken.

use std::fs;
use std::path::Path;

use caiu::index::query::Query;
use caiu::index::{Added, IndexError, IndexReader, IndexWriter, Keep, Retention, Sort, WriterOptions, repair};
use caiu::model::{Cursor, FeedGap, Gap, GapCause, Time};
use chrono::TimeDelta;

use super::{NOON, at, checkpoint, commit, feed, post, reader, writer};
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

#[test]
fn a_damaged_index_is_mended_without_its_broken_parts() {
    for part in ["idx", "pos", "term", "store", "fast", "fieldnorm"] {
        for damage in ["cut", "gone", "turned"] {
            let folder = folder();
            let mut writer = writer(folder.path());
            for number in 0..3 {
                let tagged = post(&number.to_string(), "a", "whatsapp caiu", number * 600);
                writer.add(&feed(), &tagged, at(NOON)).unwrap();
                writer.commit(&checkpoint(&number.to_string())).unwrap();
            }
            let newest = newest(folder.path(), part);
            writer.close().unwrap();
            let bytes = fs::read(&newest).unwrap();
            match damage {
                "cut" => fs::write(&newest, &bytes[..bytes.len() / 2]).unwrap(),
                "gone" => fs::remove_file(&newest).unwrap(),
                _ => {
                    let mut turned = bytes.clone();
                    turned[0] ^= 0x55;
                    fs::write(&newest, turned).unwrap();
                }
            }
            let name = newest.file_name().unwrap().to_str().unwrap().to_owned();
            if damage != "turned" {
                for error in [
                    IndexReader::open(folder.path()).err(),
                    IndexWriter::open(folder.path(), WriterOptions::default()).err(),
                ] {
                    let error = error.unwrap_or_else(|| panic!("{part} {damage} was not seen"));
                    assert!(matches!(error, IndexError::Damaged { .. }), "{part} {damage}: {error:?}");
                    assert!(error.to_string().contains("--repair"), "{error}");
                }
            }
            let repaired = repair(folder.path()).unwrap();
            assert_eq!((repaired.num_lost, repaired.num_left), (1, 2), "{part} {damage}: {repaired:?}");
            assert!(repaired.bad_files.iter().any(|file| file.to_str() == Some(&name)), "{repaired:?}");
            assert_eq!(repair(folder.path()).unwrap().num_lost, 0);
            let reader = reader(folder.path());
            // The place stays behind what is lost, which is told as a gap: its minute, and no other.
            let progress = &reader.checkpoint().feeds[&feed()];
            assert_eq!(progress.cursor.as_ref().map(Cursor::as_str), Some("2"));
            let minute = Gap { from: at(NOON + 1_200), to: at(NOON + 1_260) };
            assert_eq!(progress.gaps, [FeedGap { gap: minute, cause: GapCause::Damaged }], "{part} {damage}");
            assert_eq!(repaired.lost, [minute]);
            let found = reader.search(&Query::parse("caiu").unwrap(), Sort::Oldest, 10, None).unwrap();
            assert_eq!(found.hits.len(), 2);
            let mut writer = super::writer(folder.path());
            let again = writer.add(&feed(), &post("2", "a", "whatsapp caiu", 1_200), at(NOON)).unwrap();
            assert_eq!(again, Added::New);
            commit(&mut writer);
            writer.close().unwrap();
            assert_eq!(numbers(folder.path()).0, 3);
        }
    }
}

/// As after a loss of power: nothing of the newest segment can be read, so the gap is what the last commits changed.
#[test]
fn a_segment_without_a_whole_file_is_a_gap_too() {
    let folder = folder();
    let mut writer = writer(folder.path());
    for number in 0..3 {
        writer.add(&feed(), &post(&number.to_string(), "a", "whatsapp caiu", number * 600), at(NOON)).unwrap();
        writer.commit(&checkpoint(&number.to_string())).unwrap();
    }
    let newest = newest(folder.path(), "store");
    writer.close().unwrap();
    for part in ["idx", "pos", "term", "store", "fast", "fieldnorm"] {
        fs::write(newest.with_extension(part), b"").unwrap();
    }
    let repaired = repair(folder.path()).unwrap();
    assert_eq!((repaired.num_lost, repaired.num_left), (1, 2));
    assert_eq!(repaired.lost, [Gap { from: at(NOON), to: at(NOON + 1_260) }]);
}

/// The file of the newest segment that holds a part of it.
fn newest(folder: &Path, part: &str) -> std::path::PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let of_part = files.filter(|path| path.extension().is_some_and(|extension| extension == part));
    of_part.max_by_key(|path| fs::metadata(path).unwrap().modified().unwrap()).unwrap()
}
