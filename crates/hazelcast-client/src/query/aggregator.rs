//! Aggregators: one value out of many entries, made by the members (`Aggregators` of Hazelcast).

use crate::data::Data;
use crate::data::decimal::Decimal;
use crate::data::serializable::ObjectWriter;
use crate::data::value::Value;
use crate::error::Result;

/// `AggregatorDataSerializerHook`.
const FACTORY: i32 = -29;

/// What is made of many entries. Each kind wants attributes of its own Java type; those called `number_`,
/// `fixed_point_` and `floating_point_` take any number.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Aggregator {
    kind: Kind,
    attribute: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    /// The class, and the fields of an aggregator that has seen nothing yet.
    Of(i32, &'static [Field]),
    Serialized(Data),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Field {
    Int,
    Long,
    Double,
    Null,
    Decimal,
    BigInteger,
}

macro_rules! aggregators {
    ($($(#[$doc:meta])* $name:ident: $class:literal [$($field:ident),*];)*) => {
        impl Aggregator {
            $($(#[$doc])* pub fn $name(attribute: impl Into<String>) -> Self {
                Self { kind: Kind::Of($class, &[$(Field::$field),*]), attribute: Some(attribute.into()) }
            })*
        }

        #[cfg(test)]
        pub(super) const ALL: &[fn(String) -> Aggregator] = &[$(|name| Aggregator::$name(name)),*];
    };
}

aggregators! {
    /// How many entries there are whose attribute can be read, nulls included.
    count_of: 4 [Long];
    /// The set of values.
    distinct: 5 [Int];
    /// The average of `BigDecimal`s.
    decimal_average: 0 [Decimal, Long];
    /// The sum of `BigDecimal`s.
    decimal_sum: 1 [Decimal];
    /// The average of `BigInteger`s, a `BigDecimal`.
    big_integer_average: 2 [BigInteger, Long];
    /// The sum of `BigInteger`s.
    big_integer_sum: 3 [BigInteger];
    /// The average of `Double`s.
    double_average: 6 [Double, Long];
    /// The sum of `Double`s.
    double_sum: 7 [Double];
    /// The sum of any numbers, each cut to a `Long`.
    fixed_point_sum: 8 [Long];
    /// The sum of any numbers, as a `Double`.
    floating_point_sum: 9 [Double];
    /// The average of `Integer`s, a `Double`.
    integer_average: 10 [Long, Long];
    /// The sum of `Integer`s, a `Long`.
    integer_sum: 11 [Long];
    /// The average of `Long`s, a `Double`.
    long_average: 12 [Long, Long];
    /// The sum of `Long`s.
    long_sum: 13 [Long];
    /// The greatest value.
    max: 14 [Null];
    /// The least value.
    min: 15 [Null];
    /// The average of any numbers, a `Double`.
    number_average: 16 [Double, Long];
    /// The entry whose attribute is the greatest.
    max_by: 17 [Null, Null];
    /// The entry whose attribute is the least.
    min_by: 18 [Null, Null];
}

impl Aggregator {
    /// How many entries there are.
    pub fn count() -> Self {
        Self { kind: Kind::Of(4, &[Field::Long]), attribute: None }
    }

    /// An aggregator that is serialized already, of a class of your own that the members have.
    pub fn serialized(data: Data) -> Self {
        Self { kind: Kind::Serialized(data), attribute: None }
    }

    pub(crate) fn to_data(&self) -> Result<Data> {
        let (class, fields) = match &self.kind {
            Kind::Of(class, fields) => (*class, *fields),
            Kind::Serialized(data) => return Ok(data.clone()),
        };
        let mut object = ObjectWriter::new(FACTORY, class);
        object.nullable_str(self.attribute.as_deref())?;
        for field in fields {
            match field {
                Field::Int => object.i32(0),
                Field::Long | Field::Double => object.i64(0),
                Field::Null => object.value(&Value::Null)?,
                Field::Decimal => object.value(&Value::Decimal(Decimal::from_i128(0, 0)))?,
                Field::BigInteger => object.value(&Value::BigInteger(Decimal::from_i128(0, 0)))?,
            }
        }
        Ok(object.finish())
    }
}
