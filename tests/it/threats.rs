//! What has broken servers of this kind: hostile bytes, told apart by their number in our list of threats.

use std::time::Duration;

use crate::bed;
use crate::wire::{Client, Message, fields, message, parse};

const SSL_REQUEST: i32 = 80_877_103;
const GSS_REQUEST: i32 = 80_877_104;

fn port() -> u16 {
    bed::shared_gateway().port
}

fn request(code: i32) -> Vec<u8> {
    [8_i32.to_be_bytes(), code.to_be_bytes()].concat()
}

fn startup() -> Vec<u8> {
    let body = [&196_608_i32.to_be_bytes(), b"user\0attacker\0\0".as_slice()].concat();
    [(body.len() as i32 + 4).to_be_bytes().as_slice(), &body].concat()
}

/// The server is still well.
fn alive() {
    assert_eq!(Client::connect(port()).query("SELECT 1").ok().value(), "1");
}

/// Everything until the server closes the connection.
fn rest(client: &mut Client) -> Vec<Message> {
    let mut messages = Vec::new();
    while let Ok(Some(message)) = client.try_read() {
        messages.push(message);
    }
    messages
}

#[test]
fn p1_nothing_sent_in_clear_behind_a_tls_request_is_run() {
    for code in [SSL_REQUEST, GSS_REQUEST] {
        let mut client = Client::raw(port());
        let query = message(b'Q', b"SELECT 'injected'\0");
        client.write(&[request(code), startup(), query].concat());
        let first = client.read_byte();
        assert!(matches!(first, b'N' | b'S' | b'E'), "{}", first as char);
        let messages = rest_or_ready(&mut client);
        assert!(messages.iter().all(|m| m.tag != b'D'), "{messages:?}");
        if first == b'N' {
            // PostgreSQL without TLS says this, too: "received unencrypted data after SSL request".
            let error = messages.iter().find(|m| m.tag == b'E').expect("it is refused");
            assert_eq!(fields(&error.body)[&'C'], "08P01");
        }
        alive();
    }
}

#[test]
fn p2_a_count_larger_than_the_message_is_an_error() {
    let oracle = bed::oracle().port;
    for body in [&[0, 0, 0x7f, 0xff][..], &[0, 0, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff], &[0, 0, 0xff, 0xff]] {
        for port in [port(), oracle] {
            let mut client = Client::connect(port);
            client.write(&[parse("", "SELECT 1", &[]), message(b'B', body), message(b'S', b"")].concat());
            let messages = rest_or_ready(&mut client);
            let error =
                messages.iter().find(|m| m.tag == b'E').unwrap_or_else(|| panic!("{body:?} on {port}"));
            assert_eq!(fields(&error.body)[&'C'], "08P01", "{body:?} on {port}");
        }
    }
    alive();
}

fn rest_or_ready(client: &mut Client) -> Vec<Message> {
    let mut messages = Vec::new();
    while let Ok(Some(message)) = client.try_read() {
        if message.tag == b'Z' {
            break;
        }
        messages.push(message);
    }
    messages
}

#[test]
fn p3_p4_before_the_start_nothing_large_or_odd_is_taken() {
    for packet in [
        0x3fff_fff0_i32.to_be_bytes().to_vec(),
        (-1_i32).to_be_bytes().to_vec(),
        0_i32.to_be_bytes().to_vec(),
        3_i32.to_be_bytes().to_vec(),
        [4_i32.to_be_bytes().as_slice(), &[0; 16]].concat(),
        [8_i32.to_be_bytes(), 1_i32.to_be_bytes()].concat(),
        [100_000_i32.to_be_bytes(), 196_608_i32.to_be_bytes()].concat(),
        message(b'Q', b"SELECT 1\0"),
        message(b'B', &[0, 0, 0x7f, 0xff]),
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
        vec![0xff; 64],
    ] {
        let mut client = Client::raw(port());
        let before = resident();
        let _ = client.try_write(&packet);
        // More than a startup packet can be.
        for _ in 0..64 {
            if client.try_write(&[b'x'; 64 * 1024]).is_err() {
                break;
            }
        }
        let messages = rest(&mut client);
        assert!(messages.iter().all(|m| m.tag == b'E'), "{packet:?}: {messages:?}");
        assert!(resident() < before + 16 * 1024, "{packet:?}");
    }
    alive();
}

/// The gateway's resident memory in KiB.
fn resident() -> usize {
    let pid = bed::shared_gateway().process.pid();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    status.lines().find_map(|l| l.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok()).unwrap()
}

#[test]
fn p5_text_that_is_no_text_is_refused_as_postgresql_does() {
    let oracle = bed::oracle().port;
    for bytes in [
        &b"SELECT '\xc3\x28'"[..],
        b"SELECT '\xff'",
        b"SELECT '\xed\xa0\x80'",
        b"SELECT '\xf8\x88\x80\x80\x80'",
    ] {
        let answer = |port: u16| {
            let mut client = Client::connect(port);
            client.write(&message(b'Q', &[bytes, b"\0"].concat()));
            let messages = client.until_ready();
            let simple = fields(&messages.iter().find(|m| m.tag == b'E').unwrap().body)[&'C'].clone();
            let mut body = [b"\0", bytes, b"\0"].concat();
            body.extend([0, 0]);
            client.write(&[message(b'P', &body), message(b'S', b"")].concat());
            let messages = client.until_ready();
            let extended = fields(&messages.iter().find(|m| m.tag == b'E').unwrap().body)[&'C'].clone();
            assert_eq!(client.query("SELECT 1").ok().value(), "1");
            (simple, extended)
        };
        assert_eq!(answer(port()), answer(oracle), "{bytes:?}");
        assert_eq!(answer(port()).0, "22021", "{bytes:?}");
    }
}

#[test]
fn p6_lengths_below_four_and_texts_without_an_end_close_the_connection() {
    let wrong_lengths = (-1..4_i32).map(|length| [&b"Q"[..], &length.to_be_bytes(), b"SELECT 1\0"].concat());
    let unterminated =
        [message(b'Q', b"SELECT 1"), message(b'P', b"no end"), message(b'Q', b"SELECT 1\0SELECT 2\0")];
    for packet in wrong_lengths.chain(unterminated).chain([vec![b'!', 0, 0, 0, 4]]) {
        let mut client = Client::connect(port());
        let _ = client.try_write(&[packet.clone(), message(b'S', b"")].concat());
        let messages = rest_or_ready(&mut client);
        assert!(messages.iter().all(|m| m.tag != b'D'), "{packet:?}: {messages:?}");
        if let Some(error) = messages.iter().find(|m| m.tag == b'E') {
            assert_eq!(fields(&error.body)[&'C'], "08P01", "{packet:?}");
        }
    }
    alive();
}

#[test]
fn a_startup_packet_that_never_ends_does_not_hold_others_up() {
    let mut slow: Vec<Client> = (0..20).map(|_| Client::raw(port())).collect();
    for client in &mut slow {
        client.write(&[0, 0, 0]);
    }
    alive();
    std::thread::sleep(Duration::from_millis(100));
    alive();
}

#[test]
fn startup_parameters_do_not_become_sql() {
    let hostile = "x'; SELECT 1; --\"\\";
    let parameters =
        [("user", "a'b"), ("database", "d\"e"), ("application_name", hostile), ("search_path", "public")];
    let mut client = Client::start(port(), &parameters).unwrap();
    assert_eq!(client.query("SHOW application_name").ok().value(), hostile);
    assert_eq!(client.query("SELECT current_user").ok().value(), "a'b");
    assert_eq!(client.query("SELECT current_database()").ok().value(), "d\"e");
}
