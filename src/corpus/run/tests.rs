//! Whole runs over files of every packing, layout and kind of damage.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::*;
use crate::corpus::{ColumnMap, Field, Layout, Reason, expand};

struct Ran {
    /// `id=text` or `!line reason`, in order.
    lines: Vec<String>,
    result: Result<ReadSummary, ReadError>,
}

fn run_all(inputs: &[Input], options: &ReadOptions) -> Ran {
    let mut lines = Vec::new();
    let show = |record: Record<'_>| match record.post {
        Ok(post) => format!("{}={}", post.id, post.text),
        Err(bad) => format!("!{} {}", bad.line, bad.reason),
    };
    let result = run(inputs, options, &mut |_| {}, show, |line| {
        lines.push(line);
        Ok(())
    });
    Ran { lines, result }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

/// Reads `bytes` as a file with blocks of many sizes and threads: always the same comes out.
fn check_with(bytes: &[u8], options: &ReadOptions, want: &[&str], outcomes: &[(&str, u64)]) {
    let folder = tempfile::tempdir().unwrap();
    let inputs = [Input::file(write(folder.path(), "posts.x", bytes))];
    for (block_bytes, threads) in [(1 << 20, 1), (1 << 20, 3), (64, 2), (7, 2), (1, 1)] {
        let options = ReadOptions { block_bytes, threads, ..options.clone() };
        let ran = run_all(&inputs, &options);
        let shown = format!("{} in blocks of {block_bytes}", String::from_utf8_lossy(&bytes[..bytes.len().min(300)]));
        let summary = ran.result.unwrap_or_else(|error| panic!("{shown}: {error}"));
        assert_eq!(ran.lines, want, "{shown}");
        let counted: Vec<(&str, u64)> = summary.outcomes.iter().map(|(name, tried)| (name, tried.count)).collect();
        assert_eq!(counted, outcomes, "{shown}");
        assert_eq!(summary.files[0].num_bytes, bytes.len() as u64, "{shown}");
        assert_eq!(summary.num_posts, want.iter().filter(|line| !line.starts_with('!')).count() as u64);
    }
}

fn check(bytes: &[u8], want: &[&str], outcomes: &[(&str, u64)]) {
    check_with(bytes, &ReadOptions::default(), want, outcomes);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn lines() {
    check(b"{\"text\":\"a\"}\n{\"text\":\"b\"}\n", &["1=a", "2=b"], &[]);
    check(b"{\"text\":\"a\"}\r\n\r\n\n{\"id\":9,\"text\":\"b\"}", &["1=a", "9=b"], &[]);
    check("\u{feff}{\"text\":\"a\"}\n".as_bytes(), &["1=a"], &[]);
    check(b"", &[], &[("empty file", 1)]);
    check(b"\n \n", &[], &[("empty file", 1)]);
    check(b"{\"text\":\"a\"}\n{\"text\":\"b", &["1=a", "!2 cut short"], &[("cut short", 1)]);
    check(b"{\"text\":\"a\"}\n{\"text\":\"\xd9", &["1=a", "!2 cut short"], &[("cut short", 1)]);
    check(b"{\"text\":\"a\n{\"text\":\"b\"}\n", &["!1 broken json", "2=b"], &[("broken json", 1)]);
    check(
        b"{\"text\":\"a\"}\n{\"text\":\"\xff\"}\n\0\0\0\n{\"text\":\"\xd9\x88\"}\n",
        &["1=a", "!2 invalid utf-8", "!3 broken json", "4=\u{648}"],
        &[("broken json", 1), ("invalid utf-8", 1)],
    );
    let utf16: Vec<u8> = "\u{feff}{\"text\":\"وا 🔥\"}\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&utf16, &["1=وا 🔥"], &[]);
    check(
        br#"{"text":"own"}
{"id_str":"2","full_text":"tweet","user":{}}
{"delete":{"status":{"id":1}}}
{"id":"c","body":"[removed]","subreddit":"s"}
{"id":"5","content":"<p>toot</p>","account":{}}
{"data":[{"id":"6","text":"page","author_id":"1"},{"text":"no id","author_id":"1","id":""}]}
"#,
        &["1=own", "2=tweet", "!3 deletion", "!4 deleted", "5=toot", "6=page", "6.1=no id"],
        &[("deleted", 1), ("deletion", 1)],
    );
}

#[test]
fn values() {
    check(br#"[{"text":"a"},{"text":"b]}\"{["}]"#, &["1=a", "1-1=b]}\"{["], &[]);
    check(
        b"[{\"text\":\"a\"},{\"text\":\"b\"},\n{\"text\":\"c\"},{\"text\":\"d\"},{\"text\":\n\"e\"},{\"text\":\"f\"}]",
        &["1=a", "1-1=b", "2=c", "2-1=d", "2-2=e", "3=f"],
        &[],
    );
    check(b"[\n  {\n    \"text\": \"a\"\n  },\n  {\n    \"text\": \"b\"\n  }\n]\n", &["2=a", "5=b"], &[]);
    check(b"{\n\"text\": \"a\"\n}\n{\n\"text\": \"b\"\n}", &["1=a", "4=b"], &[]);
    check(
        b"{\n \"data\": [\n  {\"id\":\"1\",\"text\":\"a\"},\n  {\"id\":\"2\",\"text\":\"b\"}\n ]\n}\n",
        &["1=a", "2=b"],
        &[],
    );
    check(b"window.YTD.tweets.part0 = [ {\"tweet\":{\"id_str\":\"1\",\"full_text\":\"a\"}} ]", &["1=a"], &[]);
    check(b"[]", &[], &[]);
    check(b"[1, \"x\", {\"text\":\"a\"}]", &["!1 unknown form", "!1 unknown form", "1-2=a"], &[("unknown form", 2)]);
    check(b"[{\"text\":\"a\"},\n{\"text\":\"b", &["1=a", "!2 cut short"], &[("cut short", 1)]);
    // A lost quote costs its own element alone.
    check(
        b"[\n{\"text\":\"a\"},\n{\"text\":\"b},\n{\"text\":\"c\"},\n{\"text\":\"d\"}\n]",
        &["2=a", "!3 broken json", "4=c", "5=d"],
        &[("broken json", 1)],
    );
}

#[test]
fn rows() {
    check(
        b"id,text\n1,a\n2,\"b, with \"\"quotes\"\"\nand lines\"\n3,c",
        &["1=a", "2=b, with \"quotes\"\nand lines", "3=c"],
        &[],
    );
    check(b"text\r\na\r\n\r\nb\r\n", &["2=a", "4=b"], &[]);
    check(b"id;Tweet\n1;a,b\n", &["1=a,b"], &[]);
    check(
        b"id\ttext\n1\t\"stray quote\n2\tb \"c\"\n3\t\"d\" e\n4\tf\n",
        &["1=\"stray quote", "2=b \"c\"", "3=d e", "4=f"],
        &[],
    );
    check(b"id,text\n1,\"never closed\n2,b\n3,c\n", &["1=\"never closed", "2=b", "3=c"], &[]);
    check(
        b"id,text\n1,a,x\n2\n3,b\n4",
        &["!2 broken row", "!3 broken row", "3=b", "!5 cut short"],
        &[("broken row", 2), ("cut short", 1)],
    );
    check(
        b"id,text\n1,\xff\n2,b\n3,\n",
        &["!2 invalid utf-8", "2=b", "!4 no text"],
        &[("invalid utf-8", 1), ("no text", 1)],
    );
    let named = ReadOptions { columns: ColumnMap([(Field::Text, "what".to_owned())].into()), ..ReadOptions::default() };
    check_with(b"what,text\nmine,not mine\n", &named, &["2=mine"], &[]);
    let forced = ReadOptions { layout: Layout::Tsv, ..ReadOptions::default() };
    check_with(b"id,x\ttext\n1\ta\n", &forced, &["2=a"], &[]);
}

#[test]
fn packings() {
    let (one, two): (&[u8], &[u8]) = (b"{\"text\":\"a\"}\n{\"te", b"xt\":\"b\"}\n");
    let whole = ["1=a", "2=b"];
    for pack in [gzip, bzip2, zstd] {
        check(&pack(&[one, two].concat()), &whole, &[]);
        check(&[pack(one), pack(two)].concat(), &whole, &[]);
    }
    let skippable = [b"\x50\x2a\x4d\x18\x03\0\0\0abc".to_vec(), zstd(&[one, two].concat())].concat();
    check(&skippable, &whole, &[]);
    check(&gzip(b""), &[], &[("empty file", 1)]);
}

/// Lines that do not shrink to nothing when they are packed.
fn noisy_lines(num_lines: u64) -> Vec<u8> {
    let mut lines = Vec::new();
    for number in 1..=num_lines {
        let noise = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        writeln!(lines, "{{\"id\":{number},\"text\":\"t{noise:x}{:x}\"}}", noise.rotate_left(17) ^ number).unwrap();
    }
    lines
}

#[test]
fn damaged_archives_give_what_they_hold() {
    let folder = tempfile::tempdir().unwrap();
    let plain = noisy_lines(20_000);
    for (name, pack) in [("gz", gzip as fn(&[u8]) -> Vec<u8>), ("bz2", bzip2), ("zst", zstd)] {
        let packed = pack(&plain);
        let cut = write(folder.path(), name, &packed[..packed.len() * 2 / 3]);
        let mut broken = packed.clone();
        let middle = broken.len() * 2 / 3;
        broken[middle..middle + 50].fill(0x5a);
        let broken = write(folder.path(), &format!("broken.{name}"), &broken);
        for (path, reason) in [(cut, Some("truncated archive")), (broken, None)] {
            let size = fs::metadata(&path).unwrap().len();
            let summary = run_all(&[Input::file(path)], &ReadOptions::default()).result.unwrap();
            assert!((5_000..=20_000).contains(&summary.num_posts), "{name} {reason:?}: {}", summary.num_posts);
            let count = |reason: &str| summary.outcomes.count(reason);
            assert_eq!(count("truncated archive") + count("unreadable"), 1, "{name}: {:?}", summary.outcomes);
            assert!(reason.is_none_or(|reason| count(reason) == 1), "{name}: {:?}", summary.outcomes);
            assert_eq!(summary.files[0].num_bytes, size, "{name}: hashed to its end");
        }
    }
}

#[test]
fn big_windows_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(28).unwrap();
    encoder.write_all(&noisy_lines(10)).unwrap();
    let path = write(folder.path(), "RC.zst", &encoder.finish().unwrap());
    let inputs = [Input::file(path)];
    let refused = run_all(&inputs, &ReadOptions::default()).result.unwrap_err();
    assert!(refused.to_string().contains("--big-window"), "{refused}");
    let allowed = ReadOptions { big_window: true, ..ReadOptions::default() };
    assert_eq!(run_all(&inputs, &allowed).result.unwrap().num_posts, 10);
}

#[test]
fn long_records_are_dropped() {
    let options = ReadOptions { max_line_bytes: 40, ..ReadOptions::default() };
    let long = "x".repeat(100);
    let lines = format!("{{\"text\":\"a\"}}\n{{\"text\":\"{long}\"}}\n{{\"text\":\"b\"}}\n{{\"text\":\"{long}\"}}");
    check_with(lines.as_bytes(), &options, &["1=a", "!2 too long", "3=b", "!4 too long"], &[("too long", 2)]);
    let array = format!("[{{\"text\":\"a\"}},{{\"text\":\"{long}\"}},\n{{\"text\":\"b\"}}]");
    check_with(array.as_bytes(), &options, &["1=a", "!1 too long", "2=b"], &[("too long", 1)]);
    let table = format!("id,text\n1,a\n2,{long}\n3,b\n");
    check_with(table.as_bytes(), &options, &["1=a", "!3 too long", "3=b"], &[("too long", 1)]);
}

#[test]
fn a_giant_line_is_not_held() {
    let folder = tempfile::tempdir().unwrap();
    // 100 MB of one letter, packed to next to nothing.
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.write_all(b"{\"text\":\"a\"}\n{\"text\":\"").unwrap();
    let chunk = vec![b'x'; 1 << 20];
    for _ in 0..100 {
        encoder.write_all(&chunk).unwrap();
    }
    encoder.write_all(b"\"}\n{\"text\":\"b\"}\n").unwrap();
    let path = write(folder.path(), "giant.zst", &encoder.finish().unwrap());
    let ran = run_all(&[Input::file(path)], &ReadOptions { max_line_bytes: 2 << 20, ..ReadOptions::default() });
    assert_eq!(ran.lines, ["1=a", "!2 too long", "3=b"]);
    assert!(ran.result.is_ok());
}

#[test]
fn many_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "b/posts.jsonl", b"{\"text\":\"one\"}\n");
    write(root, "a.csv", b"text\ntwo\n");
    write(root, "b/c/posts.jsonl.gz", &gzip(b"{\"text\":\"three\"}\n"));
    write(root, "b/.hidden", b"{\"text\":\"not me\"}\n");
    write(root, "b/README", b"Some words about the corpus.\n");
    let text = |name: &str| root.join(name).to_string_lossy().into_owned();
    let ran = run_all(&expand(&[text("")]).unwrap(), &ReadOptions::default());
    assert_eq!(ran.lines, ["a:2=two", "posts:1=three", "posts-2:1=one"]);
    assert_eq!(ran.result.unwrap().outcomes.count("unknown format"), 1);
    let ran = run_all(&expand(&[text("*.csv"), text("b/p*")]).unwrap(), &ReadOptions::default());
    assert_eq!(ran.lines, ["a:2=two", "posts:1=one"]);
    let named = run_all(&expand(&[text("b/README")]).unwrap(), &ReadOptions::default());
    assert!(matches!(named.result, Err(ReadError::UnknownFormat { .. })));
    assert!(matches!(expand(&[text("none")]), Err(ReadError::Open { .. })));
    assert!(matches!(expand(&[text("*.none")]), Err(ReadError::NoMatch { .. })));
    let sha = &run_all(&[Input::file(root.join("a.csv"))], &ReadOptions::default()).result.unwrap().files[0].sha256;
    assert_eq!(sha.as_deref().map(str::len), Some(64));
}

#[test]
fn strict_runs_stop_at_the_first_bad_record() {
    let folder = tempfile::tempdir().unwrap();
    let lines = b"{\"text\":\"a\"}\n{\"delete\":{\"status\":{}}}\n{\"text\":\"\"}\n{\"text\":1}\n{\"text\":\"b\"}\n";
    let path = write(folder.path(), "posts.jsonl", lines);
    for block_bytes in [1 << 20, 7] {
        let options = ReadOptions { strict: true, block_bytes, threads: 2, ..ReadOptions::default() };
        let ran = run_all(&[Input::file(&path)], &options);
        assert_eq!(ran.lines, ["1=a", "!2 deletion", "!3 no text"]);
        let error = ran.result.unwrap_err();
        assert!(matches!(&error, ReadError::Strict(bad) if bad.line == 4 && bad.reason == Reason::WrongType));
        assert!(error.to_string().contains("line 4: wrong type ('text' must be a text); mend"), "{error}");
    }
}

#[test]
fn order_holds_and_a_failing_sink_stops_everything() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = [Input::file(write(folder.path(), "posts.jsonl", &noisy_lines(10_000)))];
    let options = ReadOptions { block_bytes: 4096, threads: 4, ..ReadOptions::default() };
    let mut ids = Vec::new();
    let mut last = Progress { bytes_done: 0, bytes_total: None };
    let id = |record: Record<'_>| {
        let raw: serde_json::Value = serde_json::from_str(record.raw.unwrap()).unwrap();
        (record.line, raw["id"].as_u64().unwrap(), record.post.unwrap().id)
    };
    let summary = run(&inputs, &options, &mut |progress| last = progress, id, |id| {
        ids.push(id);
        Ok(())
    });
    assert_eq!(summary.unwrap().num_posts, 10_000);
    assert!(ids.iter().zip(1..).all(|(id, number)| *id == (number, number, number.to_string())));
    assert_eq!(Some(last.bytes_done), last.bytes_total);

    let mut num_left = 10;
    let result = run(
        &inputs,
        &options,
        &mut |_| {},
        |record| record.line,
        |_| {
            num_left -= 1;
            if num_left == 0 { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
        },
    );
    assert!(matches!(result, Err(ReadError::Sink(error)) if error.kind() == io::ErrorKind::BrokenPipe));
}

#[test]
fn a_panic_comes_through() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = [Input::file(write(folder.path(), "posts.jsonl", &noisy_lines(5_000)))];
    let options = ReadOptions { block_bytes: 512, threads: 2, ..ReadOptions::default() };
    let begun = Instant::now();
    let result = panic::catch_unwind(|| {
        run(&inputs, &options, &mut |_| {}, |record| assert!(record.line != 1_000, "line 1000"), |()| Ok(()))
    });
    assert!(result.is_err() && begun.elapsed() < Duration::from_secs(20));
}
