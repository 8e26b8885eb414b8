//! Counts that are written come back; what other engines write comes back or is refused by name.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Float64Array, Int64Array, LargeStringArray, RecordBatch, StringArray, TimestampSecondArray, UInt32Array,
};
use parquet::arrow::ArrowWriter;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::model::{Cell, CellKey, Country, Distinct, Lang};
use chrono::DateTime;

fn cell_kind() -> impl Strategy<Value = CellKind> {
    prop_oneof![
        Just(CellKind::All),
        proptest::sample::select(Kind::ALL.to_vec()).prop_map(CellKind::Read),
        Just(CellKind::Block),
        name().prop_map(|to| CellKind::MoveTo(to.as_str().into())),
    ]
}

/// Names that are likely to be hurt on the way: formulas, quotes, separators, other scripts.
fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,8}", "['=+@\\-]{1,3}[a-z]{0,2}", "[,\"\n\r; ]{1,3}", "[\u{621}-\u{64a}]{1,5}"]
}

fn distinct() -> impl Strategy<Value = Distinct> {
    let few = proptest::collection::vec(any::<u64>(), 0..20).prop_map(|keys| keys.into_iter().collect());
    let many = (1_000_u64..3_000, any::<u64>()).prop_map(|(len, seed)| synthetic::distinct(seed, len));
    prop_oneof![8 => few, 1 => many]
}

fn tally() -> impl Strategy<Value = Tally> {
    let key = (0_i64..50, proptest::option::of(name()), 0..4_usize, proptest::option::of(name()), cell_kind());
    let cell = (any::<u32>(), distinct(), distinct());
    proptest::collection::vec((key, cell), 0..30).prop_map(|cells| {
        let mut tally = Tally::new(300);
        for ((bin, service, lang, country, kind), (posts, authors, clusters)) in cells {
            let key = CellKey {
                at: DateTime::from_timestamp(1_633_305_600 + bin * 300, 0).unwrap(),
                service: service.map(|name| name.as_str().into()),
                lang: [None, Some(Lang::AR), Some(Lang::EN), Some(Lang::PT)][lang],
                country: country.map(Country::new),
                kind,
            };
            tally.cells.insert(key, Cell { posts: posts.into(), authors, clusters });
        }
        tally
    })
}

fn file(name: &str, write: impl FnOnce(&mut File)) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    write(&mut File::create(&path).unwrap());
    (folder, path)
}

/// Posts and counts per cell, without the keys.
fn numbers(tally: &Tally) -> Vec<(CellKey, u64, u64, u64)> {
    let row = |(key, cell): (&CellKey, &Cell)| (key.clone(), cell.posts, cell.authors.count(), cell.clusters.count());
    tally.cells.iter().map(row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parquet_gives_the_same_tally_and_the_same_bytes(tally in tally()) {
        let (_folder, path) = file("counts.bin", |file| write_counts_parquet(&tally, file).unwrap());
        prop_assert_eq!(&read_counts(&path).unwrap(), &tally);
        let mut again = Vec::new();
        write_counts_parquet(&tally, &mut again).unwrap();
        prop_assert_eq!(fs::read(&path).unwrap(), again);
    }

    #[test]
    fn csv_gives_the_same_numbers(tally in tally()) {
        let (_folder, path) = file("counts.bin", |file| write_counts_csv(&tally, file).unwrap());
        let back = read_counts_with_bin(&path, tally.bin_secs).unwrap();
        prop_assert_eq!(numbers(&back), numbers(&tally));
    }
}

fn small_tally() -> Tally {
    let mut tally = Tally::new(60);
    for minute in 0..12 {
        let at = DateTime::from_timestamp(1_633_362_060 + minute * 60, 0).unwrap();
        let key = |service: Option<&str>, kind| CellKey {
            at,
            service: service.map(Into::into),
            lang: None,
            country: None,
            kind,
        };
        let cell = |posts| Cell { posts, authors: (0..posts).collect(), clusters: (0..posts).collect() };
        tally.cells.insert(key(None, CellKind::All), Cell { posts: 900, ..Cell::default() });
        tally.cells.insert(key(Some("whatsapp"), CellKind::Read(Kind::Complaint)), cell(7));
        tally.cells.insert(key(Some("whatsapp"), CellKind::MoveTo("=telegram".into())), cell(2));
    }
    tally
}

#[test]
fn the_csv_is_as_promised_and_tells_the_width_of_its_bins() {
    let mut bytes = Vec::new();
    write_counts_csv(&small_tally(), &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let head: Vec<&str> = text.lines().take(4).collect();
    assert_eq!(
        head,
        [
            "time,service,lang,country,kind,posts,authors,clusters,to",
            "2021-10-04T15:41:00Z,,,,all,900,,,",
            "2021-10-04T15:41:00Z,whatsapp,,,complaint,7,7,7,",
            "2021-10-04T15:41:00Z,whatsapp,,,move,2,2,2,'=telegram",
        ]
    );
    let (_folder, path) = file("c.csv", |file| file.write_all(text.as_bytes()).unwrap());
    let back = read_counts(&path).unwrap();
    assert_eq!(back.bin_secs, 60);
    assert_eq!(numbers(&back), numbers(&small_tally()));
}

#[test]
fn a_csv_of_another_program_is_read_or_refused_by_name() {
    let header = "Kind,TIME,posts,authors,clusters,service,extra\n";
    for (body, expected) in [
        ("complaint,2021-10-04 15:41:00+00,3.0,2,1,whatsapp,x\n", Ok(3)),
        (
            "complaint,2021-10-04T12:41:00-03:00,3,2,1,whatsapp,x\ncomplaint,2021-10-04T15:41:00Z,4,1,1,whatsapp,x\n",
            Ok(7),
        ),
        ("complaint,2021-10-04 15:41:00,3,2,1,whatsapp,x\n", Err("row 1 of the counts, column 'time'")),
        ("complaint,2021-10-04T15:41:30Z,3,2,1,whatsapp,x\n", Err("not the beginning of a bin of 60 s")),
        ("gossip,2021-10-04T15:41:00Z,3,2,1,whatsapp,x\n", Err("'gossip' is none of all, complaint")),
        ("move,2021-10-04T15:41:00Z,3,2,1,whatsapp,x\n", Err("column 'to': is empty")),
        ("complaint,2021-10-04T15:41:00Z,-3,2,1,whatsapp,x\n", Err("column 'posts': '-3' is no whole number")),
        ("complaint,2021-10-04T15:41:00Z,3,,1,whatsapp,x\n", Err("column 'authors'")),
    ] {
        let (_folder, path) = file("c.csv", |file| write!(file, "\u{FEFF}{header}{body}").unwrap());
        let result = read_counts_with_bin(&path, 60);
        match (result, expected) {
            (Ok(tally), Ok(posts)) => {
                assert_eq!(tally.cells.values().map(|cell| cell.posts).collect::<Vec<_>>(), [posts]);
            }
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (result, expected) => panic!("{result:?} for {expected:?}"),
        }
    }
    let (_folder, path) = file("c.csv", |file| file.write_all(b"time,kind,posts\n").unwrap());
    assert!(matches!(read_counts(&path), Err(CountsError::MissingColumn { column: "service", .. })));
}

fn foreign(columns: Vec<(&str, ArrayRef)>) -> (TempDir, PathBuf) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    file("c.parquet", |file| {
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    })
}

fn foreign_columns() -> Vec<(&'static str, ArrayRef)> {
    vec![
        ("time", Arc::new(TimestampSecondArray::from(vec![1_633_362_060, 1_633_362_120]))),
        ("service", Arc::new(LargeStringArray::from(vec!["whatsapp", "whatsapp"]))),
        ("kind", Arc::new(StringArray::from(vec!["complaint", "complaint"]))),
        ("posts", Arc::new(Int64Array::from(vec![3, 4]))),
        ("authors", Arc::new(UInt32Array::from(vec![2, 4]))),
        ("clusters", Arc::new(Float64Array::from(vec![1.0, 2000.0]))),
    ]
}

#[test]
fn a_parquet_of_another_engine_is_read() {
    let (_folder, path) = foreign(foreign_columns());
    assert!(matches!(read_counts(&path), Err(CountsError::BinUnknown)));
    let tally = read_counts_with_bin(&path, 60).unwrap();
    let rows: Vec<_> =
        numbers(&tally).into_iter().map(|(_, posts, authors, clusters)| (posts, authors, clusters)).collect();
    assert_eq!(rows, [(3, 2, 1), (4, 4, 2000)]);
}

#[test]
fn a_parquet_that_makes_no_sense_is_refused_by_name() {
    let replaced = |name: &str, array: ArrayRef| {
        let mut columns = foreign_columns();
        columns.iter_mut().find(|column| column.0 == name).unwrap().1 = array;
        let (_folder, path) = foreign(columns);
        read_counts_with_bin(&path, 60).unwrap_err().to_string()
    };
    let number = || Arc::new(Int64Array::from(vec![1, -2])) as ArrayRef;
    for (column, part) in [
        ("time", "column 'time' of the counts is of type Int64; cast it to a timestamp"),
        ("service", "column 'service' of the counts is of type Int64; cast it to a string"),
        ("posts", "column 'posts' of the counts is of type Int64; cast it to an unsigned"),
    ] {
        let message = replaced(column, number());
        assert!(message.contains(part), "{message}");
    }
    let message = replaced("authors", Arc::new(Float64Array::from(vec![1.0, 2.5])));
    assert!(message.contains("column 'authors' of the counts is of type Float64"), "{message}");
    let mut columns = foreign_columns();
    columns.remove(4);
    let (_folder, path) = foreign(columns);
    let message = read_counts_with_bin(&path, 60).unwrap_err().to_string();
    assert!(message.contains("no column 'authors' (found: time, service"), "{message}");
}

#[test]
fn a_broken_parquet_is_an_error() {
    let mut bytes = Vec::new();
    write_counts_parquet(&small_tally(), &mut bytes).unwrap();
    for len in (0..bytes.len()).step_by(97) {
        let (_folder, path) = file("c.parquet", |file| file.write_all(&bytes[..len]).unwrap());
        assert!(read_counts(&path).is_err(), "{len}");
    }
}

#[test]
fn a_width_other_than_the_files_is_refused() {
    let (_folder, path) = file("c.parquet", |file| write_counts_parquet(&small_tally(), file).unwrap());
    assert!(matches!(read_counts_with_bin(&path, 300), Err(CountsError::BinMismatch { found: 60, wanted: 300 })));
}
