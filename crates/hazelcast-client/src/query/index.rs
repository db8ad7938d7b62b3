//! Indexes of maps (`IndexConfig` of Hazelcast).

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

    pub(crate) fn message(&self) -> Index<'_> {
        let (unique_key, transformation) = &self.bitmap;
        Index {
            kind: self.kind as i32,
            name: self.name.as_deref(),
            attributes: &self.attributes,
            bitmap: (self.kind == IndexKind::Bitmap).then_some((unique_key, *transformation as i32)),
        }
    }
}
