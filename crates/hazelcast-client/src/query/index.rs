//! Indexes of maps (`IndexConfig` of Hazelcast).

use std::collections::HashSet;

use crate::error::{Error, Result};
use crate::protocol::map_query::Index;

/// An index that a map is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct IndexConfig {
    kind: IndexKind,
    name: Option<String>,
    attributes: Vec<String>,
    bitmap: (String, UniqueKeyTransformation),
}

/// What an index can answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IndexKind {
    /// Equality and ranges.
    Sorted = 0,
    /// Equality.
    Hash = 1,
    /// Equality of attributes with few distinct values.
    Bitmap = 2,
}

/// How a bitmap index makes numbers of its unique key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum UniqueKeyTransformation {
    /// Any values, numbered as they come.
    #[default]
    Object = 0,
    /// Values that become `long`s without loss, numbered as they come.
    Long = 1,
    /// Values that become `long`s without loss, and are their own numbers.
    Raw = 2,
}

impl IndexConfig {
    /// An index of attributes, as [`Predicate`](crate::Predicate) names them.
    pub fn new<S: Into<String>>(kind: IndexKind, attributes: impl IntoIterator<Item = S>) -> Self {
        Self {
            kind,
            name: None,
            attributes: attributes.into_iter().map(Into::into).collect(),
            bitmap: ("__key".to_string(), UniqueKeyTransformation::Object),
        }
    }

    /// What it is called; the cluster makes a name of its attributes otherwise.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// For bitmap indexes: the attribute that tells entries apart, `__key` unless set.
    pub fn unique_key(
        mut self,
        attribute: impl Into<String>,
        transformation: UniqueKeyTransformation,
    ) -> Self {
        self.bitmap = (attribute.into(), transformation);
        self
    }

    /// What it can answer.
    pub fn kind(&self) -> IndexKind {
        self.kind
    }

    /// Its name; `None` before the cluster has made one.
    pub fn given_name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The attributes, as the cluster names them.
    pub fn attributes(&self) -> &[String] {
        &self.attributes
    }

    /// What `IndexUtils.validateAndNormalize` refuses, as the Java client does before it sends: members before 5.4 never
    /// answer such an index.
    fn check(&self) -> Result<()> {
        let refuse = |text: String| Err(Error::InvalidArgument(text));
        match self.attributes.len() {
            0 => return refuse("an index must have at least one attribute".to_string()),
            1..=MAX_ATTRIBUTES => {}
            more => return refuse(format!("an index of {more} attributes: {MAX_ATTRIBUTES} are the most")),
        }
        if self.kind == IndexKind::Bitmap && self.attributes.len() > 1 {
            return refuse("a bitmap index has one attribute".to_string());
        }
        let mut seen = HashSet::new();
        for attribute in &self.attributes {
            if attribute.trim().is_empty() || attribute.ends_with('.') {
                return refuse(format!("no attribute of an index: {attribute:?}"));
            }
            // `this.a` is `a`.
            if !seen.insert(attribute.strip_prefix("this.").unwrap_or(attribute)) {
                return refuse(format!("an index has the attribute {attribute:?} twice"));
            }
        }
        Ok(())
    }

    pub(crate) fn message(&self) -> Result<Index<'_>> {
        self.check()?;
        let (unique_key, transformation) = &self.bitmap;
        Ok(Index {
            kind: self.kind as i32,
            name: self.name.as_deref(),
            attributes: &self.attributes,
            bitmap: (self.kind == IndexKind::Bitmap).then_some((unique_key, *transformation as i32)),
        })
    }
}

/// `IndexUtils.MAX_ATTRIBUTES`.
const MAX_ATTRIBUTES: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_members_refuse_or_never_answer_is_not_sent() {
        let many: Vec<String> = (0..256).map(|number| format!("a{number}")).collect();
        for attributes in [&[][..], &[""], &["a."], &["a", "a"], &["a", "this.a"]] {
            let index = IndexConfig::new(IndexKind::Sorted, attributes.iter().copied());
            assert!(matches!(index.message(), Err(Error::InvalidArgument(_))), "{attributes:?}");
        }
        assert!(IndexConfig::new(IndexKind::Hash, many.clone()).message().is_err());
        assert!(IndexConfig::new(IndexKind::Hash, many.into_iter().skip(1)).message().is_ok());
        assert!(IndexConfig::new(IndexKind::Bitmap, ["a", "b"]).message().is_err());
        assert!(IndexConfig::new(IndexKind::Bitmap, ["this"]).message().is_ok());
    }
}
