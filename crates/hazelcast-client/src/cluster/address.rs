//! The addresses that the settings name.

use crate::error::{Error, Result};
use crate::state::Address;

/// A member listens on the first of these that is free.
const DEFAULT_PORTS: [u16; 3] = [5701, 5702, 5703];

/// All addresses to try: first those with the port that was given, or the first default port.
pub(crate) fn seeds(addresses: &[String]) -> Result<Vec<Address>> {
    let local = ["127.0.0.1".to_string()];
    let addresses = if addresses.is_empty() { &local[..] } else { addresses };
    let mut first = Vec::new();
    let mut others = Vec::new();
    for text in addresses {
        let (host, port) = parse(text)?;
        let ports = port.as_slice();
        for (at, port) in (if ports.is_empty() { &DEFAULT_PORTS[..] } else { ports }).iter().enumerate() {
            let list = if at == 0 { &mut first } else { &mut others };
            list.push(Address { host: host.to_string(), port: *port });
        }
    }
    first.append(&mut others);
    Ok(first)
}

/// `host`, `host:port`, `[::1]`, `[::1]:port` or `::1`.
pub(crate) fn parse(text: &str) -> Result<(&str, Option<u16>)> {
    let wrong = || Error::InvalidArgument(format!("not an address of a member: \"{text}\""));
    let text = text.trim();
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, Some(rest.strip_prefix(':').ok_or_else(wrong)?)),
        None if text.matches(':').count() > 1 => (text, None),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let port = port.map(str::parse).transpose().map_err(|_| wrong())?;
    if host.is_empty() || host.contains(char::is_whitespace) || port == Some(0) {
        return Err(wrong());
    }
    Ok((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(addresses: &[&str]) -> Vec<String> {
        let addresses: Vec<_> = addresses.iter().map(|text| (*text).to_string()).collect();
        seeds(&addresses).unwrap().iter().map(Address::to_string).collect()
    }

    #[test]
    fn default_ports_come_last() {
        assert_eq!(texts(&["a", "b:1"]), ["a:5701", "b:1", "a:5702", "a:5703"]);
        assert_eq!(texts(&[])[0], "127.0.0.1:5701");
    }

    #[test]
    fn ipv6() {
        assert_eq!(texts(&["[::1]:7"]), ["[::1]:7"]);
        assert_eq!(texts(&["::1"])[0], "[::1]:5701");
    }

    #[test]
    fn broken_addresses_are_refused() {
        for text in ["", "a:", "a:x", "a:70000", "a:0", "[::1]7", "a b:1", ":1"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
