//! Keys and values of basic types, of the right class and of others.

use hazelcast_client::{Data, SqlColumnType, Value};

use super::both::{Mapping, TYPES, client, compare, type_name};
use super::values::of_type;

fn data(value: &Value) -> Data {
    Data::from_value(value).unwrap().unwrap()
}

#[tokio::test]
async fn values_of_every_class() {
    let client = client().await;
    let all: Vec<Value> = TYPES.iter().flat_map(|(column_type, _)| of_type(*column_type)).collect();
    for (column_type, _) in TYPES {
        let format = type_name(column_type).to_lowercase();
        let name = format!("entries_basic_{}", format.replace(' ', "_"));
        let mapping = Mapping::new(&name, &[("valueFormat", &format)], &[("this", column_type)]);
        mapping.create(&client).await;
        let entries: Vec<_> =
            (0..).zip(&all).map(|(key, value)| (data(&Value::Integer(key)), data(value))).collect();
        client.map(name.clone()).put_all(&entries).await.unwrap();
        let count = compare(&client, &mapping).await;
        assert_eq!(count.left, 0, "{name}");
        assert_eq!(count.equal, entries.len() + of_type(column_type).len(), "{name}");
        if column_type == SqlColumnType::Varchar {
            assert!(count.errors > 40);
        }
    }
}
