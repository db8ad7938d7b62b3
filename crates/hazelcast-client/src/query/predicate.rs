//! Predicates: which entries of a map are meant (`Predicates` of Hazelcast).

use crate::data::Data;
use crate::data::serializable::ObjectWriter;
use crate::data::to_data::ToData;
use crate::data::value::Value;
use crate::error::Result;

/// `PredicateDataSerializerHook`.
const FACTORY: i32 = -20;

/// A condition on entries of a map, tested by the members.
///
/// An attribute is a member of the value (`"year"`, `"director.name"`, `"tags[any]"`), `this` for the value itself,
/// `__key` for the key, `__key.part` for a member of it. Values are converted to the type of the attribute.
///
/// ```
/// use hazelcast_client::Predicate;
///
/// let early = Predicate::less("year", 1930) & !Predicate::like("title", "The %");
/// let of_people = Predicate::sql("age BETWEEN 20 AND 30 AND active");
/// # let _ = (early, of_people);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Predicate {
    condition: Condition,
    /// Only the partition of this key is searched.
    partition_key: Option<Data>,
}

#[derive(Debug, Clone, PartialEq)]
enum Condition {
    Sql(String),
    /// The class, the attribute, the value.
    Equal(i32, String, Value),
    Compare {
        attribute: String,
        value: Value,
        equal: bool,
        less: bool,
    },
    Between(String, Value, Value),
    In(String, Vec<Value>),
    /// The class, the attribute, the pattern.
    Pattern(i32, String, String),
    InstanceOf(String),
    Not(Box<Condition>),
    /// The class, the parts.
    Joined(i32, Vec<Condition>),
    Constant(bool),
    Serialized(Data),
}

mod class {
    pub(super) const SQL: i32 = 0;
    pub(super) const AND: i32 = 1;
    pub(super) const BETWEEN: i32 = 2;
    pub(super) const EQUAL: i32 = 3;
    pub(super) const GREATER_LESS: i32 = 4;
    pub(super) const LIKE: i32 = 5;
    pub(super) const ILIKE: i32 = 6;
    pub(super) const IN: i32 = 7;
    pub(super) const INSTANCE_OF: i32 = 8;
    pub(super) const NOT_EQUAL: i32 = 9;
    pub(super) const NOT: i32 = 10;
    pub(super) const OR: i32 = 11;
    pub(super) const REGEX: i32 = 12;
    pub(super) const FALSE: i32 = 13;
    pub(super) const TRUE: i32 = 14;
    pub(super) const PARTITION: i32 = 16;
}

impl Predicate {
    fn of(condition: Condition) -> Self {
        Self { condition, partition_key: None }
    }

    /// A condition as text, in the language of Hazelcast's `SqlPredicate`, which isn't that of its SQL engine:
    /// `active AND (age > 20 OR salary < 60000)`. It knows `=`, `<>`, `<`, `>`, `<=`, `>=`, `BETWEEN`, `IN`, `LIKE`,
    /// `ILIKE`, `REGEX`, `AND`, `OR`, `NOT`.
    pub fn sql(text: impl Into<String>) -> Self {
        Self::of(Condition::Sql(text.into()))
    }

    /// The attribute has this value; with [`Value::Null`], it has none.
    pub fn equal(attribute: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::of(Condition::Equal(class::EQUAL, attribute.into(), value.into()))
    }

    /// The attribute has another value than this.
    pub fn not_equal(attribute: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::of(Condition::Equal(class::NOT_EQUAL, attribute.into(), value.into()))
    }

    fn compare(attribute: String, value: Value, less: bool, equal: bool) -> Self {
        Self::of(Condition::Compare { attribute, value, equal, less })
    }

    /// The attribute is less than a value.
    pub fn less(attribute: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::compare(attribute.into(), value.into(), true, false)
    }

    /// The attribute is at most a value.
    pub fn at_most(attribute: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::compare(attribute.into(), value.into(), true, true)
    }

    /// The attribute is greater than a value.
    pub fn greater(attribute: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::compare(attribute.into(), value.into(), false, false)
    }

    /// The attribute is at least a value.
    pub fn at_least(attribute: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::compare(attribute.into(), value.into(), false, true)
    }

    /// The attribute lies between two values, or is one of them.
    pub fn between(attribute: impl Into<String>, from: impl Into<Value>, to: impl Into<Value>) -> Self {
        Self::of(Condition::Between(attribute.into(), from.into(), to.into()))
    }

    /// The attribute is one of these values.
    pub fn is_in<V: Into<Value>>(attribute: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self {
        Self::of(Condition::In(attribute.into(), values.into_iter().map(Into::into).collect()))
    }

    /// The attribute is like a pattern: `%` stands for any text, `_` for one character, `\` before one of these for itself.
    pub fn like(attribute: impl Into<String>, pattern: impl Into<String>) -> Self {
        Self::of(Condition::Pattern(class::LIKE, attribute.into(), pattern.into()))
    }

    /// The same for small and capital letters.
    pub fn ilike(attribute: impl Into<String>, pattern: impl Into<String>) -> Self {
        Self::of(Condition::Pattern(class::ILIKE, attribute.into(), pattern.into()))
    }

    /// The attribute matches a regular expression of Java.
    pub fn regex(attribute: impl Into<String>, pattern: impl Into<String>) -> Self {
        Self::of(Condition::Pattern(class::REGEX, attribute.into(), pattern.into()))
    }

    /// The value is of a Java class.
    pub fn instance_of(class: impl Into<String>) -> Self {
        Self::of(Condition::InstanceOf(class.into()))
    }

    /// All hold; true when there are none. That a part is only for one partition is forgotten: say it of the whole.
    pub fn all(predicates: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(class::AND, predicates)
    }

    /// One holds at least; false when there are none.
    pub fn any(predicates: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(class::OR, predicates)
    }

    fn joined(class: i32, predicates: impl IntoIterator<Item = Self>) -> Self {
        Self::of(Condition::Joined(class, predicates.into_iter().map(|part| part.condition).collect()))
    }

    /// Always true, or always false.
    pub fn constant(holds: bool) -> Self {
        Self::of(Condition::Constant(holds))
    }

    /// A predicate that is serialized already, for instance one of a class of your own that the members have.
    pub fn serialized(data: Data) -> Self {
        Self::of(Condition::Serialized(data))
    }

    /// The same predicate, but only the partition of a key is searched. The key needn't exist.
    pub fn in_partition_of(mut self, key: &(impl ToData + ?Sized)) -> Result<Self> {
        self.partition_key = Some(key.to_data()?);
        Ok(self)
    }

    pub(crate) fn partition_key(&self) -> Option<&Data> {
        self.partition_key.as_ref()
    }

    /// The serialized form, with its partition.
    pub(crate) fn to_data(&self) -> Result<Data> {
        let condition = self.condition.write()?;
        let Some(key) = &self.partition_key else { return Ok(condition.finish()) };
        let mut partition = ObjectWriter::new(FACTORY, class::PARTITION);
        partition.data(key);
        partition.object(&condition);
        Ok(partition.finish())
    }

    /// The serialized form of the condition alone.
    pub(crate) fn condition_data(&self) -> Result<Data> {
        Ok(self.condition.write()?.finish())
    }
}

impl Condition {
    fn write(&self) -> Result<ObjectWriter> {
        let of = |class| ObjectWriter::new(FACTORY, class);
        Ok(match self {
            Self::Sql(text) => {
                let mut object = of(class::SQL);
                object.str(text)?;
                object
            }
            Self::Equal(class, attribute, value) => {
                let mut object = of(*class);
                object.str(attribute)?;
                object.value(value)?;
                object
            }
            Self::Compare { attribute, value, equal, less } => {
                let mut object = of(class::GREATER_LESS);
                object.str(attribute)?;
                object.value(value)?;
                object.bool(*equal);
                object.bool(*less);
                object
            }
            Self::Between(attribute, from, to) => {
                let mut object = of(class::BETWEEN);
                object.str(attribute)?;
                object.value(to)?;
                object.value(from)?;
                object
            }
            Self::In(attribute, values) => {
                let mut object = of(class::IN);
                object.str(attribute)?;
                object.count(values.len())?;
                values.iter().try_for_each(|value| object.value(value))?;
                object
            }
            Self::Pattern(class, attribute, pattern) => {
                let mut object = of(*class);
                object.str(attribute)?;
                object.str(pattern)?;
                object
            }
            Self::InstanceOf(name) => {
                let mut object = of(class::INSTANCE_OF);
                object.str(name)?;
                object
            }
            Self::Not(condition) => {
                let mut object = of(class::NOT);
                object.object(&condition.write()?);
                object
            }
            Self::Joined(class, conditions) => {
                let mut object = of(*class);
                object.count(conditions.len())?;
                for condition in conditions {
                    object.object(&condition.write()?);
                }
                object
            }
            Self::Constant(holds) => of(if *holds { class::TRUE } else { class::FALSE }),
            Self::Serialized(data) => ObjectWriter::of_data(data),
        })
    }
}

impl std::ops::Not for Predicate {
    type Output = Self;

    fn not(self) -> Self {
        Self { condition: Condition::Not(Box::new(self.condition)), ..self }
    }
}

impl std::ops::BitAnd for Predicate {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self::all([self, other])
    }
}

impl std::ops::BitOr for Predicate {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self::any([self, other])
    }
}
