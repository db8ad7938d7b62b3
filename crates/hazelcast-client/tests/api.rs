//! What programs rely on: types and futures go from thread to thread, and the handles are cheap to clone.

use hazelcast_client::{
    CancelHandle, Client, ClientBuilder, Data, EntryListener, EntryStream, Error, Map, MapLock,
    ObjectListener, Page, Pages, Predicate, Result, SqlRows, SqlStatement, Transaction, TransactionalMap,
    Value,
};

fn shared<T: Send + Sync>() {}
fn cloned<T: Clone + Send + Sync + 'static>() {}
fn is_send<T: Send>(_: T) {}

#[test]
fn types_go_from_thread_to_thread() {
    cloned::<Client>();
    cloned::<ClientBuilder>();
    cloned::<Map>();
    cloned::<SqlStatement>();
    cloned::<CancelHandle>();
    cloned::<Pages>();
    cloned::<Page>();
    cloned::<Data>();
    cloned::<Value>();
    cloned::<Error>();
    shared::<Transaction>();
    shared::<TransactionalMap<'_>>();
    shared::<MapLock>();
    // These are read by one task at a time.
    fn moved<T: Send + 'static>() {}
    moved::<SqlRows>();
    moved::<EntryStream>();
    moved::<EntryListener>();
    moved::<ObjectListener>();
}

/// Compiled, never run.
#[allow(dead_code)]
async fn futures_go_from_thread_to_thread(client: Client, mut rows: SqlRows) -> Result<()> {
    is_send(client.sql("SELECT 1").execute());
    is_send(rows.next_page());
    is_send(rows.close());
    let map = client.map("m");
    is_send(map.get(&1));
    is_send(map.put("key", &Value::Null, None));
    is_send(map.get_all(&[1, 2]));
    is_send(map.put_all(&[(1, "one")]));
    is_send(map.lock(&1, None));
    is_send(map.entries_where(&Predicate::sql("a > 1")));
    is_send(map.pages(10).next_entries());
    is_send(map.listen(true).next_event());
    let transaction = client.transaction().begin().await?;
    is_send(transaction.map("m").set(&1, &2));
    is_send(transaction.commit());
    is_send(client.shutdown());
    Ok(())
}
