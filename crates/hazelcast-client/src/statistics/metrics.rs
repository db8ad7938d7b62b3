//! Metrics in the form of Hazelcast's `MetricsCompressor`: descriptors with words from a dictionary, each beginning with
//! what it has in common with the one before, both parts within zlib.

use std::collections::BTreeMap;

use super::{Amount, Gauge};

/// `ProbeUnit`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Unit {
    Bytes = 0,
    Millis = 1,
    Nanos = 2,
    Count = 4,
    None = 0xff,
}

const VERSION: u16 = 1;
/// No word.
const NULL_WORD: i32 = -1;
/// In the mask: as in the metric before. Of the discriminator, its value, the excluded targets and the number of tags:
/// here no metric has any.
const SAME: u8 = SAME_PREFIX | 1 << 2 | 1 << 3 | SAME_UNIT | 1 << 5 | 1 << 6;
const SAME_PREFIX: u8 = 1;
const SAME_UNIT: u8 = 1 << 4;

/// All metrics.
pub(super) fn blob(gauges: &[Gauge]) -> Vec<u8> {
    let mut words: BTreeMap<&str, i32> = BTreeMap::new();
    let mut metrics = Vec::new();
    let mut last: Option<&Gauge> = None;
    for gauge in gauges {
        let next = words.len() as i32;
        let prefix = *words.entry(gauge.prefix).or_insert(next);
        let next = words.len() as i32;
        let name = *words.entry(gauge.name).or_insert(next);
        let mut mask = if last.is_some() { SAME } else { 0 };
        if last.is_some_and(|last| last.prefix != gauge.prefix) {
            mask &= !SAME_PREFIX;
        }
        if last.is_some_and(|last| last.unit != gauge.unit) {
            mask &= !SAME_UNIT;
        }
        metrics.push(mask);
        if mask & SAME_PREFIX == 0 {
            metrics.extend(prefix.to_be_bytes());
        }
        // Two gauges never have the same name.
        metrics.extend(name.to_be_bytes());
        if last.is_none() {
            metrics.extend(NULL_WORD.to_be_bytes());
            metrics.extend(NULL_WORD.to_be_bytes());
        }
        if mask & SAME_UNIT == 0 {
            metrics.push(gauge.unit as u8);
        }
        if last.is_none() {
            metrics.extend([0, 0]);
        }
        match gauge.amount {
            Amount::Long(value) => {
                metrics.push(0);
                metrics.extend(value.to_be_bytes());
            }
            Amount::Double(value) => {
                metrics.push(1);
                metrics.extend(value.to_be_bytes());
            }
        }
        last = Some(gauge);
    }
    let dictionary = zlib(&dictionary(&words));
    let mut blob = VERSION.to_be_bytes().to_vec();
    blob.extend((dictionary.len() as u32).to_be_bytes());
    blob.extend(dictionary);
    blob.extend((gauges.len() as u32).to_be_bytes());
    blob.extend(zlib(&metrics));
    blob
}

/// Each word in order, without what it has in common with the one before. They are ASCII.
fn dictionary(words: &BTreeMap<&str, i32>) -> Vec<u8> {
    let mut bytes = (words.len() as u32).to_be_bytes().to_vec();
    let mut last: &str = "";
    for (word, id) in words {
        let common = word.bytes().zip(last.bytes()).take_while(|(one, other)| one == other).count();
        bytes.extend(id.to_be_bytes());
        bytes.extend([common as u8, (word.len() - common) as u8]);
        bytes.extend(word.bytes().skip(common).flat_map(|byte| u16::from(byte).to_be_bytes()));
        last = word;
    }
    bytes
}

/// A zlib stream that stores its bytes as they are: a few hundred, for which no compressor is needed.
fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(usize::from(u16::MAX)).peekable();
    if bytes.is_empty() {
        stream.extend([1, 0, 0, 0xff, 0xff]);
    }
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend_from_slice(block);
    }
    let (mut low, mut high) = (1u32, 0u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    stream.extend((high << 16 | low).to_be_bytes());
    stream
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adler-32 of "Wikipedia" is 11e60398. That Hazelcast reads all of it, a test with a member sees (tests/interop).
    #[test]
    fn streams_of_zlib_have_their_checksum() {
        let stream = zlib(b"Wikipedia");
        assert_eq!(stream[..7], [0x78, 1, 1, 9, 0, 0xf6, 0xff]);
        assert_eq!(stream[16..], [0x11, 0xe6, 0x03, 0x98]);
        assert_eq!(zlib(&[]), [0x78, 1, 1, 0, 0, 0xff, 0xff, 0, 0, 0, 1]);
        let long = zlib(&[7; 70_000]);
        assert_eq!((long[2], long[7 + 65_535], long.len()), (0, 1, 70_000 + 2 + 2 * 5 + 4));
    }

    #[test]
    fn words_share_their_beginnings() {
        let words = BTreeMap::from([("free", 4), ("freeze", 9)]);
        let expected = [
            &[0, 0, 0, 2][..],
            &[0, 0, 0, 4, 0, 4, 0, b'f', 0, b'r', 0, b'e', 0, b'e'],
            &[0, 0, 0, 9, 4, 2, 0, b'z', 0, b'e'],
        ];
        assert_eq!(dictionary(&words), expected.concat());
    }
}
