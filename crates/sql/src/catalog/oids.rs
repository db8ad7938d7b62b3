//! Object identifiers that every instance of the gateway gives alike, and gives again after a restart: hashes of what
//! an object is.

use std::collections::HashSet;

use pg::Oid;

/// `FirstNormalObjectId`: built-in objects stand below.
pub const FIRST_NORMAL: u32 = 16384;

/// Gives out object identifiers. They stay below 2^31, since some clients keep them in signed integers.
#[derive(Debug, Default)]
pub struct Oids {
    taken: HashSet<u32>,
}

impl Oids {
    /// The identifier of a relation: a small number if it is free, since clients have been seen to take the oid of a
    /// table for a `smallint` when it fits.
    pub fn assign_relation(&mut self, cluster: &str, schema: &str, name: &str) -> Oid {
        const SMALL: u32 = 32768 - FIRST_NORMAL;
        let oid = FIRST_NORMAL + hash_oid("small", cluster, schema, name, 0) % SMALL;
        match self.taken.insert(oid) {
            true => Oid(oid),
            false => self.assign("relation", cluster, schema, name),
        }
    }

    /// The identifier of an object. A collision is resolved by hashing again: who asks has to ask in an order that
    /// depends on the objects alone.
    pub fn assign(&mut self, kind: &str, cluster: &str, schema: &str, name: &str) -> Oid {
        for round in 0u32.. {
            let oid = hash_oid(kind, cluster, schema, name, round);
            if self.taken.insert(oid) {
                return Oid(oid);
            }
        }
        Oid::INVALID
    }
}

/// An identifier of an object whose kind has no collisions worth resolving (a session's own role or database).
pub fn oid_of(kind: &str, cluster: &str, name: &str) -> Oid {
    Oid(hash_oid(kind, cluster, "", name, 0))
}

fn hash_oid(kind: &str, cluster: &str, schema: &str, name: &str, round: u32) -> u32 {
    let mut hash = Fnv::default();
    for part in [kind, cluster, schema, name] {
        hash.write(part.as_bytes());
        hash.write(&[0]);
    }
    hash.write(&round.to_le_bytes());
    let range = u64::from(i32::MAX as u32 - FIRST_NORMAL);
    FIRST_NORMAL + u32::try_from(hash.finish() % range).unwrap_or(0)
}

/// A number that changes when a definition does: stands for `xmin`, which tools compare to see whether an object
/// changed. Never one of the three special transaction ids.
pub fn state_number(parts: &[&str]) -> Oid {
    let mut hash = Fnv::default();
    for part in parts {
        hash.write(part.as_bytes());
        hash.write(&[0]);
    }
    Oid(u32::try_from(hash.finish() % u64::from(i32::MAX as u32 - 3)).unwrap_or(0) + 3)
}

/// A number of a text, the same for ever.
pub fn stable_hash(text: &str) -> u64 {
    let mut hash = Fnv::default();
    hash.write(text.as_bytes());
    hash.finish()
}

/// FNV-1a, 64 bits, with a final mix. The standard library's hasher may change from one release to the next.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// The finalizer of MurmurHash3: the low bits of FNV alone depend on too little.
    fn finish(&self) -> u64 {
        let mut h = self.0;
        h = (h ^ (h >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        h = (h ^ (h >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        h ^ (h >> 33)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_stay_the_same() {
        // What a client has stored must be found again after an upgrade.
        assert_eq!(Oids::default().assign("relation", "dev", "public", "movies"), Oid(1_142_731_879));
        assert_eq!(
            oid_of("relation", "dev", "movies"),
            Oids::default().assign("relation", "dev", "", "movies")
        );
    }

    #[test]
    fn collisions_are_resolved() {
        let mut oids = Oids::default();
        let first = oids.assign("relation", "dev", "public", "movies");
        let second = oids.assign("relation", "dev", "public", "movies");
        assert_ne!(first, second);
        assert!(second.0 >= FIRST_NORMAL && second.0 < 1 << 31);
    }
}
