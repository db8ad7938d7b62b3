//! The recorded vectors (`tests/vectors.json`): every one is read and compared with what it says. Requests and values are
//! written again, byte for byte; what only members write (responses, events) is put together again from its frames.

mod requests;
mod responses;

use std::io::Write;

use bytes::{Bytes, BytesMut};
use serde_json::Value as Json;

use super::frame::{BEGIN, BEGIN_FRAGMENT, END, END_FRAGMENT, EVENT, FINAL, FRAME_HEADER, Frames, NULL};
use super::message::Message;
use super::stream::MessageCutter;
use crate::data::{Data, murmur, partition_of_hash};

fn vectors(section: &str) -> Vec<Json> {
    let all: Json = serde_json::from_str(include_str!("../../../tests/vectors.json")).unwrap();
    all[section].as_array().unwrap().clone()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The one message in these bytes.
fn message(bytes: &[u8]) -> Message {
    let mut buffer = BytesMut::from(bytes);
    let message = MessageCutter::new(1 << 24).next(&mut buffer).unwrap().expect("a whole message");
    assert!(buffer.is_empty(), "{} bytes are left", buffer.len());
    message
}

/// Flags as the vectors spell them.
fn flags_of(text: &str) -> u16 {
    let names = [
        ("BEGIN_FRAGMENT", BEGIN_FRAGMENT),
        ("END_FRAGMENT", END_FRAGMENT),
        ("FINAL", FINAL),
        ("BEGIN", BEGIN),
        ("END", END),
        ("NULL", NULL),
        ("EVENT", EVENT),
    ];
    let flag =
        |name: &str| names.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("{name}")).1;
    if text == "0" { 0 } else { text.split('|').map(flag).fold(0, |all, flag| all | flag) }
}

/// Walks the frames, compares them with the vector's, and puts them together again.
fn check_frames(name: &str, bytes: &[u8], expected: Option<&Json>) {
    let mut frames = Frames::new(bytes);
    let mut written = Vec::new();
    let mut seen = Vec::new();
    while frames.more() {
        let frame = frames.next().unwrap();
        written.extend_from_slice(&((frame.content.len() + FRAME_HEADER) as i32).to_le_bytes());
        written.extend_from_slice(&frame.flags.to_le_bytes());
        written.extend_from_slice(frame.content);
        seen.push((frame.flags, to_hex(frame.content)));
    }
    assert_eq!(written, bytes, "{name}");
    if let Some(expected) = expected {
        let expected: Vec<_> = expected
            .as_array()
            .unwrap()
            .iter()
            .map(|frame| (flags_of(frame[0].as_str().unwrap()), frame[1].as_str().unwrap().to_string()))
            .collect();
        assert_eq!(seen, expected, "{name}");
    }
}

/// How many vectors went which way; each test says it, past the capture of its output.
#[derive(Default)]
struct Tally {
    vectors: usize,
    /// Requests and values: read, and written again by this client's builders.
    both: usize,
    /// Responses and events, which this client only reads.
    read: usize,
    fragments: usize,
}

impl Tally {
    fn say(&self, of: &str) {
        let Self { vectors, both, read, fragments } = self;
        let text = format!(
            "{vectors} vectors of {of}: {both} read and written again, {read} read, {fragments} from fragments\n"
        );
        std::io::stderr().write_all(text.as_bytes()).unwrap();
    }

    fn message(
        &mut self,
        name: &str,
        text: &str,
        expected: Option<&Json>,
        decoded: Option<&Json>,
        response: bool,
    ) {
        check_message(name, text, expected, decoded, response);
        if response {
            self.read += 1;
        } else {
            self.both += 1;
        }
    }
}

fn check_message(name: &str, text: &str, expected: Option<&Json>, decoded: Option<&Json>, response: bool) {
    let bytes = hex(text);
    check_frames(name, &bytes, expected);
    if response {
        responses::check(name, message(&bytes), decoded);
    } else {
        requests::check(name, &bytes);
    }
}

#[test]
fn messages_of_the_reference_codecs() {
    let vectors = vectors("reference_messages");
    assert_eq!(vectors.len(), 55);
    let mut tally = Tally { vectors: vectors.len(), ..Tally::default() };
    for vector in &vectors {
        let name = vector["name"].as_str().unwrap();
        let response =
            name.contains("response") || name.starts_with("event") || name.contains("mixed_bitmask");
        let text = vector["hex"].as_str().unwrap();
        tally.message(name, text, vector.get("frames"), vector.get("decoded"), response);
        if let Some(fragments) = vector.get("fragments") {
            check_fragments(fragments, &hex(text));
            tally.fragments += 1;
        }
    }
    tally.say("messages of the reference codecs");
    assert!(tally.both + tally.read == 55 && tally.fragments > 0);
}

/// Fragments give the message that was cut up (but for the final flags inside).
fn check_fragments(fragments: &Json, whole: &[u8]) {
    let mut cutter = MessageCutter::new(1 << 20);
    let fragments = fragments.as_array().unwrap();
    assert!(fragments.len() > 1);
    for (at, fragment) in fragments.iter().enumerate() {
        let fragment = fragment.as_str().unwrap_or_else(|| fragment["hex"].as_str().unwrap());
        let mut buffer = BytesMut::from(&hex(fragment)[..]);
        let message = cutter.next(&mut buffer).unwrap();
        assert!(buffer.is_empty());
        assert_eq!(message.is_some(), at + 1 == fragments.len());
        if let Some(message) = message {
            let contents = |bytes: &[u8]| {
                let mut frames = Frames::new(bytes);
                let mut all = Vec::new();
                while frames.more() {
                    let frame = frames.next().unwrap();
                    all.push((frame.flags & !FINAL, frame.content.to_vec()));
                }
                all
            };
            assert_eq!(contents(message.bytes()), contents(whole));
        }
    }
}

#[test]
fn messages_of_the_python_client() {
    let vectors = vectors("python_messages");
    assert_eq!(vectors.len(), 10);
    let mut tally = Tally { vectors: vectors.len(), ..Tally::default() };
    for vector in &vectors {
        let name = vector["name"].as_str().unwrap();
        tally.message(name, vector["hex"].as_str().unwrap(), vector.get("frames"), None, false);
    }
    tally.say("messages of the Python client");
}

#[test]
fn recorded_exchanges() {
    let vectors = vectors("live");
    assert_eq!(vectors.len(), 104);
    let mut tally = Tally { vectors: vectors.len(), ..Tally::default() };
    for vector in &vectors {
        let name = format!("{} {}", vector["server"].as_str().unwrap(), vector["name"].as_str().unwrap());
        if let Some(request) = vector.get("request_hex") {
            tally.message(&name, request.as_str().unwrap(), None, None, false);
        }
        let response = vector["response_hex"].as_str().unwrap();
        tally.message(&name, response, None, vector.get("decoded"), true);
        for event in vector.get("events").and_then(Json::as_array).unwrap_or(&Vec::new()) {
            let hex = event.as_str().unwrap_or_else(|| event["hex"].as_str().unwrap());
            tally.message(&name, hex, None, None, true);
        }
    }
    tally.say("exchanges with members");
}

#[test]
fn serialized_values() {
    let vectors = vectors("data");
    assert!(vectors.len() >= 59);
    let tally = Tally { vectors: vectors.len(), both: vectors.len(), ..Tally::default() };
    for vector in &vectors {
        let name = vector["name"].as_str().unwrap();
        let bytes = hex(vector["hex"].as_str().unwrap());
        if name == "data_null" {
            assert_eq!(Data::from_value(&crate::Value::Null).unwrap(), None);
            continue;
        }
        let data = Data::new(Bytes::from(bytes.clone())).unwrap();
        if let Some(type_id) = vector.get("typeId").and_then(Json::as_i64) {
            assert_eq!(i64::from(data.type_id()), type_id, "{name}");
        }
        assert_eq!(Some(i64::from(data.partition_hash())), vector["partitionHash"].as_i64(), "{name}");
        assert_eq!(Some(u64::from(data.partition(271))), vector["partition271"].as_u64(), "{name}");
        if let Some(partition) = vector.get("partition7") {
            assert_eq!(Some(u64::from(data.partition(7))), partition.as_u64(), "{name}");
        }
        let value = data.to_value().unwrap();
        let mut written = Data::from_value(&value).unwrap().unwrap().as_bytes().to_vec();
        if matches!(data.type_id(), -22 | -23) {
            // An entry is read as a pair, which is written as an ArrayList.
            assert!(matches!(&value, crate::Value::List(pair) if pair.len() == 2), "{name}: {value:?}");
            assert_eq!(written.split_off(12), bytes[8..], "{name}");
            continue;
        }
        if name == "data_linked_list" {
            // Read as a list, written as an ArrayList.
            assert_eq!(written[7], 0xe3);
            written[7] = 0xe2;
        }
        assert_eq!(to_hex(&written), to_hex(&bytes), "{name}: {value:?}");
        requests::check_value(name, &value);
    }
    tally.say("serialized values");
}

#[test]
fn murmur_hashes() {
    let vectors = vectors("murmur3");
    assert_eq!(vectors.len(), 236 - 55 - 10 - 104 - self::vectors("data").len());
    for vector in &vectors {
        let bytes = hex(vector["hex"].as_str().unwrap());
        if let Some(index) = vector.get("index") {
            let hash = i32::from_be_bytes(*bytes.first_chunk().unwrap());
            assert_eq!(Some(u64::from(partition_of_hash(hash, 271))), index.as_u64());
            continue;
        }
        assert_eq!(Some(i64::from(murmur::hash(&bytes))), vector["hash"].as_i64());
    }
    Tally { vectors: vectors.len(), read: vectors.len(), ..Tally::default() }.say("hashes");
}
