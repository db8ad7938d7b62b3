//! Several members: which of them is asked.

use super::*;
use crate::Routing;
use crate::error::Error;

const PATIENCE: Duration = Duration::from_secs(60);

/// Members that own the partitions in turn; `change` makes something else of what the view says of each. The first one's
/// address is what the client is told.
async fn members(count: usize, change: impl Fn(usize, &mut Listed<'_>)) -> Vec<FakeMember> {
    let known = Arc::new(std::sync::OnceLock::<Vec<Vec<u8>>>::new());
    let script = |uuid: Uuid| {
        let known = Arc::clone(&known);
        move |request: &Message| match request.message_type() {
            types::AUTHENTICATION => Answer::Send(vec![auth_of(uuid)]),
            types::ADD_CLUSTER_VIEW_LISTENER => {
                let mut messages = known.get().unwrap().clone();
                messages.push(recorded("cluster_view_listener"));
                Answer::Send(messages)
            }
            types::MAP_GET => Answer::Send(vec![recorded("map_get_missing")]),
            // The second member is lost at this; the first one knows the answer.
            types::MAP_CONTAINS_KEY if uuid == Uuid::from_u128(2) => Answer::Close,
            types::MAP_CONTAINS_KEY => Answer::Send(vec![recorded("map_contains_key")]),
            types::MAP_PUT => Answer::Close,
            types::SQL_EXECUTE => Answer::Send(vec![recorded("select_key_fast_path")]),
            _ => usual(request),
        }
    };
    let uuids: Vec<_> = (1..=count as u128).map(Uuid::from_u128).collect();
    let mut members = Vec::new();
    for uuid in &uuids {
        members.push(FakeMember::start(script(*uuid), Pieces::Whole).await);
    }
    let listed = uuids.iter().zip(&members).enumerate().map(|(number, (uuid, member))| {
        let mut listed = Listed::new(*uuid, &member.address);
        change(number, &mut listed);
        listed
    });
    let listed: Vec<_> = listed.collect();
    known.set(views(&listed, |partition| partition as usize % count)).unwrap();
    members
}

/// Two members that own the even and the odd partitions.
pub(super) async fn two_members() -> (FakeMember, FakeMember) {
    let mut both = members(2, |_, _| ()).await.into_iter();
    (both.next().unwrap(), both.next().unwrap())
}

pub(super) async fn all_connected(client: &Client, count: usize) {
    let mut state = client.state();
    let all = state.wait_for(|state| state.connected.len() == count);
    tokio::time::timeout(PATIENCE, all).await.unwrap().unwrap();
}

pub(super) fn key(number: i32) -> crate::Data {
    crate::Data::from_value(&crate::Value::Integer(number)).unwrap().unwrap()
}

#[tokio::test]
async fn requests_go_to_the_owners_of_their_keys() {
    let (first, second) = two_members().await;
    let client = first.client().await;
    all_connected(&client, 2).await;
    let map = client.map("m");
    let odd = (0..40).filter(|number| map.partition_of(&key(*number)).unwrap() % 2 == 1).count();
    assert!(odd > 5 && odd < 35);
    for number in 0..40 {
        assert_eq!(map.get(&key(number)).await.unwrap(), None);
    }
    assert_eq!((first.count(types::MAP_GET), second.count(types::MAP_GET)), (40 - odd, odd));
    // Of look-ups by SQL the first only can't know the owner.
    for number in 0..40 {
        let _ =
            client.sql("SELECT s FROM t WHERE __key = ?").arg(number).lookup(true).execute().await.unwrap();
    }
    let (of_first, of_second) = (first.count(types::SQL_EXECUTE), second.count(types::SQL_EXECUTE));
    assert_eq!(of_first + of_second, 40);
    assert!(of_second.abs_diff(odd) <= 1, "{of_second} {odd}");
}

#[tokio::test]
async fn reads_go_on_without_a_member_and_writes_say_that_they_are_unsure() {
    let (first, second) = two_members().await;
    let client = first.client().await;
    all_connected(&client, 2).await;
    let map = client.map("m");
    let odd = (0..).map(key).find(|key| map.partition_of(key).unwrap() % 2 == 1).unwrap();
    // The owner closes the connection at a put.
    let error = map.put(&odd, &odd, None).await.unwrap_err();
    assert!(matches!(error, Error::ConnectionLost { sent: true, .. }), "{error:?}");
    assert_eq!(second.count(types::MAP_PUT), 1, "a write isn't repeated");
    assert_eq!(map.get(&odd).await.unwrap(), None);
    // It is connected again, and lost at a read, which another member answers.
    all_connected(&client, 2).await;
    assert!(map.contains_key(&odd).await.unwrap());
    assert!(second.count(types::MAP_CONTAINS_KEY) >= 1);
    assert!(client.state().borrow().is_connected());
}

/// Behind a load balancer there are members that can't be reached: nobody tries to, and the one that is there is asked
/// for all keys.
#[tokio::test]
async fn a_client_of_one_member_connects_to_no_other() {
    let (first, second) = two_members().await;
    let client = first.builder().routing(Routing::SingleMember).connect_within(PATIENCE).await.unwrap();
    let mut state = client.state();
    let known = state.wait_for(|state| state.members.len() == 2 && state.partition_count > 0);
    assert_eq!(known.await.unwrap().connected[..], [Uuid::from_u128(1)]);
    let map = client.map("m");
    for number in 0..40 {
        assert_eq!(map.get(&key(number)).await.unwrap(), None);
        let _ = client.sql("SELECT s FROM t").execute().await.unwrap();
    }
    assert_eq!((first.count(types::MAP_GET), first.count(types::SQL_EXECUTE)), (40, 40));
    // Longer than the pauses between attempts to connect.
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(second.count(types::AUTHENTICATION), 0);
}

/// Statements without a key take turns on the data members of the version that most members have.
#[tokio::test]
async fn statements_run_on_data_members_of_one_version_in_turn() {
    let members = members(5, |number, listed| {
        listed.lite = number == 1;
        listed.minor_version = if number == 2 { 6 } else { 7 };
    })
    .await;
    let client = members[0].client().await;
    all_connected(&client, 5).await;
    for _ in 0..30 {
        let _ = client.sql("SELECT s FROM t").execute().await.unwrap();
    }
    let counts: Vec<_> = members.iter().map(|member| member.count(types::SQL_EXECUTE)).collect();
    assert_eq!(counts, [10, 0, 0, 10, 10]);
}
