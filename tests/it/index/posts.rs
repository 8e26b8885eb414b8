//! Posts: once each, the newest form of each, found in the words in which people look for them, and gone when taken back.

use caiu::index::query::Query;
use caiu::index::{Added, IndexError, IndexReader, IndexWriter, Keep, Recorded, Sort, WriterOptions};
use caiu::model::{AuthorKey, Kind, PostId};

use super::{NOON, at, checkpoint, commit, feed, post, reader, writer};
use crate::support::folder;

fn add(writer: &mut IndexWriter, id: &str, author: &str, text: &str, second: i64) -> Added {
    writer.add(&feed(), &post(id, author, text, second), at(NOON + second + 2)).unwrap()
}

fn ids(reader: &IndexReader, query: &str) -> String {
    let found = reader.search(&Query::parse(query).unwrap(), Sort::Oldest, 100, None).unwrap();
    assert_eq!(found.total, found.hits.len());
    found.hits.iter().map(|hit| hit.post.id.as_str()).collect::<Vec<_>>().join(" ")
}

fn author_of(writer: &IndexReader, id: &str) -> AuthorKey {
    writer.get(Some("test"), &PostId::new(id)).unwrap().unwrap().author.unwrap()
}

#[test]
fn what_comes_twice_counts_once_and_the_newer_text_wins() {
    let folder = folder();
    let mut writer = writer(folder.path());
    assert_eq!(add(&mut writer, "1", "a", "whatsapp caiu", 0), Added::New);
    assert_eq!(add(&mut writer, "1", "a", "whatsapp caiu", 0), Added::Unchanged);
    assert_eq!(add(&mut writer, "1", "a", "whatsapp caiu geral", 0), Added::Replaced);
    commit(&mut writer);
    assert_eq!(add(&mut writer, "2", "b", "instagram down", 60), Added::New);
    assert_eq!(add(&mut writer, "1", "a", "whatsapp caiu geral", 0), Added::Unchanged);
    assert_eq!(add(&mut writer, "1", "a", "telegram caiu", 0), Added::Replaced);
    assert_eq!(add(&mut writer, "1", "a", "signal caiu", 0), Added::Replaced);
    commit(&mut writer);
    let reader = reader(folder.path());
    assert_eq!(ids(&reader, ""), "1 2");
    assert_eq!(ids(&reader, "service:signal"), "1");
    assert_eq!(ids(&reader, "service:whatsapp OR service:telegram OR geral"), "");
    let status = reader.status().unwrap();
    assert_eq!((status.num_posts, status.num_deleted, status.seq), (2, 0, 2));
}

#[test]
fn words_are_found_as_people_write_them() {
    let folder = folder();
    let mut writer = writer(folder.path());
    for (number, text) in [
        "NÃO consigo abrir o WhatsApp, caiu!",
        "الدنيا مقلوبة بالواتساب طاح عند الكل",
        "#WhatsAppDown again, it's down",
        "إنستقرام مُعَطَّل",
        "whatsapp is not down, i am down",
        "zap caiu, fui pro telegram",
    ]
    .into_iter()
    .enumerate()
    {
        add(&mut writer, &number.to_string(), "a", text, number as i64 * 60);
    }
    commit(&mut writer);
    let reader = reader(folder.path());
    for (query, want) in [
        ("nao", "0"),
        ("caiu", "0 5"),
        ("CAIU!", "0 5"),
        ("واتساب", "1"),
        ("الواتساب", "1"),
        ("بالواتساب", "1"),
        ("whatsappdown", "2"),
        ("#whatsappdown", "2"),
        ("\"it's down\"", "2"),
        ("انستقرام", "3"),
        ("معطل", "3"),
        ("\"whatsapp is\"", "4"),
        ("\"is whatsapp\"", ""),
        ("down -not", "2"),
        ("service:whatsapp -down", "0 1 5"),
        ("kind:complaint lang:pt", "0 5"),
        ("move:whatsapp>telegram", "5"),
        ("move:>telegram", "5"),
        ("move:telegram>", ""),
        ("down:whatsapp service:telegram", "5"),
        ("(caiu OR طاح) -telegram", "0 1"),
        ("from:2021-10-04T15:41 to:2021-10-04T15:43", "1 2"),
        ("platform:test feed:test id:3", "3"),
        ("platform:other", ""),
        ("-kind:complaint", "4"),
    ] {
        assert_eq!(ids(&reader, query), want, "{query}");
    }
    let found = reader.search(&Query::parse("whatsapp caiu").unwrap(), Sort::Score, 10, None).unwrap();
    let [hit] = &found.hits[..] else { panic!("{found:?}") };
    let text = hit.post.text.as_deref().unwrap();
    let marked: Vec<&str> = hit.marks.iter().map(|mark| &text[mark.clone()]).collect();
    assert_eq!(marked, ["WhatsApp", "caiu"]);
}

#[test]
fn pages_follow_one_another_without_loss() {
    let folder = folder();
    let mut writer = writer(folder.path());
    for number in 0..50 {
        // Many of one second: the order within it must hold from page to page.
        add(&mut writer, &number.to_string(), "a", "whatsapp down", number / 10);
        if number % 17 == 0 {
            commit(&mut writer);
        }
    }
    commit(&mut writer);
    let reader = reader(folder.path());
    for sort in [Sort::Newest, Sort::Oldest, Sort::Score] {
        let (mut seen, mut times, mut after) = (Vec::new(), Vec::new(), None);
        loop {
            let found = reader.search(&Query::all(), sort, 7, after.as_deref()).unwrap();
            assert_eq!(found.total, 50);
            times.extend(found.hits.iter().map(|hit| hit.post.at));
            seen.extend(found.hits.into_iter().map(|hit| hit.post.id.to_string()));
            after = found.next;
            if after.is_none() {
                break;
            }
        }
        match sort {
            Sort::Newest => assert!(times.is_sorted_by(|a, b| a >= b)),
            Sort::Oldest => assert!(times.is_sorted()),
            Sort::Score => {}
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 50, "{sort:?}");
    }
    assert!(matches!(reader.search(&Query::all(), Sort::Newest, 7, Some("x")), Err(IndexError::Query(_))));
}

#[test]
fn what_is_taken_back_loses_its_words_and_keeps_its_count() {
    let folder = folder();
    let mut writer = writer(folder.path());
    for (id, author) in [("1", "a"), ("2", "a"), ("3", "b"), ("4", "b")] {
        add(&mut writer, id, author, "whatsapp caiu no centro", 60);
    }
    commit(&mut writer);
    add(&mut writer, "5", "a", "whatsapp caiu em casa", 120);
    let before = reader(folder.path());
    let (a, b) = (author_of(&before, "1"), author_of(&before, "3"));
    assert!(writer.delete_post(Some("test"), &PostId::new("3")).unwrap());
    assert!(!writer.delete_post(Some("test"), &PostId::new("3")).unwrap());
    assert!(!writer.delete_post(Some("test"), &PostId::new("never seen")).unwrap());
    // One of the three is not yet committed.
    assert_eq!(writer.delete_author(a).unwrap(), 3);
    assert_eq!(writer.delete_author(a).unwrap(), 0);
    commit(&mut writer);
    let reader = reader(folder.path());
    assert_eq!(ids(&reader, ""), "4");
    assert_eq!(ids(&reader, "caiu"), "4");
    let gone = reader.get(Some("test"), &PostId::new("1")).unwrap().unwrap();
    assert_eq!((&gone.text, &gone.url, gone.evidence.len(), gone.kind), (&None, &None, 0, Kind::Complaint));
    let status = reader.status().unwrap();
    assert_eq!((status.num_posts, status.num_deleted), (1, 4));
    let tally = reader.tally(None, None, 60).unwrap();
    let complaints: u64 = tally.cells.iter().filter(|(key, _)| key.service.is_some()).map(|(_, cell)| cell.posts).sum();
    assert_eq!(complaints, 5, "the counts of what was taken back stay");
    assert_eq!(add(&mut writer, "1", "a", "whatsapp caiu no centro", 60), Added::TakenBack);
    assert_eq!(add(&mut writer, "never seen", "c", "whatsapp caiu", 60), Added::TakenBack);
    assert_eq!(writer.forget_author(a).unwrap(), 3);
    assert_eq!(writer.forget_author(b).unwrap(), 2);
    assert!(!writer.forget_post(Some("test"), &PostId::new("4")).unwrap());
    commit(&mut writer);
    reader.reload().unwrap();
    assert_eq!(reader.status().unwrap().num_deleted, 0);
    assert!(reader.tally(None, None, 60).unwrap().cells.is_empty());
    assert_eq!(add(&mut writer, "1", "a", "whatsapp caiu no centro", 60), Added::New, "forgotten is forgotten");
}

#[test]
fn posts_that_say_nothing_are_counted_once() {
    let folder = folder();
    let mut writer = writer(folder.path());
    let record = |writer: &mut IndexWriter, id: &str, text: &str| {
        writer.record(&feed(), &post(id, "a", text, 0), at(NOON), Keep::Matches).unwrap()
    };
    assert_eq!(record(&mut writer, "1", "good morning everybody"), Recorded::Counted);
    assert_eq!(record(&mut writer, "1", "good morning everybody"), Recorded::SeenBefore);
    assert_eq!(record(&mut writer, "2", "whatsapp caiu"), Recorded::Kept(Added::New));
    commit(&mut writer);
    drop(writer);
    let mut writer = super::writer(folder.path());
    assert_eq!(
        record(&mut writer, "1", "good morning everybody"),
        Recorded::SeenBefore,
        "the window outlives the program"
    );
    assert_eq!(record(&mut writer, "2", "never mind"), Recorded::Kept(Added::Replaced), "an edit is an edit");
    assert_eq!(record(&mut writer, "3", "good night"), Recorded::Counted);
    commit(&mut writer);
    let status = reader(folder.path()).status().unwrap();
    assert_eq!((status.num_posts, status.num_counted), (1, 2));
    assert_eq!(ids(&reader(folder.path()), "service:whatsapp"), "");
}

#[test]
fn progress_is_saved_with_the_posts_it_covers() {
    let folder = folder();
    let mut writer = writer(folder.path());
    add(&mut writer, "1", "a", "whatsapp caiu", 0);
    writer.commit(&checkpoint("one")).unwrap();
    add(&mut writer, "2", "a", "whatsapp caiu", 0);
    drop(writer);
    let mut writer = super::writer(folder.path());
    assert_eq!(writer.checkpoint(), &checkpoint("one"));
    let reader = reader(folder.path());
    assert_eq!((ids(&reader, "").as_str(), reader.checkpoint()), ("1", checkpoint("one")));
    add(&mut writer, "2", "a", "whatsapp caiu", 0);
    writer.commit(&checkpoint("two")).unwrap();
    assert_eq!((ids(&reader, "").as_str(), reader.seq()), ("1", 1), "a reader looks at one commit");
    assert!(reader.reload().unwrap() && !reader.reload().unwrap());
    assert_eq!((ids(&reader, "").as_str(), reader.checkpoint(), reader.seq()), ("1 2", checkpoint("two"), 2));
}

#[test]
fn a_second_writer_is_told_who_writes() {
    let folder = folder();
    let writer = writer(folder.path());
    let reader = reader(folder.path());
    assert_eq!(reader.status().unwrap().writer.map(|holder| holder.pid), Some(std::process::id()));
    match IndexWriter::open(folder.path(), WriterOptions::default()) {
        Err(error @ IndexError::Locked { .. }) => {
            let text = error.to_string();
            assert!(text.contains(&format!("process {}", std::process::id())) && text.contains("since 20"), "{text}");
        }
        other => panic!("{other:?}"),
    }
    drop(writer);
    assert_eq!(reader.status().unwrap().writer, None, "a note that was left behind locks nothing");
    super::writer(folder.path());
}

#[test]
fn other_folders_are_told_apart() {
    let folder = folder();
    let missing = folder.path().join("nothing");
    assert!(matches!(IndexReader::open(&missing), Err(IndexError::Missing { .. })));
    let mut writer = writer(folder.path());
    commit(&mut writer);
    drop(writer);
    let list = folder.path().join("meta.json");
    let text = std::fs::read_to_string(&list).unwrap();
    for (from, to, want) in [
        ("caiu-index/2", "caiu-index/3", "written by a newer caiu (caiu-index/3)"),
        ("caiu-index/2", "caiu-index/0", "written by an older caiu (caiu-index/0)"),
        ("caiu-index/2", "else/1", "no index of caiu"),
        ("cluster", "clutter", "an index with other fields"),
        ("{", "", "is damaged: meta.json cannot be read"),
    ] {
        std::fs::write(&list, text.replacen(from, to, 1)).unwrap();
        for error in
            [IndexReader::open(folder.path()).err(), IndexWriter::open(folder.path(), WriterOptions::default()).err()]
        {
            let error = error.unwrap().to_string();
            assert!(error.contains(want) && error.contains(folder.path().to_str().unwrap()), "{error}");
        }
    }
    std::fs::write(&list, text).unwrap();
    super::writer(folder.path());
}
