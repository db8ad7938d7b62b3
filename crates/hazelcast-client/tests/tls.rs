//! What a failed handshake is called, and what is said of certificates and keys that can't be used.

mod support;

use std::time::Duration;

use hazelcast_client::{Client, Error, Tls};
use rcgen::date_time_ymd;
use support::{Authority, TlsProxy};

/// Nobody listens there: handshakes are all there is.
const NOBODY: &str = "127.0.0.1:1";

async fn reason(proxy: &str, tls: Tls) -> String {
    let connecting = Client::builder().address(proxy).tls(tls).connect_within(Duration::from_secs(5));
    match connecting.await.unwrap_err() {
        Error::Tls { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn failures_of_the_handshake_say_what_to_do() {
    let (ours, other) = (Authority::new(), Authority::new());
    let local = ours.certificate(&["127.0.0.1"], |_| ());
    let proxy = TlsProxy::start(ours.acceptor(&local, false), NOBODY.to_owned()).await.address;
    let trusting = || Tls::new().ca_pem(ours.pem.as_str());

    let text = reason(&proxy, Tls::new().ca_pem(other.pem.as_str())).await;
    assert!(text.contains("CA's certificate"), "{text}");
    let text = reason(&proxy, trusting().server_name("member.example")).await;
    assert!(text.contains("member.example") && text.contains("check of host names"), "{text}");
    // The chain is checked even when names are not.
    let text = reason(&proxy, Tls::new().ca_pem(other.pem.as_str()).check_hostname(false)).await;
    assert!(text.contains("CA's certificate"), "{text}");

    let expired = ours.certificate(&["127.0.0.1"], |params| params.not_after = date_time_ymd(2020, 1, 1));
    let proxy = TlsProxy::start(ours.acceptor(&expired, false), NOBODY.to_owned()).await.address;
    assert!(reason(&proxy, trusting()).await.contains("expired"));
    assert!(reason(&proxy, trusting().check_hostname(false)).await.contains("expired"));

    let proxy = TlsProxy::start(ours.acceptor(&local, true), NOBODY.to_owned()).await.address;
    let text = reason(&proxy, trusting()).await;
    assert!(text.contains("mutual TLS"), "{text}");
    let (certificate, key) = other.certificate(&["client"], |_| ());
    let text = reason(&proxy, trusting().identity_pem(certificate, key, None)).await;
    assert!(text.contains("client's certificate"), "{text}");
}

#[tokio::test]
async fn a_plain_port_is_recognised() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        for answer in [&b""[..], b"HZX, or whatever"] {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut stream, answer).await.unwrap();
            // So that the answer is read before the connection is reset.
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 2000]).await;
        }
    });
    let tls = || Tls::new().ca_pem(Authority::new().pem);
    assert!(reason(&address, tls()).await.contains("is TLS enabled on the member?"));
    assert!(reason(&address, tls()).await.contains("does not speak TLS"));
}

/// Without a runtime's help: files are read when the client starts.
#[tokio::test]
async fn unusable_files_are_named() {
    let authority = Authority::new();
    let (certificate, key) = authority.certificate(&["client"], |_| ());
    let other_key = authority.certificate(&["client"], |_| ()).1;
    let encrypted = include_str!("keys/legacy-aes256.pem");
    let ca = || Tls::new().ca_pem(authority.pem.as_str());
    for (tls, expected) in [
        (Tls::new().ca_file("no/such/ca.pem"), "cannot read no/such/ca.pem"),
        (Tls::new().ca_pem("nothing"), "BEGIN CERTIFICATE"),
        (Tls::new().ca_file("tests/keys/plain.pem"), "CA tests/keys/plain.pem: it has no"),
        (ca().identity_pem(certificate.as_str(), encrypted, None), "it is encrypted: give its password"),
        (ca().identity_pem(certificate.as_str(), encrypted, Some("x")), "the password is wrong"),
        (ca().identity_pem(certificate.as_str(), other_key.as_str(), None), "does not belong to"),
        (ca().identity_pem(key.as_str(), key.as_str(), None), "client certificate: it has no"),
        (ca().server_name("not a name"), "not a server name"),
    ] {
        let error = Client::builder().tls(tls).start().unwrap_err();
        assert!(matches!(error, Error::InvalidArgument(_)), "{error:?}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}
