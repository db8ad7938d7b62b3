//! Pages of random rows, written as members write them: every value must be read again, at any size, with any nulls.

use bytes::Bytes;
use proptest::prelude::*;

use super::message::Message;
use super::message_type::SQL_FETCH;
use super::request::RequestBuilder;
use super::sql;
use crate::{Date, DecimalRef, Page, SqlColumnType, Time, Timestamp, TimestampTz, ValueRef};

/// A column: its type, and for each row a number to make the value of, or a null.
type Column = (SqlColumnType, Vec<Option<i64>>);

/// The bytes of a value, made of a number.
fn value(column_type: SqlColumnType, seed: i64) -> Vec<u8> {
    use SqlColumnType::*;
    match column_type {
        Boolean => vec![u8::from(seed % 2 == 0)],
        TinyInt => (seed as i8).to_le_bytes().to_vec(),
        SmallInt => (seed as i16).to_le_bytes().to_vec(),
        Integer => (seed as i32).to_le_bytes().to_vec(),
        BigInt => seed.to_le_bytes().to_vec(),
        Real => (seed as f32).to_le_bytes().to_vec(),
        Double => (seed as f64).to_le_bytes().to_vec(),
        Date => [&(seed as i32).to_le_bytes()[..], &[2, 3]].concat(),
        Time => [&[4, 5, 6][..], &(seed as u32).to_le_bytes()].concat(),
        Timestamp => [value(Date, seed), value(Time, seed)].concat(),
        TimestampTz => [value(Timestamp, seed), (seed as i32).to_le_bytes().to_vec()].concat(),
        Decimal => {
            let unscaled = seed.to_be_bytes();
            [&8i32.to_le_bytes()[..], &unscaled, &(seed as i32).to_le_bytes()].concat()
        }
        Varchar | Json | Row => format!("é{seed}").into_bytes(),
        Object => [&[0; 4][..], &(-8i32).to_be_bytes(), &seed.to_be_bytes()].concat(),
        Null => Vec::new(),
    }
}

/// What a value made of a number is read as.
fn check(page: &Page, row: usize, column: usize, seed: i64) {
    let date = Date { year: seed as i32, month: 2, day: 3 };
    let time = Time { hour: 4, minute: 5, second: 6, nano: seed as u32 };
    let local = Timestamp { date, time };
    let text = format!("é{seed}");
    let (unscaled, data) = (seed.to_be_bytes(), value(SqlColumnType::Object, seed));
    let expected = match page.column_type(column).unwrap() {
        SqlColumnType::Boolean => ValueRef::Boolean(seed % 2 == 0),
        SqlColumnType::TinyInt => ValueRef::TinyInt(seed as i8),
        SqlColumnType::SmallInt => ValueRef::SmallInt(seed as i16),
        SqlColumnType::Integer => ValueRef::Integer(seed as i32),
        SqlColumnType::BigInt => ValueRef::BigInt(seed),
        SqlColumnType::Real => ValueRef::Real(seed as f32),
        SqlColumnType::Double => ValueRef::Double(seed as f64),
        SqlColumnType::Date => ValueRef::Date(date),
        SqlColumnType::Time => ValueRef::Time(time),
        SqlColumnType::Timestamp => ValueRef::Timestamp(local),
        SqlColumnType::TimestampTz => {
            ValueRef::TimestampTz(TimestampTz { local, offset_seconds: seed as i32 })
        }
        SqlColumnType::Decimal => ValueRef::Decimal(DecimalRef { unscaled: &unscaled, scale: seed as i32 }),
        SqlColumnType::Varchar => ValueRef::Varchar(&text),
        SqlColumnType::Json => ValueRef::Json(&text),
        SqlColumnType::Row => ValueRef::Row(&text),
        SqlColumnType::Object => ValueRef::Object(&data),
        SqlColumnType::Null => ValueRef::Null,
    };
    assert_eq!(page.value(row, column), expected);
}

/// A column vector, as the member's `CodecUtil` and `FixedSizeTypesCodec` write it.
fn write_column(out: &mut RequestBuilder, (column_type, values): &Column) {
    let count = (values.len() as i32).to_le_bytes();
    if *column_type == SqlColumnType::Null {
        out.frame(&count);
    } else if column_type.packed_width().is_some() {
        let nulls = values.iter().filter(|value| value.is_none()).count();
        let mut packed = vec![if nulls == values.len() {
            1
        } else if nulls == 0 {
            2
        } else {
            3
        }];
        packed.extend(count);
        for group in values.chunks(8) {
            if packed[0] == 3 {
                packed
                    .push(group.iter().rev().fold(0, |mask, value| (mask << 1) | u8::from(value.is_some())));
            }
            packed.extend(group.iter().flatten().flat_map(|seed| value(*column_type, *seed)));
        }
        out.frame(&packed);
    } else {
        out.begin();
        for seed in values {
            match seed {
                None => out.null(),
                Some(seed) if *column_type == SqlColumnType::Json => {
                    out.begin();
                    out.frame(&value(*column_type, *seed));
                    out.end();
                }
                Some(seed) => out.frame(&value(*column_type, *seed)),
            }
        }
        out.end();
    }
}

/// The answer to a fetch.
fn written(columns: &[Column], last: bool) -> Bytes {
    let mut out = RequestBuilder::new(SQL_FETCH + 1, 0);
    out.begin();
    out.frame(&[u8::from(last)]);
    out.frame(
        &columns.iter().flat_map(|(column_type, _)| column_type.id().to_le_bytes()).collect::<Vec<_>>(),
    );
    for column in columns {
        write_column(&mut out, column);
    }
    out.end();
    out.null();
    Bytes::from(out.finish().as_bytes().to_vec())
}

fn columns() -> impl Strategy<Value = Vec<Column>> {
    (0usize..70, 0.0f64..=1.0).prop_flat_map(|(rows, share)| {
        let value = proptest::option::weighted(share.clamp(0.01, 0.99), any::<i64>());
        let column_type = (0..17).prop_map(|id| SqlColumnType::from_id(id).unwrap());
        proptest::collection::vec((column_type, proptest::collection::vec(value, rows)), 0..6)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_value_is_read_again(columns in columns(), last in any::<bool>()) {
        let message = Message::new(written(&columns, last)).unwrap();
        let page = sql::fetched(&message, 1000).unwrap().unwrap();
        prop_assert_eq!(page.is_last(), last);
        prop_assert_eq!(page.columns(), columns.len());
        for (at, (column_type, values)) in columns.iter().enumerate() {
            prop_assert_eq!(page.rows(), values.len());
            for (row, seed) in values.iter().enumerate() {
                match seed {
                    Some(seed) => check(&page, row, at, *seed),
                    None => prop_assert_eq!(page.value(row, at), ValueRef::Null),
                }
                prop_assert_eq!(page.is_null(row, at), seed.is_none() || *column_type == SqlColumnType::Null);
            }
        }
    }
}

/// A page as long as the limit allows is read; one row more is refused, whatever it is made of.
#[test]
fn rows_have_a_limit() {
    for column_type in [SqlColumnType::Null, SqlColumnType::Integer, SqlColumnType::Varchar] {
        let page = |rows| Message::new(written(&[(column_type, vec![None; rows])], true)).unwrap();
        assert_eq!(sql::fetched(&page(1000), 1000).unwrap().unwrap().rows(), 1000);
        assert!(sql::fetched(&page(1001), 1000).is_err());
    }
    let uneven = [(SqlColumnType::Integer, vec![None; 3]), (SqlColumnType::Varchar, vec![None; 4])];
    assert!(sql::fetched(&Message::new(written(&uneven, true)).unwrap(), 1000).is_err());
}
