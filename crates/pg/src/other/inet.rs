//! Network addresses (`network.c`, `inet_net_pton.c`).

use std::cmp::Ordering;
use std::fmt::Write;
use std::net::{IpAddr, Ipv6Addr};

use bytes::BufMut;

use crate::text::invalid_syntax;
use crate::{Error, Result, SqlState};

/// An address with the length of its network part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Inet {
    /// Of version 6.
    pub v6: bool,
    /// The length of the network part.
    pub bits: u8,
    /// The address: the first four bytes, or all sixteen.
    pub bytes: [u8; 16],
}

impl Inet {
    /// How many bits an address has.
    pub fn max_bits(&self) -> u8 {
        if self.v6 { 128 } else { 32 }
    }

    /// The bytes that count.
    pub fn address(&self) -> &[u8] {
        &self.bytes[..self.size()]
    }

    /// How many bytes count.
    pub fn size(&self) -> usize {
        if self.v6 { 16 } else { 4 }
    }

    /// The mask of a network part.
    pub fn mask(&self) -> [u8; 16] {
        let mut mask = [0; 16];
        for (at, byte) in mask.iter_mut().enumerate() {
            let left = i32::from(self.bits) - at as i32 * 8;
            *byte = if left >= 8 {
                0xFF
            } else if left <= 0 {
                0
            } else {
                0xFFu8 << (8 - left)
            };
        }
        mask
    }

    /// Without the bits right of the network part.
    pub fn network(mut self) -> Inet {
        let mask = self.mask();
        for (byte, mask) in self.bytes.iter_mut().zip(mask) {
            *byte &= mask;
        }
        self
    }

    /// `bitncmp`: whether the first bits are the same, and if not which is smaller.
    pub fn compare_bits(&self, other: &Inet, bits: u8) -> Ordering {
        let mask = Inet { bits, ..*self }.mask();
        let cut = |address: &Inet| -> Vec<u8> {
            address.address().iter().zip(mask).map(|(byte, mask)| byte & mask).collect()
        };
        cut(self).cmp(&cut(other))
    }

    /// `network_cmp_internal`: the family, the common network part, the longer one, the whole address.
    pub fn compare(&self, other: &Inet) -> Ordering {
        self.v6
            .cmp(&other.v6)
            .then_with(|| self.compare_bits(other, self.bits.min(other.bits)))
            .then_with(|| self.bits.cmp(&other.bits))
            .then_with(|| self.address().cmp(other.address()))
    }

    /// The address alone.
    pub fn host(&self) -> String {
        if self.v6 {
            write_v6(&self.bytes)
        } else {
            self.bytes[..4].iter().map(u8::to_string).collect::<Vec<_>>().join(".")
        }
    }

    /// `inet_out`, `cidr_out`: the length of the network part when it is not all, and always of `cidr`.
    pub fn to_text(&self, cidr: bool) -> String {
        let mut text = self.host();
        if cidr || self.bits != self.max_bits() {
            let _ = write!(text, "/{}", self.bits);
        }
        text
    }

    pub(super) fn send<B: BufMut>(&self, cidr: bool, out: &mut B) {
        out.put_u8(if self.v6 { 3 } else { 2 });
        out.put_u8(self.bits);
        out.put_u8(cidr.into());
        out.put_u8(self.size() as u8);
        out.put_slice(self.address());
    }
}

impl From<IpAddr> for Inet {
    fn from(address: IpAddr) -> Inet {
        match address {
            IpAddr::V4(address) => v4(&address.octets(), 32),
            IpAddr::V6(address) => Inet { v6: true, bits: 128, bytes: address.octets() },
        }
    }
}

/// Zeros in the longest run are left out; the end of an address of version 4 within is written as such.
fn write_v6(bytes: &[u8; 16]) -> String {
    let words: Vec<u16> = bytes.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    let (mut best, mut at) = ((8, 0), 0);
    while at < 8 {
        let run = words[at..].iter().take_while(|word| **word == 0).count();
        if run > best.1 {
            best = (at, run);
        }
        at += run.max(1);
    }
    if best.1 < 2 {
        best = (8, 0);
    }
    let mapped = best.0 == 0 && (best.1 == 6 || (best.1 == 5 && words[5] == 0xFFFF));
    let mut text = String::new();
    for (at, word) in words.iter().enumerate() {
        if (best.0..best.0 + best.1).contains(&at) {
            if at == best.0 {
                text.push(':');
            }
            continue;
        }
        if at > 0 {
            text.push(':');
        }
        if at == 6 && mapped {
            let v4: Vec<String> = bytes[12..].iter().map(u8::to_string).collect();
            text.push_str(&v4.join("."));
            return text;
        }
        let _ = write!(text, "{word:x}");
    }
    if best.0 + best.1 == 8 && best.1 > 0 {
        text.push(':');
    }
    text
}

/// `network_in`
pub fn parse(text: &str, cidr: bool) -> Result<Inet> {
    let found = if text.contains(':') {
        parse_v6(text)
    } else if cidr {
        parse_cidr_v4(text)
    } else {
        parse_v4(text)
    };
    let address = found.ok_or_else(|| invalid_syntax(if cidr { "cidr" } else { "inet" }, text))?;
    if cidr && address.network() != address {
        return Err(Error::new(
            SqlState::INVALID_TEXT_REPRESENTATION,
            format!("invalid cidr value: \"{text}\""),
        )
        .detail("Value has bits set to right of mask."));
    }
    Ok(address)
}

/// The length behind the slash: digits without a leading zero.
fn parse_bits(text: &str, max: u8) -> Option<u8> {
    let plain = !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_digit())
        && (text.len() == 1 || !text.starts_with('0'));
    text.parse().ok().filter(|bits| plain && *bits <= max)
}

fn octets(text: &str) -> Option<Vec<u8>> {
    let octet = |part: &str| {
        let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<u32>().ok()).flatten().and_then(|n| u8::try_from(n).ok())
    };
    text.split('.').map(octet).collect::<Option<Vec<u8>>>().filter(|all| all.len() <= 4)
}

fn v4(octets: &[u8], bits: u8) -> Inet {
    let mut bytes = [0; 16];
    bytes[..octets.len()].copy_from_slice(octets);
    Inet { v6: false, bits, bytes }
}

/// `inet_net_pton_ipv4`: without a length all four octets are needed.
fn parse_v4(text: &str) -> Option<Inet> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(parse_bits(bits, 32)?)),
        None => (text, None),
    };
    let octets = octets(address)?;
    let bits = match bits {
        Some(bits) => bits,
        None if octets.len() == 4 => 32,
        None => return None,
    };
    (usize::from(bits).div_ceil(8) <= octets.len()).then(|| v4(&octets, bits))
}

/// `inet_cidr_pton_ipv4`: octets may be missing, and the length follows from the class.
fn parse_cidr_v4(text: &str) -> Option<Inet> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(parse_bits(bits, 32)?)),
        None => (text, None),
    };
    let octets = octets(address)?;
    let first = octets.first().copied()?;
    let bits = bits.unwrap_or_else(|| {
        let class = match first {
            240.. => 32,
            224.. => 8,
            192.. => 24,
            128.. => 16,
            _ => 8,
        };
        let bits = class.max(octets.len() as u8 * 8);
        if bits == 8 && first == 224 { 4 } else { bits }
    });
    Some(v4(&octets, bits))
}

fn parse_v6(text: &str) -> Option<Inet> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, parse_bits(bits, 128)?),
        None => (text, 128),
    };
    let address: Ipv6Addr = address.parse().ok()?;
    Some(Inet { v6: true, bits, bytes: address.octets() })
}

/// `network_recv`
pub(super) fn recv(bytes: &[u8], cidr: bool) -> Result<Inet> {
    let name = if cidr { "cidr" } else { "inet" };
    let wrong = |what: &str| {
        Error::new(
            SqlState::INVALID_BINARY_REPRESENTATION,
            format!("invalid {what} in external \"{name}\" value"),
        )
    };
    let mut rest = bytes.iter().copied();
    let mut byte = || rest.next().ok_or_else(super::no_data);
    let v6 = match byte()? {
        2 => false,
        3 => true,
        _ => return Err(wrong("address family")),
    };
    let mut inet = Inet { v6, bits: byte()?, bytes: [0; 16] };
    if inet.bits > inet.max_bits() {
        return Err(wrong("bits"));
    }
    byte()?;
    let size = inet.size();
    if usize::from(byte()?) != size {
        return Err(wrong("length"));
    }
    for place in inet.bytes.iter_mut().take(size) {
        *place = byte()?;
    }
    if rest.next().is_some() {
        return Err(Error::new(SqlState::INVALID_BINARY_REPRESENTATION, "incorrect binary data format"));
    }
    if cidr && inet.network() != inet {
        return Err(Error::new(SqlState::INVALID_BINARY_REPRESENTATION, "invalid external \"cidr\" value")
            .detail("Value has bits set to right of mask."));
    }
    Ok(inet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let text = |text: &str, cidr| parse(text, cidr).map(|a| a.to_text(cidr)).ok();
        for same in [
            "192.168.1.5",
            "10.0.0.0/8",
            "::1",
            "2001:db8::/32",
            "::ffff:1.2.3.4",
            "1::2:0:0:3",
            "::",
            "fe80::",
        ] {
            assert_eq!(text(same, false).as_deref(), Some(same));
        }
        assert_eq!(text("10", true).as_deref(), Some("10.0.0.0/8"));
        assert_eq!(text("10/8", false).as_deref(), Some("10.0.0.0/8"));
        assert_eq!(text("192.168.1", true).as_deref(), Some("192.168.1.0/24"));
        for wrong in ["", "1.2.3", "1.2.3.256", "1.2.3.4/33", "::1/129", "1.2.3.4.5", "x"] {
            assert_eq!(text(wrong, false), None, "{wrong}");
        }
        assert!(parse("10.1.2.3/8", true).is_err());
    }
}
