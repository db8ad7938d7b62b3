//! Configurations: which dictionary is asked about which kind of token (`pg_ts_config_map`).

use std::collections::HashMap;
use std::sync::LazyLock;

use super::dictionary::lexize;
use super::parser::TOKEN_TYPES;
use crate::catalog::system_table;
use crate::{Error, Oid, Result};

/// A configuration.
#[derive(Debug, Default)]
pub struct Configuration {
    /// The dictionaries by kind of token.
    dictionaries: Vec<Vec<Oid>>,
}

static CONFIGURATIONS: LazyLock<HashMap<u32, Configuration>> = LazyLock::new(|| {
    let mut all: HashMap<u32, Configuration> = HashMap::new();
    // In the order of `mapseqno`, the third column.
    for mut row in system_table("pg_ts_config_map").into_iter().flat_map(|table| table.rows()) {
        let mut number = || row.next().flatten().and_then(|field| field.parse::<u32>().ok()).unwrap_or(0);
        let (configuration, kind, _, dictionary) = (number(), number(), number(), number());
        let maps = &mut all.entry(configuration).or_default().dictionaries;
        maps.resize(TOKEN_TYPES.len() + 1, Vec::new());
        if let Some(dictionaries) = maps.get_mut(kind as usize) {
            dictionaries.push(Oid(dictionary));
        }
    }
    all
});

impl Configuration {
    /// A row of `pg_ts_config`.
    pub fn by_oid(oid: Oid) -> Result<&'static Configuration> {
        let missing = || format!("cache lookup failed for text search configuration {oid}");
        CONFIGURATIONS.get(&oid.0).ok_or_else(|| Error::internal(missing()))
    }

    /// The dictionaries that are asked about a kind of token, the first that knows it being the last.
    pub fn dictionaries(&self, kind: u8) -> &[Oid] {
        self.dictionaries.get(usize::from(kind)).map_or(&[], Vec::as_slice)
    }

    /// What a token becomes; `None` when it is of no interest, `Some(None)` for a stop word. All dictionaries that there
    /// are know every token, so only the first one is asked.
    pub(super) fn lexeme(&self, kind: u8, token: &str) -> Result<Option<Option<String>>> {
        self.dictionaries(kind).first().map(|dictionary| lexize(*dictionary, token)).transpose()
    }
}
