//! What members have measured: the counterpart of [`super::metrics`], which writes the same form
//! (`MetricsCompressor.extractMetrics`).

use std::sync::Arc;

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use crate::data::big_endian::BigEndian;
use crate::error::Malformed;

/// A figure that a member has measured.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Metric {
    /// What kind of thing it belongs to: `map`, `map.index` …
    pub prefix: Arc<str>,
    /// Its name: `ownedEntryMemoryCost` …
    pub name: Arc<str>,
    /// Which of these things: of a map its name.
    pub of: Option<Arc<str>>,
    /// What else distinguishes it: of an index its name, as `index`.
    pub tags: Vec<(Arc<str>, Arc<str>)>,
    /// The figure.
    pub value: MetricValue,
}

/// The value of a [`Metric`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MetricValue {
    /// A count, or bytes.
    Long(i64),
    /// A share, or an average.
    Double(f64),
}

/// The most bytes that a collection may inflate to.
const INFLATED_MAX: usize = 256 << 20;
/// In the mask: as in the metric before.
const SAME: [u8; 7] = [1, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6];
const NULL_WORD: i32 = -1;

type Word = Option<Arc<str>>;

/// The metrics of a collection that have one of these prefixes.
pub(crate) fn read(blob: &[u8], prefixes: &[&str]) -> Result<Vec<Metric>, Malformed> {
    let mut blob = BigEndian(blob);
    if enough(blob.u8())? != 0 || enough(blob.u8())? != 1 {
        return Err(Malformed("metrics of another version"));
    }
    let packed = length(&mut blob)?;
    let words = dictionary(&inflate(enough(blob.take(packed))?)?)?;
    let count = length(&mut blob)?;
    let metrics = inflate(blob.0)?;
    let mut reader = Reader { bytes: BigEndian(&metrics), words, last: Descriptor::default() };
    let mut found = Vec::new();
    for _ in 0..count {
        reader.descriptor()?;
        let value = match enough(reader.bytes.u8())? {
            0 => MetricValue::Long(enough(reader.bytes.i64())?),
            1 => MetricValue::Double(enough(reader.bytes.f64())?),
            _ => return Err(Malformed("a metric is neither long nor double")),
        };
        found.extend(reader.last.metric(value, prefixes));
    }
    Ok(found)
}

fn inflate(bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
    decompress_to_vec_zlib_with_limit(bytes, INFLATED_MAX).map_err(|_| Malformed("metrics are not deflated"))
}

/// Words by their numbers, each without what it has in common with the one before.
fn dictionary(bytes: &[u8]) -> Result<Vec<Arc<str>>, Malformed> {
    let mut bytes = BigEndian(bytes);
    let count = length(&mut bytes)?;
    let nothing: Arc<str> = "".into();
    // A word has six bytes at least.
    let mut words = vec![nothing; count.min(bytes.0.len() / 6 + 1)];
    let mut last: Vec<u16> = Vec::new();
    for _ in 0..count {
        let number = usize::try_from(enough(bytes.i32())?).ok();
        let (common, rest) = (enough(bytes.u8())?, enough(bytes.u8())?);
        last.truncate(common.into());
        for _ in 0..rest {
            last.push(u16::from_be_bytes(enough(bytes.array())?));
        }
        let place = number.and_then(|number| words.get_mut(number)).ok_or(Malformed("an unknown word"))?;
        *place = String::from_utf16_lossy(&last).into();
    }
    Ok(words)
}

/// What a metric has in common with the next one.
#[derive(Default)]
struct Descriptor {
    prefix: Word,
    name: Word,
    of: Word,
    tags: Vec<(Word, Word)>,
}

impl Descriptor {
    fn metric(&self, value: MetricValue, prefixes: &[&str]) -> Option<Metric> {
        let prefix = self.prefix.clone().filter(|prefix| prefixes.contains(&&**prefix))?;
        let name = self.name.clone()?;
        let tags = self.tags.iter().filter_map(|(tag, value)| tag.clone().zip(value.clone())).collect();
        Some(Metric { prefix, name, of: self.of.clone(), tags, value })
    }
}

struct Reader<'a> {
    bytes: BigEndian<'a>,
    words: Vec<Arc<str>>,
    last: Descriptor,
}

impl Reader<'_> {
    fn word(&mut self) -> Result<Word, Malformed> {
        let number = enough(self.bytes.i32())?;
        if number == NULL_WORD {
            return Ok(None);
        }
        let word = usize::try_from(number).ok().and_then(|number| self.words.get(number));
        word.cloned().map(Some).ok_or(Malformed("an unknown word"))
    }

    /// Reads what is different from the metric before (`MetricsDecompressor.readMetricDescriptor`).
    fn descriptor(&mut self) -> Result<(), Malformed> {
        let mask = enough(self.bytes.u8())?;
        let [prefix, name, discriminator, of, unit, targets, tags] = SAME.map(|bit| mask & bit != 0);
        if !prefix {
            self.last.prefix = self.word()?;
        }
        if !name {
            self.last.name = self.word()?;
        }
        if !discriminator {
            self.word()?;
        }
        if !of {
            self.last.of = self.word()?;
        }
        if !unit {
            enough(self.bytes.u8())?;
        }
        if !targets {
            enough(self.bytes.u8())?;
        }
        let count = if tags { self.last.tags.len() } else { enough(self.bytes.u8())?.into() };
        self.last.tags.clear();
        for _ in 0..count {
            let tag = (self.word()?, self.word()?);
            self.last.tags.push(tag);
        }
        Ok(())
    }
}

fn enough<T>(read: Option<T>) -> Result<T, Malformed> {
    read.ok_or(Malformed("metrics end too early"))
}

fn length(bytes: &mut BigEndian<'_>) -> Result<usize, Malformed> {
    usize::try_from(enough(bytes.i32())?).map_err(|_| Malformed("a negative length"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::metrics::{Unit, blob};
    use crate::statistics::{Amount, Gauge};

    fn gauge(prefix: &'static str, name: &'static str, amount: Amount) -> Gauge {
        Gauge { prefix, name, unit: Unit::Count, amount }
    }

    #[test]
    fn what_is_written_is_read() {
        let gauges = [
            gauge("os", "load", Amount::Double(0.5)),
            gauge("map", "size", Amount::Long(7)),
            gauge("map", "hits", Amount::Long(-1)),
        ];
        let blob = blob(&gauges);
        let metrics = read(&blob, &["map"]).expect("metrics");
        let told: Vec<_> = metrics.iter().map(|m| (&*m.prefix, &*m.name, m.of.as_deref(), m.value)).collect();
        let long = MetricValue::Long;
        assert_eq!(told, [("map", "size", None, long(7)), ("map", "hits", None, long(-1))]);
        assert_eq!(read(&blob, &["os"]).expect("metrics")[0].value, MetricValue::Double(0.5));
        for length in 0..blob.len() {
            assert!(read(&blob[..length], &["map"]).is_err(), "{length}");
        }
    }
}
