//! Plans that are kept: a mapping that changes, here or elsewhere, changes what a text means.

use crate::bed;
use crate::wire::Client;

fn mapping(columns: &str) -> String {
    format!(
        "CREATE OR REPLACE EXTERNAL MAPPING kept_plans ({columns}) \
         TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')"
    )
}

#[test]
fn a_mapping_that_changes_changes_the_plans_that_were_kept() {
    let one = bed::shared_gateway();
    let other = bed::gateway(bed::shared_cluster());
    let mut client = Client::connect(one.port);
    client.query(&mapping("__key INT, a INT")).ok();
    client.query("SINK INTO kept_plans VALUES (1, 7)").ok();
    let texts = |client: &mut Client, key: &str| {
        client.query(&format!("SELECT * FROM kept_plans WHERE __key = {key}")).ok().texts()
    };
    let some = |texts: &[&str]| vec![texts.iter().map(|text| Some((*text).to_owned())).collect::<Vec<_>>()];
    for _ in 0..4 {
        assert_eq!(texts(&mut client, "1"), some(&["1", "7"]));
        assert!(texts(&mut client, "2").is_empty(), "another literal is another text");
    }
    client.query(&mapping("__key INT, a INT, b VARCHAR")).ok();
    client.query("SINK INTO kept_plans VALUES (1, 7, 'x')").ok();
    assert_eq!(texts(&mut client, "1"), some(&["1", "7", "x"]), "changed by this session");
    assert_eq!(texts(&mut Client::connect(one.port), "1"), some(&["1", "7", "x"]), "and for others");
    // By another gateway: seen within moments.
    Client::connect(other.port).query(&mapping("__key INT, b VARCHAR")).ok();
    let begun = std::time::Instant::now();
    while texts(&mut client, "1") != some(&["1", "x"]) {
        assert!(begun.elapsed().as_secs() < 10, "the change is seen");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    client.query("DROP MAPPING kept_plans").ok();
    assert_eq!(client.query("SELECT * FROM kept_plans WHERE __key = 1").sqlstate(), Some("42P01"));
}
