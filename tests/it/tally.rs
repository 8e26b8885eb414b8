//! Tallies of parts add up to the tally of the whole, in any grouping and order, in memory and on disk.

use caiu::model::lang::LangGuess;
use caiu::model::{
    AuthorKey, Cell, CellKind, ClusterKey, Country, Distinct, Kind, Lang, Move, Post, PostFields, Reading, ServiceId,
    TaggedPost, Tally, Time,
};
use caiu::report::{read_counts, read_counts_with_bin, write_counts_csv, write_counts_parquet};
use chrono::DateTime;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use crate::support::{file, folder};

const SERVICES: [&str; 4] = ["instagram", "signal", "telegram", "whatsapp"];

/// A hash of a small number, as keys are: authors and clusters that come more than once.
fn key(number: u64) -> u64 {
    number.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31).wrapping_mul(0xBF58_476D_1CE4_E5B9)
}

prop_compose! {
    fn reading()(
        kind in select(&Kind::ALL[..]),
        named in subsequence(&SERVICES[..], 0..=4),
        num_down in any::<Index>(),
        to in proptest::option::of(select(&SERVICES[1..3])),
        from in proptest::option::of(select(&SERVICES[3..])),
        lang in proptest::option::of(select(&[Lang::PT, Lang::AR][..])),
        speaks_of_block in any::<bool>(),
    ) -> Reading {
        let named: Vec<ServiceId> = named.into_iter().map(ServiceId::from).collect();
        let num_down = if kind == Kind::Other { 0 } else { num_down.index(named.len() + 1) };
        Reading {
            kind,
            down: named[..num_down].to_vec(),
            moves: to.map(|to| Move { from: from.map(ServiceId::from), to: to.into() }).into_iter().collect(),
            named,
            speaks_of_block,
            ..Reading::nothing(lang.map_or(LangGuess::Undetermined, |lang| LangGuess::Detected { lang, confidence: 1.0 }))
        }
    }
}

prop_compose! {
    fn tagged()(
        reading in reading(),
        minute in 0i64..12,
        second in 0i64..60,
        author in proptest::option::of(0u64..20),
        cluster in 0u64..20,
        country in proptest::option::of(select(&["BR", "IQ"][..])),
    ) -> TaggedPost {
        let at: Option<Time> = DateTime::from_timestamp(1_633_362_000 + minute * 60 + second, 0);
        let post = Post::stamp(PostFields {
            id: "1".into(),
            at,
            author: author.map(|author| AuthorKey(key(author))),
            cluster: ClusterKey(key(cluster + 1_000)),
            text: String::new(),
            lang_hint: None,
            platform: None,
            url: None,
            country: country.map(Country::new),
            is_repost: false,
        });
        TaggedPost::stamp(post, reading)
    }
}

fn tally<'a>(posts: impl IntoIterator<Item = &'a TaggedPost>) -> Tally {
    let mut tally = Tally::new(60);
    posts.into_iter().for_each(|post| assert!(tally.add(post)));
    tally
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parts_add_up_in_any_grouping_and_order(
        posts in proptest::collection::vec((tagged(), 0usize..4), 0..60),
        order in Just([0usize, 1, 2, 3]).prop_shuffle(),
    ) {
        let whole = tally(posts.iter().map(|(post, _)| post));
        let parts: Vec<Tally> = (0..4)
            .map(|part| tally(posts.iter().filter(|(_, of)| *of == part).map(|(post, _)| post)))
            .collect();
        let mut one_by_one = Tally::new(60);
        order.iter().for_each(|&part| assert!(one_by_one.merge(&parts[part])));
        prop_assert_eq!(&one_by_one, &whole);
        let mut pairs = [(0, 1), (2, 3)].map(|(a, b)| {
            let mut pair = parts[order[b]].clone();
            assert!(pair.merge(&parts[order[a]]));
            pair
        });
        let [left, right] = &mut pairs;
        assert!(right.merge(left));
        prop_assert_eq!(&*right, &whole);
        let num_posts: u64 =
            whole.cells.iter().filter(|(key, _)| key.kind == CellKind::All).map(|(_, cell)| cell.posts).sum();
        prop_assert_eq!(num_posts, posts.len() as u64);
    }

    #[test]
    fn counts_come_back_from_disk(posts in proptest::collection::vec(tagged(), 10..40)) {
        let whole = tally(&posts);
        let folder = folder();
        let (mut parquet, mut csv) = (Vec::new(), Vec::new());
        write_counts_parquet(&whole, &mut parquet).unwrap();
        write_counts_csv(&whole, &mut csv).unwrap();
        prop_assert_eq!(&read_counts(&file(folder.path(), "counts.parquet", parquet)).unwrap(), &whole);
        // A CSV has no keys, only their number.
        let numbers = |cell: &Cell| (cell.posts, cell.authors.count(), cell.clusters.count());
        let back = read_counts_with_bin(&file(folder.path(), "counts.csv", csv), 60).unwrap();
        prop_assert_eq!(back.cells.keys().collect::<Vec<_>>(), whole.cells.keys().collect::<Vec<_>>());
        for (key, cell) in &whole.cells {
            prop_assert_eq!(numbers(&back.cells[key]), numbers(cell));
        }
    }

    #[test]
    fn distinct_counts_add_up_beyond_what_is_kept(
        parts in proptest::collection::vec((0u64..4_000, 1u64..3_000), 1..5),
    ) {
        let set = |(from, num): (u64, u64)| -> Distinct { (from..from + num).map(key).collect() };
        let mut merged = Distinct::default();
        parts.iter().rev().for_each(|&part| merged.merge(&set(part)));
        let numbers: std::collections::BTreeSet<u64> = parts.iter().flat_map(|&(from, num)| from..from + num).collect();
        prop_assert_eq!(&merged, &numbers.iter().map(|&number| key(number)).collect::<Distinct>());
        let error = (merged.count() as f64 - numbers.len() as f64).abs() / numbers.len() as f64;
        prop_assert!(error < if numbers.len() < 1024 { f64::EPSILON } else { 0.15 }, "{} for {}", merged.count(), numbers.len());
    }
}

#[test]
fn other_bins_are_refused_and_change_nothing() {
    for (mine, theirs, is_merged) in [(60, 60, true), (60, 61, false), (300, 60, false), (60, 300, false)] {
        let mut tally = Tally::new(mine);
        let mut other = Tally::new(theirs);
        let post = PostFields {
            id: "1".into(),
            at: DateTime::from_timestamp(1_633_362_000, 0),
            author: None,
            cluster: ClusterKey(1),
            text: String::new(),
            lang_hint: None,
            platform: None,
            url: None,
            country: None,
            is_repost: false,
        };
        let tagged = TaggedPost::stamp(Post::stamp(post), Reading::nothing(LangGuess::Undetermined));
        assert!(other.add(&tagged));
        assert_eq!(
            (tally.merge(&other), tally.cells.len()),
            (is_merged, usize::from(is_merged)),
            "{mine} and {theirs}"
        );
    }
}
