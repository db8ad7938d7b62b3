//! PostgreSQL's random numbers (`pg_prng.c`, xoroshiro128**): the same sequence after the same `setseed`.

use crate::{Error, Result, SqlState};

/// A generator.
#[derive(Clone, Debug)]
pub struct Prng {
    state: [u64; 2],
}

impl Prng {
    /// `pg_prng_seed`
    pub fn new(mut seed: u64) -> Prng {
        let mut next = || {
            seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let value = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            value ^ (value >> 31)
        };
        let state = [next(), next()];
        // All zeros would stay zeros.
        Prng { state: if state == [0, 0] { [0x5851_F42D_4C95_7F2D, 0x1405_7B7E_F767_814F] } else { state } }
    }

    /// `pg_prng_fseed`: what `setseed` does, from -1 to 1.
    pub fn from_fraction(seed: f64) -> Result<Prng> {
        const MANTISSA: f64 = ((1u64 << 52) - 1) as f64;
        if !(-1.0..=1.0).contains(&seed) {
            let shown = crate::func::general(seed, 0, false);
            return Err(Error::new(
                SqlState::INVALID_PARAMETER_VALUE,
                format!("setseed parameter {shown} is out of allowed range [-1,1]"),
            ));
        }
        Ok(Prng::new((MANTISSA * seed) as i64 as u64))
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        let [first, second] = self.state;
        let mixed = second ^ first;
        let value = first.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        self.state = [first.rotate_left(24) ^ mixed ^ (mixed << 16), mixed.rotate_left(37)];
        value
    }

    /// `pg_prng_double`: from 0 to below 1.
    pub fn double(&mut self) -> f64 {
        (self.bits() >> 12) as f64 / (1u64 << 52) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `SELECT setseed(0.5); SELECT random(), random();` of PostgreSQL 15.
    #[test]
    fn the_sequence_is_postgresqls() {
        let mut random = Prng::from_fraction(0.5).unwrap();
        assert_eq!([random.double(), random.double()], [0.985_167_717_534_799_9, 0.825_301_858_027_981]);
        assert_eq!(Prng::from_fraction(-0.25).unwrap().double(), 0.555_321_334_003_935_1);
        let error = Prng::from_fraction(2.0).unwrap_err();
        assert_eq!(error.message(), "setseed parameter 2 is out of allowed range [-1,1]");
    }
}
