//! Blocks of a CAR file, version 1: each with the address that its content must have.
//!
//! Format: <https://ipld.io/specs/transport/car/carv1/>.

use std::collections::HashMap;
use std::io::Read;

use cid::Cid;
use sha2::{Digest, Sha256};

/// Code of SHA-256 in addresses (multicodec).
const SHA2_256: u64 = 0x12;

/// The blocks of a file by the addresses that they have in it.
#[derive(Debug, Default)]
pub(super) struct Blocks<'c>(HashMap<Cid, &'c [u8]>);

/// Reads a file up to its end, or to where it breaks.
pub(super) fn blocks(car: &[u8]) -> Blocks<'_> {
    let mut found = Blocks::default();
    let mut rest = car;
    // The header names the roots, which nobody asks for here.
    if section(&mut rest).is_none() {
        return found;
    }
    while !rest.is_empty() {
        let Some(mut content) = section(&mut rest) else { break };
        let Ok(address) = Cid::read_bytes(content.by_ref()) else { break };
        // The first of one address counts, as for a reader that stops there.
        found.0.entry(address).or_insert(content);
    }
    found
}

impl<'c> Blocks<'c> {
    /// The content at an address; `None` where it is not there or is not what the address says.
    pub(super) fn get(&self, wanted: &Cid) -> Option<&'c [u8]> {
        self.0.get(wanted).copied().filter(|content| holds(wanted, content))
    }
}

fn holds(address: &Cid, content: &[u8]) -> bool {
    address.hash().code() == SHA2_256 && Sha256::digest(content).as_slice() == address.hash().digest()
}

/// Takes a length and as many bytes off the front.
fn section<'c>(rest: &mut &'c [u8]) -> Option<&'c [u8]> {
    let length = usize::try_from(varint(rest)?).ok()?;
    let (section, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    Some(section)
}

/// Takes an unsigned LEB128 number off the front.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..63).step_by(7) {
        let (&byte, behind) = rest.split_first()?;
        *rest = behind;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn block<'c>(car: &'c [u8], wanted: &Cid) -> Option<&'c [u8]> {
        blocks(car).get(wanted)
    }

    /// Address of a block of DAG-CBOR.
    pub(in super::super) fn address(content: &[u8]) -> Cid {
        let digest = Sha256::digest(content);
        let bytes = [&[0x01, 0x71, 0x12, 0x20][..], digest.as_slice()].concat();
        Cid::read_bytes(bytes.as_slice()).unwrap()
    }

    fn put(car: &mut Vec<u8>, section: &[u8]) {
        let mut length = section.len();
        while length >= 0x80 {
            car.push((length & 0x7f) as u8 | 0x80);
            length >>= 7;
        }
        car.push(length as u8);
        car.extend_from_slice(section);
    }

    /// A CAR file with these blocks.
    pub(in super::super) fn car(blocks: &[&[u8]]) -> Vec<u8> {
        let mut car = Vec::new();
        // {"roots": [], "version": 1}
        put(&mut car, b"\xa2\x65roots\x80\x67version\x01");
        for block in blocks {
            put(&mut car, &[address(block).to_bytes().as_slice(), block].concat());
        }
        car
    }

    #[test]
    fn blocks_are_found_by_their_address_and_checked() {
        let long = vec![b'x'; 300];
        let whole = car(&[b"one", &long, b"three"]);
        for content in [&b"one"[..], &long, b"three"] {
            assert_eq!(block(&whole, &address(content)), Some(content));
        }
        assert_eq!(block(&whole, &address(b"four")), None);
        let mut forged = whole.clone();
        *forged.last_mut().unwrap() = b'!';
        assert_eq!(block(&forged, &address(b"three")), None, "the content is not what its address says");
    }

    #[test]
    fn broken_files_are_no_trouble() {
        let whole = car(&[b"one", b"two"]);
        for end in 0..whole.len() {
            assert_eq!(block(&whole[..end], &address(b"two")), None, "{end}");
        }
        for broken in [&[0xff; 20][..], &[0x80; 9], &[0x00, 0x05, 1, 0x71], &[0xff, 0xff, 0xff, 0xff, 0x0f]] {
            assert_eq!(block(broken, &address(b"two")), None);
        }
    }
}
