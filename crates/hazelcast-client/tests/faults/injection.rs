//! The faults: what is done to members and to the ways there, and when.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hazelcast_client::Uuid;
use member::Cluster;

use crate::Plan;
use crate::members::{COUNT, Members, Proxies};

/// What was done.
#[derive(Debug, Default, Clone, Copy)]
pub struct Injected {
    pub kills: usize,
    pauses: usize,
    cuts: usize,
    halves: usize,
    nonsense: usize,
    stops: usize,
    slow: usize,
    refusals: usize,
}

impl Injected {
    fn total(&self) -> usize {
        self.kills + self.pauses + self.of_connections()
    }

    fn of_connections(&self) -> usize {
        self.cuts + self.halves + self.nonsense + self.stops + self.slow + self.refusals
    }
}

impl fmt::Display for Injected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, pauses, cuts, halves, nonsense, stops, slow, refusals } = self;
        write!(
            f,
            "{} faults: {kills} members killed, {pauses} paused; connections: {cuts} cut, {halves} cut in a message, \
             {nonsense} told nonsense, {stops} stopped, {slow} slowed, {refusals} refused",
            self.total()
        )
    }
}

/// Two things at a time: members die one after another, and their connections have faults all along.
pub async fn run(members: &mut Members, proxies: &Arc<Proxies>, plan: Plan) -> Injected {
    let until = Instant::now() + plan.limit;
    let done = Arc::new(AtomicBool::new(false));
    let ways = tokio::spawn(faults_of_connections(Arc::clone(proxies), plan, until, Arc::clone(&done)));
    let mut injected = Injected::default();
    for number in 0..plan.kills {
        if Instant::now() > until {
            break;
        }
        let member = number % COUNT;
        pause((member + 1) % COUNT, members).await;
        injected.pauses += 1;
        tokio::time::sleep(Duration::from_millis(random(300) as u64)).await;
        let begun = Instant::now();
        let restarted = members.with(move |cluster| {
            cluster.kill(member)?;
            std::thread::sleep(Duration::from_millis(random(700) as u64));
            // While it was away, a connection of somebody else may have taken its port.
            let back = (0..5).any(|_| {
                let restarted = cluster.restart(member);
                restarted.inspect_err(|_| drop(cluster.kill(member))).is_ok()
            });
            assert!(back, "a killed member starts again");
            Ok::<_, member::Error>(is_safe_within(cluster, Duration::from_secs(120)))
        });
        let safe = restarted.await.expect("a killed member starts again");
        injected.kills += 1;
        if !safe {
            eprintln!("the cluster has not made copies of all entries");
        }
        if number % 10 == 1 {
            let (took, left) = (begun.elapsed(), until.saturating_duration_since(Instant::now()).as_secs());
            eprintln!(
                "{} kills, the last took {took:?} until the member was back; {left} s left",
                injected.kills
            );
        }
    }
    done.store(true, Ordering::Relaxed);
    let ways = ways.await.expect("no panic");
    Injected { kills: injected.kills, pauses: injected.pauses, ..ways }
}

/// Whether copies of all entries have been made since the cluster has all its members: entries would be lost with the next
/// of them otherwise. The oldest member, which sees to the copies, says so in its log.
fn is_safe_within(cluster: &mut Cluster, patience: Duration) -> bool {
    let begun = Instant::now();
    let complete = format!("Members {{size:{COUNT},");
    while begun.elapsed() < patience {
        for member in 0..COUNT {
            let log = cluster.member(member).map(|member| member.text()).unwrap_or_default();
            let since = log.rsplit_once(&complete).map_or("", |(_, since)| since);
            if since.contains("All migration tasks have been completed") {
                return true;
            }
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    false
}

async fn pause(member: usize, members: &mut Members) {
    let time = Duration::from_millis(200 + random(1200) as u64);
    let paused = members.with(move |cluster| {
        let member = cluster.member(member).expect("it runs");
        member.signal("STOP")?;
        std::thread::sleep(time);
        member.signal("CONT")
    });
    paused.await.expect("a signal is taken");
}

async fn faults_of_connections(
    proxies: Arc<Proxies>,
    plan: Plan,
    until: Instant,
    kills_are_done: Arc<AtomicBool>,
) -> Injected {
    let wanted = plan.faults.saturating_sub(2 * plan.kills);
    let mut injected = Injected::default();
    while injected.of_connections() < wanted && Instant::now() < until {
        one(&proxies, &mut injected);
        let usual = if kills_are_done.load(Ordering::Relaxed) { 60 } else { 100 };
        tokio::time::sleep(Duration::from_millis(usual + random(60) as u64)).await;
    }
    injected
}

fn one(proxies: &Proxies, injected: &mut Injected) {
    let proxy = &proxies.all[random(COUNT)];
    let time = Duration::from_millis(20 + random(300) as u64);
    let which = random(1000);
    match random(100) {
        0..30 => injected.cuts += usize::from(proxy.cut(which)),
        30..55 => injected.halves += usize::from(proxy.cut_in_the_middle(which)),
        55..80 => injected.nonsense += usize::from(proxy.say(which, nonsense())),
        80..83 => {
            proxy.cut_all();
            injected.cuts += 1;
        }
        83..90 => {
            proxy.slow(time * 3);
            injected.slow += 1;
        }
        90..97 => {
            // Now and then for longer than a heartbeat may be missing.
            proxy.stop(if random(20) == 0 { Duration::from_secs(4) } else { time });
            injected.stops += 1;
        }
        _ => {
            proxy.refuse(time);
            injected.refusals += 1;
        }
    }
}

/// What no member says: at the end of a message, so that it is not taken for a part of one.
fn nonsense() -> Vec<u8> {
    let noise: Vec<u8> = (0..random(200)).map(|_| random(256) as u8).collect();
    let frame = |length: i32, flags: u16| [&length.to_le_bytes()[..], &flags.to_le_bytes(), &noise].concat();
    match random(6) {
        0 => frame(-1, 0xe000),
        1 => frame(i32::MAX, 0xe000),
        2 => frame(0, 0),
        3 => frame(5, 0x2000),
        // A fragment that never had a beginning.
        4 => frame(14, 0x2000),
        _ => vec![0xff; 64],
    }
}

fn random(below: usize) -> usize {
    (Uuid::new_v4().as_u64_pair().1 % below as u64) as usize
}
