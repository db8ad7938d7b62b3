//! Projections: what of each entry is answered (`Projections` of Hazelcast).

use crate::data::Data;
use crate::data::serializable::ObjectWriter;
use crate::error::{Error, Result};

/// `ProjectionDataSerializerHook`.
const FACTORY: i32 = -30;

/// What of each entry is asked for, so that the rest needn't travel.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Projection(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Attribute(String),
    Attributes(Vec<String>),
    Identity,
    Serialized(Data),
}

impl Projection {
    /// One attribute of each entry, as [`Predicate`](crate::Predicate) names them; `[any]` is not allowed.
    pub fn attribute(path: impl Into<String>) -> Self {
        Self(Kind::Attribute(path.into()))
    }

    /// Several attributes of each entry: each answer is a list (`Object[]`).
    pub fn attributes<S: Into<String>>(paths: impl IntoIterator<Item = S>) -> Self {
        Self(Kind::Attributes(paths.into_iter().map(Into::into).collect()))
    }

    /// The whole entry: each answer is a key and its value.
    pub fn identity() -> Self {
        Self(Kind::Identity)
    }

    /// A projection that is serialized already, of a class of your own that the members have.
    pub fn serialized(data: Data) -> Self {
        Self(Kind::Serialized(data))
    }

    pub(crate) fn to_data(&self) -> Result<Data> {
        let refuse = |text: &str| Err(Error::InvalidArgument(text.to_string()));
        let object = match &self.0 {
            Kind::Attribute(path) if path.is_empty() => return refuse("an attribute has a name"),
            Kind::Attribute(path) => {
                let mut object = ObjectWriter::new(FACTORY, 0);
                object.str(path)?;
                object
            }
            Kind::Attributes(paths) if paths.is_empty() || paths.iter().any(String::is_empty) => {
                return refuse("a projection has at least one attribute, and each has a name");
            }
            Kind::Attributes(paths) => {
                let mut object = ObjectWriter::new(FACTORY, 1);
                object.count(paths.len())?;
                paths.iter().try_for_each(|path| object.str(path))?;
                object
            }
            Kind::Identity => ObjectWriter::new(FACTORY, 2),
            Kind::Serialized(data) => return Ok(data.clone()),
        };
        Ok(object.finish())
    }
}
