//! A live stream gives its records as they come; what damage costs is tested in `run`.

use super::*;

/// Gives one line per read and counts the reads.
struct Pipe(u32);

impl Read for Pipe {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0 += 1;
        buf[..5].copy_from_slice(b"line\n");
        Ok(5)
    }
}

#[test]
fn a_live_stream_is_not_waited_for() {
    let mut blocks = Blocks::new(Pipe(0), true, 1 << 20, 1 << 20);
    assert_eq!(blocks.peek(100), b"line\n");
    let mut framer = Lines::default();
    for line in 1..4 {
        match blocks.next(&mut framer, Vec::new()) {
            Piece::Block(block) => assert_eq!((block.first_line, block.bytes.as_slice()), (line, &b"line\n"[..])),
            other => panic!("{other:?}"),
        }
        assert_eq!(u64::from(blocks.reader.0), line);
    }
}
