//! Values of every type, ordinary ones and those at the ends.

use hazelcast_client::{Date, Decimal, SqlColumnType, Time, Timestamp, TimestampTz, Value};

pub fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse::<Decimal>().unwrap())
}

/// Values for a column of this type; a null is not among them.
pub fn of_type(column_type: SqlColumnType) -> Vec<Value> {
    let date = |year, month, day| Date::new(year, month, day).unwrap();
    let time = |hour, minute, second, nano| Time::new(hour, minute, second, nano).unwrap();
    let dates = [date(2024, 2, 29), date(-44, 3, 15), date(999_999_999, 12, 31), date(0, 1, 1)];
    let times =
        [time(0, 0, 0, 0), time(12, 34, 56, 789_000_000), time(23, 59, 59, 999_999_999), time(1, 0, 0, 1)];
    let local = |index: usize| Timestamp { date: dates[index], time: times[index] };
    let offsets = [0, 7200, -64_800, 3723];
    match column_type {
        SqlColumnType::Varchar => {
            ["", "x", "héllo 😀\n\"\\\u{2028}", &"long ".repeat(300)].map(Value::from).to_vec()
        }
        SqlColumnType::Boolean => vec![true.into(), false.into()],
        SqlColumnType::TinyInt => [0, 1, -1, i8::MIN, i8::MAX].map(Value::from).to_vec(),
        SqlColumnType::SmallInt => [0, 1, -1, i16::MIN, i16::MAX].map(Value::from).to_vec(),
        SqlColumnType::Integer => [0, 1, -1, i32::MIN, i32::MAX].map(Value::from).to_vec(),
        SqlColumnType::BigInt => [0, 1, -1, i64::MIN, i64::MAX].map(Value::from).to_vec(),
        SqlColumnType::Decimal => {
            ["0", "0.00", "-12345.6780", "1E+30", "1E-30", "99999999999999999999999999999999999999.5"]
                .map(decimal)
                .to_vec()
        }
        SqlColumnType::Real => {
            [0.0, -0.0, 1.5, f32::MIN, f32::MAX, f32::NAN, f32::INFINITY].map(Value::from).to_vec()
        }
        SqlColumnType::Double => {
            [0.0, -0.0, 0.1, f64::MIN, f64::MAX, f64::NAN, f64::NEG_INFINITY].map(Value::from).to_vec()
        }
        SqlColumnType::Date => dates.map(Value::from).to_vec(),
        SqlColumnType::Time => times.map(Value::from).to_vec(),
        SqlColumnType::Timestamp => (0..4).map(|index| local(index).into()).collect(),
        SqlColumnType::TimestampTz => (0..4)
            .map(|index| TimestampTz { local: local(index), offset_seconds: offsets[index] }.into())
            .collect(),
        SqlColumnType::Json => {
            vec![Value::Json("{\"a\": [1, null]}".to_string()), Value::Json("x".to_string())]
        }
        _ => vec![],
    }
}

/// Numbers as of dice, the same in each run.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, limit: usize) -> usize {
        // SplitMix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut next = self.0;
        next = (next ^ (next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        next = (next ^ (next >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((next ^ (next >> 31)) % limit.max(1) as u64) as usize
    }

    pub fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}
