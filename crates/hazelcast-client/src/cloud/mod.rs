//! Hazelcast Cloud: members are found by a discovery service, which also knows where their private addresses are to be
//! reached (protocol document 6.2; `HazelcastCloudDiscovery` of Java's and Python's clients).

mod http;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::cluster::address::parse;
use crate::error::{Error, Result};
use crate::state::Address;
use crate::tls::{Pem, Tls};

/// The service of Hazelcast itself.
const BASE: &str = "https://api.cloud.hazelcast.com";

/// How a cluster of Hazelcast Cloud is found. Clusters there usually want [TLS](crate::Tls), too.
#[derive(Clone)]
#[must_use]
pub struct Cloud {
    token: String,
    base: String,
    ca: Option<Pem>,
}

impl fmt::Debug for Cloud {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cloud").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Cloud {
    /// By a discovery token, of Hazelcast's own service.
    pub fn new(token: impl Into<String>) -> Self {
        Self { token: token.into(), base: BASE.to_string(), ca: None }
    }

    /// Another service, `https://HOST[:PORT]` (`hazelcast.client.cloud.url` of Java's client).
    pub fn base_url(mut self, base: impl Into<String>) -> Self {
        self.base = base.into();
        self
    }

    /// The certificates (PEM) that the service's certificate must be signed by, instead of those that the system trusts.
    pub fn service_ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca = Some(Pem::Bytes(pem.into()));
        self
    }
}

/// The discovery service.
pub(crate) struct Discovery {
    service: http::Service,
    /// What it answered last: public addresses by private ones.
    known: Mutex<Arc<HashMap<Address, Address>>>,
}

impl Discovery {
    pub(crate) fn new(cloud: &Cloud) -> Result<Self> {
        let tls = match &cloud.ca {
            Some(ca) => Tls::new().ca(ca.clone()),
            None => Tls::new(),
        };
        let path = format!("/cluster/discovery?token={}", escape(&cloud.token));
        Ok(Self { service: http::Service::new(&cloud.base, &path, &tls)?, known: Mutex::default() })
    }

    /// The addresses of all members.
    pub(crate) async fn public_addresses(&self) -> Result<Vec<Address>> {
        let known = self.refresh().await?;
        if known.is_empty() {
            let reason = "Hazelcast Cloud knows no members of this cluster: is it running?";
            return Err(Error::NotConnected(reason.to_string()));
        }
        Ok(known.values().cloned().collect())
    }

    /// Where a member is to be reached. One that isn't known yet is asked for.
    pub(crate) async fn public_address(&self, private: &Address) -> Result<Address> {
        let known = Arc::clone(&self.known.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(public) = known.get(private) {
            return Ok(public.clone());
        }
        self.refresh().await?.get(private).cloned().ok_or_else(|| {
            Error::NotConnected(format!("Hazelcast Cloud knows no public address of the member at {private}"))
        })
    }

    async fn refresh(&self) -> Result<Arc<HashMap<Address, Address>>> {
        let answer = self.service.get().await.map_err(Error::NotConnected)?;
        let found = read(&answer).map_err(|reason| {
            Error::NotConnected(format!("unreadable answer of Hazelcast Cloud's discovery service: {reason}"))
        })?;
        let found = Arc::new(found);
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&found);
        Ok(found)
    }
}

/// `[{"private-address": "10.0.0.1", "public-address": "1.2.3.4:5701"}, …]`. A private address without a port has the
/// public one's.
fn read(answer: &[u8]) -> std::result::Result<HashMap<Address, Address>, String> {
    let answer: Value = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
    let members = answer.as_array().ok_or("it is no list")?;
    let text = |member: &Value, name: &str| {
        let text = member.get(name).and_then(Value::as_str).ok_or(format!("a member has no {name}"))?;
        let (host, port) = parse(text).map_err(|error| error.to_string())?;
        Ok::<_, String>((host.to_string(), port))
    };
    let pair = |member: &Value| {
        let (host, port) = text(member, "public-address")?;
        let public = Address { host, port: port.ok_or("a public address has no port")? };
        let (host, port) = text(member, "private-address")?;
        Ok((Address { host, port: port.unwrap_or(public.port) }, public))
    };
    members.iter().map(pair).collect()
}

/// A token as it may stand in a URL.
fn escape(token: &str) -> String {
    let mut escaped = String::with_capacity(token.len());
    for byte in token.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte))
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let answer = br#"[{"private-address":"100.115.50.221","public-address":"35.177.212.248:31984","x":1},
                          {"private-address":"10.1.2.3:30000","public-address":"host.example:1"}]"#;
        let found = read(answer).unwrap();
        let to =
            |private: &str| found.iter().find(|(key, _)| key.to_string() == private).unwrap().1.to_string();
        assert_eq!(to("100.115.50.221:31984"), "35.177.212.248:31984");
        assert_eq!(to("10.1.2.3:30000"), "host.example:1");
    }

    #[test]
    fn other_answers_are_refused() {
        for answer in [
            "",
            "{}",
            "[1]",
            r#"[{"private-address":"a"}]"#,
            r#"[{"public-address":"a:1"}]"#,
            r#"[{"private-address":"a","public-address":"a"}]"#,
            r#"[{"private-address":"a","public-address":"a:99999"}]"#,
        ] {
            assert!(read(answer.as_bytes()).is_err(), "{answer}");
        }
    }

    #[test]
    fn tokens_are_escaped() {
        assert_eq!(escape("aZ0-._~"), "aZ0-._~");
        assert_eq!(escape("a/b+c=&é"), "a%2Fb%2Bc%3D%26%C3%A9");
    }

    #[test]
    fn the_token_is_not_shown() {
        assert!(!format!("{:?}", Cloud::new("secret")).contains("secret"));
    }
}
