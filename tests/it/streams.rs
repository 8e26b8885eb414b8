//! What a program at the other end of a pipe may do: go away, wait, break off, have no room.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use serde_json::Value;

use crate::support::{SMALL_LEXICONS, run_small};

#[test]
fn an_archive_that_ends_too_early_is_read_and_told() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"{\"text\":\"zap caiu\"}\n").unwrap();
    let mut bytes = packed.finish().unwrap();
    // Without the checksum at its end, all of the text can be unpacked.
    bytes.truncate(bytes.len() - 4);
    let ran = run_small(&["tag"], bytes);
    assert_eq!(ran.rows()[0]["down"][0], "whatsapp");
    assert_eq!(ran.rows().len(), 1);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("truncated archive"), "{}", ran.err);
}

#[test]
fn strict_stops_at_the_first_bad_record_after_those_before_it() {
    let ran = run_small(&["tag", "--strict"], "{\"text\":\"zap caiu\"}\nbad\n{\"text\":\"x\"}\n");
    assert_eq!((ran.rows().len(), ran.code), (1, Some(2)));
    assert!(ran.err.contains("standard input, line 2: broken json"), "{}", ran.err);
}

#[test]
fn stderr_says_where_and_never_what() {
    let ran = run_small(&["tag"], "{\"text\":\"secret words\"\n{\"author\":\"secret name\",\"text\":7}\n");
    assert!(ran.err.contains("line 1") && ran.err.contains("line 2"), "{}", ran.err);
    assert!(!ran.err.contains("secret"), "{}", ran.err);
}

fn spawn(args: &[&str], stdout: Stdio, stderr: Stdio) -> std::process::Child {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_caiu"));
    command.args(args).args(["--lexicons", SMALL_LEXICONS]);
    command.stdin(Stdio::piped()).stdout(stdout).stderr(stderr).spawn().unwrap()
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = spawn(&["tag", "--with-post", "-"], Stdio::piped(), Stdio::piped());
    let mut stdin = child.stdin.take().unwrap();
    // Wide records, so that few of them fill the buffers on the way.
    let record = format!("{{\"text\":\"zap caiu\",\"author\":\"{}\"}}\n", "a".repeat(8000));
    let feeder = std::thread::spawn(move || while stdin.write_all(record.as_bytes()).is_ok() {});
    let mut first = [0; 16];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn nobody_needs_to_listen_on_stderr() {
    let mut child = spawn(&["tag", "-"], Stdio::piped(), Stdio::piped());
    drop(child.stderr.take());
    child.stdin.take().unwrap().write_all(b"bad\n{\"text\":\"zap caiu\"}\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(output.stdout.iter().filter(|&&byte| byte == b'\n').count(), 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut child = spawn(&["tag", "-"], full.into(), Stdio::piped());
    child.stdin.take().unwrap().write_all(b"{\"text\":\"zap caiu\"}\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("cannot write"));
}

#[test]
fn a_live_stream_is_answered_record_by_record() {
    let mut child = spawn(&["tag", "-"], Stdio::piped(), Stdio::inherit());
    let mut stdin = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap());
    for (text, kind) in [("zap caiu", "complaint"), ("bom dia", "other"), ("whatsapp is back", "restored")] {
        writeln!(stdin, "{{\"text\":\"{text}\"}}").unwrap();
        let mut answer = String::new();
        answers.read_line(&mut answer).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&answer).unwrap()["kind"], kind, "{text}");
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
