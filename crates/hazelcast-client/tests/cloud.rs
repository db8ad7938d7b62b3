//! A real member (as in tests/member.rs) behind a proxy that ends TLS, found by a stub of Hazelcast Cloud's discovery.

mod support;

use std::sync::atomic::Ordering;
use std::time::Duration;

use hazelcast_client::{Client, ClientBuilder, Cloud, Data, Error, Tls, Value};
use rcgen::KeyPair;
use support::{Authority, TlsProxy, discovery};

const LIMIT: Duration = Duration::from_secs(20);
const PASSWORD: &str = "top secret";

fn member() -> (String, ClientBuilder) {
    let member =
        std::env::var("HAZELGRES_TEST_MEMBER").expect("HAZELGRES_TEST_MEMBER names a member, host:port");
    let cluster = std::env::var("HAZELGRES_TEST_CLUSTER").unwrap_or_else(|_| "dev".to_string());
    (member, Client::builder().cluster_name(cluster).client_name("cloud-tests"))
}

/// The client's certificate, for the key that is kept in encrypted forms.
fn identity(authority: &Authority) -> String {
    let key = KeyPair::from_pem(include_str!("keys/plain-pkcs8.pem")).unwrap();
    authority.sign(&["client"], &key, |_| ())
}

/// Look-ups, a cursor with a connection of its own, and an operation on a key.
async fn use_it(client: &Client) {
    let mut rows = client
        .sql("SELECT v FROM TABLE(generate_series(1, 5000))")
        .cursor_buffer_size(100, 1000)
        .execute()
        .await
        .unwrap()
        .rows()
        .unwrap();
    let mut count = 0;
    while let Some(page) = tokio::time::timeout(LIMIT, rows.next_page()).await.unwrap().unwrap() {
        count += page.rows();
    }
    assert_eq!(count, 5000);
    let map = client.map("client_cloud");
    let key = Data::from_value(&Value::Integer(1)).unwrap().unwrap();
    // Longer than a record of TLS.
    let value = Data::from_value(&Value::Varchar("x".repeat(100_000))).unwrap().unwrap();
    map.set(&key, &value, None).await.unwrap();
    assert_eq!(map.get(&key).await.unwrap(), Some(value));
}

#[tokio::test]
async fn a_cluster_of_hazelcast_cloud() {
    let (member, builder) = member();
    let authority = Authority::new();
    // The name that certificates of the cloud have, and that is checked there.
    let members = authority.certificate(&["hazelcast.cloud"], |_| ());
    let proxy = TlsProxy::start(authority.acceptor(&members, true), member.clone()).await;
    let service = authority.certificate(&["127.0.0.1"], |_| ());
    let answer = format!(
        "[{{\"private-address\":\"{member}\",\"public-address\":\"{}\",\"tpc-ports\":[]}}]",
        proxy.address
    );
    let service = discovery(authority.acceptor(&service, false), "to%2Fken", answer).await;
    let cloud = |token: &str| {
        Cloud::new(token).base_url(format!("https://{service}")).service_ca_pem(authority.pem.as_str())
    };
    let certificate = identity(&authority);
    for key in [
        &include_bytes!("keys/legacy-aes256.pem")[..],
        include_bytes!("keys/legacy-des3.pem"),
        include_bytes!("keys/pkcs8-aes256.pem"),
    ] {
        let tls = Tls::new().ca_pem(authority.pem.as_str());
        let tls = tls.identity_pem(certificate.as_str(), key, Some(PASSWORD));
        let before = proxy.accepted.load(Ordering::Relaxed);
        let client = builder.clone().cloud(cloud("to/ken")).tls(tls).connect_within(LIMIT).await.unwrap();
        use_it(&client).await;
        // The member tells its private address; every connection goes by the public one.
        assert!(proxy.accepted.load(Ordering::Relaxed) >= before + 2);
        let mut state = client.state();
        let state = state.wait_for(|state| !state.members.is_empty()).await.unwrap().clone();
        assert_eq!(state.members[0].address.to_string(), member);
        client.shutdown().await;
    }
    let wrong =
        builder.clone().cloud(cloud("other")).connect_within(Duration::from_secs(1)).await.unwrap_err();
    let text = wrong.to_string();
    assert!(matches!(wrong, Error::NotConnected(_)) && text.contains("check the discovery token"), "{text}");
    assert!(text.contains("404") && !text.contains("other"), "{text}");
}

#[tokio::test]
async fn tls_with_and_without_checked_names() {
    let (member, builder) = member();
    let authority = Authority::new();
    let trusting = || Tls::new().ca_pem(authority.pem.as_str());
    for (names, tls) in [
        (["127.0.0.1"], trusting()),
        (["member.example"], trusting().server_name("member.example")),
        (["member.example"], trusting().check_hostname(false)),
    ] {
        let certificate = authority.certificate(&names, |_| ());
        let proxy = TlsProxy::start(authority.acceptor(&certificate, false), member.clone()).await;
        let address = proxy.address.clone();
        let client = builder
            .clone()
            .address(proxy.address)
            .translate_addresses(move |_| {
                let (host, port) = address.rsplit_once(':')?;
                Some(hazelcast_client::Address { host: host.to_owned(), port: port.parse().ok()? })
            })
            .tls(tls)
            .connect_within(LIMIT)
            .await
            .unwrap();
        use_it(&client).await;
    }
}
