//! The PostgreSQL whose answers are the right ones.

use crate::wire::Client;

#[test]
fn the_oracle_is_the_postgresql_that_we_say_we_are() {
    let bed = crate::bed::oracle();
    let mut client = Client::connect(bed.port);
    assert!(client.settings["server_version"].starts_with("15."), "{:?}", client.settings);
    assert_eq!(client.query("SHOW lc_collate").value(), "C");
    assert_eq!(client.query("SHOW lc_ctype").value(), "C.UTF-8");
}
