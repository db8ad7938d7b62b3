//! The catalog: complete beside PostgreSQL's, and the cluster as tables in schema `hazelcast`.

use std::time::{Duration, Instant};

use crate::bed;
use crate::wire::{self, Client, Reply};

/// All rows, in an order that doesn't depend on the server.
fn rows(reply: Reply) -> Vec<Vec<Option<String>>> {
    let mut rows = reply.ok().texts();
    rows.sort();
    rows
}

/// Fails with the first row that only one side has.
fn same(what: &str, ours: &[Vec<Option<String>>], theirs: &[Vec<Option<String>>]) {
    let only_theirs = theirs.iter().find(|row| ours.binary_search(row).is_err());
    let only_ours = ours.iter().find(|row| theirs.binary_search(row).is_err());
    assert!(
        only_theirs.is_none() && only_ours.is_none(),
        "{what}: PostgreSQL {only_theirs:?}, we {only_ours:?}"
    );
    assert_eq!(ours.len(), theirs.len(), "{what}");
}

#[test]
fn every_relation_of_postgresql_has_its_columns() {
    let mut both = bed::both();
    let columns = "SELECT n.nspname, c.relname, c.relkind, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), \
                   a.attnotnull, a.attcollation FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
                   JOIN pg_namespace n ON n.oid = c.relnamespace \
                   WHERE n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.oid < 16384";
    let theirs = rows(both.oracle.query(columns));
    assert!(theirs.len() > 3000, "{}", theirs.len());
    same("columns", &rows(both.gateway.query(columns)), &theirs);
    let relations = "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                     WHERE n.nspname IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'v')";
    for row in rows(both.oracle.query(relations)) {
        let name: Vec<String> = row.into_iter().flatten().collect();
        let read = format!("SELECT * FROM {} LIMIT 0", name.join("."));
        let described = |reply: Reply| -> Vec<(String, u32)> {
            let columns = reply.ok().columns.unwrap_or_default();
            columns.into_iter().map(|column| (column.name, column.oid)).collect()
        };
        let theirs = described(both.oracle.query(&read));
        assert_eq!(described(both.gateway.query(&read)), theirs, "{read}");
    }
}

#[test]
fn built_in_objects_are_postgresqls() {
    let mut both = bed::both();
    for table in [
        "pg_type WHERE oid < 16384",
        "pg_proc WHERE oid < 16384",
        "pg_operator",
        "pg_cast",
        "pg_collation",
        "pg_am",
        "pg_amop",
        "pg_amproc",
        "pg_opclass",
        "pg_opfamily",
        "pg_language",
        "pg_aggregate",
        "pg_conversion",
        "pg_range",
        "pg_ts_config",
        "pg_ts_dict",
        "pg_ts_parser",
        "pg_ts_template",
        "pg_constraint WHERE oid < 16384",
        "pg_index WHERE indexrelid < 16384",
        "pg_description WHERE objoid < 16384",
    ] {
        let read = format!("SELECT * FROM {table}");
        same(table, &rows(both.gateway.query(&read)), &rows(both.oracle.query(&read)));
    }
}

fn gateway() -> Client {
    Client::connect(bed::shared_gateway().port)
}

#[test]
fn the_cluster_is_tables() {
    let mut client = gateway();
    client.query("CREATE OR REPLACE MAPPING cat_a (__key INT, n INT) TYPE imap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')").ok();
    client.query("SINK INTO cat_a VALUES (1, 10), (2, 20)").ok();
    client.query("CREATE INDEX IF NOT EXISTS cat_a_n ON cat_a (n) TYPE SORTED").ok();
    // A mapping that is gone leaves its map.
    client.query("CREATE OR REPLACE MAPPING cat_b EXTERNAL NAME cat_b (__key INT, name VARCHAR, n BIGINT) TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')").ok();
    client.query("SINK INTO cat_b VALUES (1, 'x', 5), (2, NULL, 6)").ok();
    client.query("DROP MAPPING cat_b").ok();

    let row = |client: &mut Client, sql: &str| client.query(sql).ok().texts().remove(0);
    let text = |text: &str| Some(text.to_owned());
    let members = row(&mut client, "SELECT lite, connected, partitions, version FROM hazelcast.members");
    assert_eq!(members, [text("f"), text("t"), text("271"), text("5.7.0")]);
    let owners = "SELECT count(*), count(DISTINCT owner), min(partition), max(partition) FROM hazelcast.partitions p \
                  JOIN hazelcast.members m ON m.uuid = p.owner";
    assert_eq!(row(&mut client, owners), [text("271"), text("1"), text("0"), text("270")]);
    let maps = "SELECT size, mappings, not_known, backups FROM hazelcast.maps WHERE name = 'cat_a'";
    assert_eq!(row(&mut client, maps), [text("2"), text("{cat_a}"), None, text("1")]);
    let indexes = "SELECT name, type, attributes FROM hazelcast.indexes WHERE map = 'cat_a'";
    assert_eq!(row(&mut client, indexes), [text("cat_a_n"), text("SORTED"), text("{n}")]);
    let clients = "SELECT count(*) > 0 FROM hazelcast.clients WHERE name LIKE 'hazelgres%'";
    assert_eq!(client.query(clients).value(), "t");
    // Also below an expression, by both protocols.
    let inside = "SELECT (SELECT count(*) FROM hazelcast.partitions), 1 FROM cat_a WHERE __key = 1";
    assert_eq!(client.extended(inside, &[], 0).ok().texts(), [vec![text("271"), text("1")]]);

    let unmapped = "SELECT suggestion FROM hazelcast.maps WHERE name = 'cat_b' AND mappings = '{}'";
    let suggestion = client.query(unmapped).value();
    client.query(&suggestion).ok();
    let read = client.query("SELECT __key, name, n FROM cat_b ORDER BY 1").ok().texts();
    assert_eq!(read, [[text("1"), text("x"), text("5")], [text("2"), None, text("6")]]);
    client.query("DROP MAPPING cat_b").ok();
}

#[test]
fn jobs_and_running_queries_are_tables() {
    let mut client = gateway();
    client.query("CREATE OR REPLACE MAPPING cat_j (__key INT, n INT) TYPE imap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')").ok();
    let job = "CREATE JOB cat_job AS SINK INTO cat_j SELECT CAST(v AS INT), 1 FROM TABLE(generate_stream(1))";
    client.query(job).ok();
    let query = "query LIKE 'CREATE JOB cat_job AS SINK INTO cat_j %'";
    let running = "status = 'RUNNING' AND unbounded AND NOT light AND submitted IS NOT NULL";
    let seen = format!("SELECT count(*) FROM hazelcast.running_queries WHERE {query} AND {running}");
    until_there_is(&mut client, &seen);
    let seen = format!(
        "SELECT count(*) FROM hazelcast.jobs WHERE name = 'cat_job' AND {query} AND {running} AND completed IS NULL \
         AND failure IS NULL AND NOT user_cancelled"
    );
    assert_eq!(client.query(&seen).value(), "1");
    client.query("DROP JOB cat_job").ok();
    until_there_is(
        &mut client,
        "SELECT count(*) FROM hazelcast.jobs WHERE name = 'cat_job' AND status = 'FAILED' AND user_cancelled \
         AND failure LIKE '%CancellationByUserException%' AND completed >= submitted",
    );
    let left = format!("SELECT count(*) FROM hazelcast.running_queries WHERE {query}");
    assert_eq!(client.query(&left).value(), "0");
}

/// Waits until something is seen: a second or two, on a machine that has nothing else to do.
fn until_there_is(client: &mut Client, question: &str) {
    let begun = Instant::now();
    while client.query(question).ok().value() == "0" {
        assert!(begun.elapsed() < Duration::from_secs(8), "{question}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn indexes_of_maps_are_indexes() {
    let mut client = gateway();
    client.query("CREATE OR REPLACE MAPPING cat_i (__key INT, a INT, b VARCHAR) TYPE imap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')").ok();
    client.query("CREATE INDEX IF NOT EXISTS cat_i_a ON cat_i (a, b) TYPE SORTED").ok();
    client.query("CREATE INDEX IF NOT EXISTS cat_i_h ON cat_i (b) TYPE HASH").ok();
    // To another session, at once.
    let mut other = gateway();
    let definitions =
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'cat_i'::regclass ORDER BY 1";
    let found: Vec<String> = other.query(definitions).ok().texts().into_iter().flatten().flatten().collect();
    assert_eq!(
        found,
        [
            "CREATE INDEX cat_i_a ON public.cat_i USING btree (a, b)",
            "CREATE INDEX cat_i_h ON public.cat_i USING hash (b)",
            // The connector's name in lower case is the same connector.
            "CREATE UNIQUE INDEX cat_i_pkey ON public.cat_i USING btree (__key)",
        ]
    );
    let keys = "SELECT indisprimary, indisunique FROM pg_index WHERE indexrelid = 'cat_i_a'::regclass";
    assert_eq!(other.query(keys).ok().texts(), [[Some("f".to_owned()), Some("f".to_owned())]]);
    // Made by others than this gateway, an index is seen a little later, and a table at once.
    let elsewhere = bed::gateway(bed::shared_cluster());
    let mut others = Client::connect(elsewhere.port);
    others.query("CREATE INDEX cat_i_late ON cat_i (a) TYPE SORTED").ok();
    until_there_is(&mut other, "SELECT count(*) FROM pg_class WHERE relname = 'cat_i_late'");
    others.query("CREATE OR REPLACE MAPPING cat_late (__key INT, a INT) TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')").ok();
    until_there_is(&mut other, "SELECT count(*) FROM pg_class WHERE relname = 'cat_late'");
    others.query("DROP MAPPING cat_late").ok();
    client.query("DROP MAPPING cat_i").ok();
    assert_eq!(other.query("SELECT 'cat_i_a'::regclass").sqlstate(), Some("42P01"));
}

/// What the members measure comes every five seconds.
#[test]
fn sizes_are_what_maps_take() {
    let mut client = gateway();
    client.query("CREATE OR REPLACE MAPPING cat_size (__key INT, this VARCHAR) TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'varchar')").ok();
    client.query("SINK INTO cat_size SELECT v, repeat('x', 1000) FROM generate_series(1, 100) g(v)").ok();
    let size =
        |client: &mut Client, sql: &str| -> i64 { client.query(sql).ok().value().parse().expect("bytes") };
    let begun = Instant::now();
    // A map of which nothing has been measured takes nothing.
    while size(&mut client, "SELECT pg_table_size('cat_size')") == 0 {
        assert!(begun.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(100));
    }
    let table = size(&mut client, "SELECT pg_table_size('cat_size')");
    assert!((100_000..200_000).contains(&table), "{table}");
    let others = "SELECT pg_relation_size('cat_size') = pg_total_relation_size(oid) - pg_indexes_size(oid) AND \
                  pg_relation_size('cat_size_pkey') = 0 AND pg_table_size('pg_class') = 0 AND \
                  pg_database_size(current_database()) >= pg_table_size(oid) AND pg_table_size(1) IS NULL \
                  FROM pg_class WHERE relname = 'cat_size'";
    assert_eq!(client.query(others).ok().value(), "t");
    // Below an expression, and by the extended protocol.
    let told =
        "SELECT (SELECT bytes FROM hazelcast.map_memory WHERE map = 'cat_size') = pg_table_size('cat_size')";
    assert_eq!(client.extended(told, &[], 0).ok().value(), "t");
    client.query("DROP MAPPING cat_size").ok();
}

#[test]
fn executions_are_counted() {
    let mut client = gateway();
    client.query("SELECT 1 AS counted").ok();
    client.query("select 2 as Counted -- again").ok();
    client.extended("SELECT generate_series(1, $1) AS counted_rows", &[Some("3")], 0).ok();
    // Two of three rows, and no more.
    let few = [
        wire::parse("", "SELECT generate_series(1, $1) AS counted_rows", &[]),
        wire::bind(&[Some("3")], 0),
        wire::message(b'E', &[&b"\0"[..], &2i32.to_be_bytes()[..]].concat()),
        wire::message(b'S', &[]),
    ];
    client.write(&few.concat());
    client.until_ready();
    assert!(client.query("SELECT 1 / 0 AS counted").error.is_some());
    client.query("PREPARE counted AS SELECT 5 AS counted_by_name").ok();
    client.query("EXECUTE counted").ok();
    client.simple("SELECT 1 AS counted; SELECT 2 AS counted_second");
    let counted = "SELECT query, calls, rows, total_exec_time > 0 AND min_exec_time <= mean_exec_time AND mean_exec_time <= max_exec_time \
                   FROM pg_stat_statements WHERE query LIKE '%counted%' AND query NOT LIKE '%pg_stat%' ORDER BY 1";
    let found: Vec<String> = rows(client.query(counted))
        .into_iter()
        .map(|row| row.into_iter().flatten().collect::<Vec<_>>().join("|"))
        .collect();
    assert_eq!(
        found,
        [
            "PREPARE counted AS SELECT $1 AS counted_by_name|1|1|t",
            "SELECT $1 AS counted|3|3|t",
            "SELECT $1 AS counted_second|1|1|t",
            "SELECT generate_series($2, $1) AS counted_rows|2|5|t",
        ]
    );
    // A command is recorded as it was written; the number of a statement is that of its session's activity.
    client.query("EXPLAIN SELECT 7 AS counted_plan").ok();
    let plan =
        "SELECT query FROM pg_stat_statements WHERE query LIKE '%counted_plan' AND query LIKE 'EXPLAIN%'";
    assert_eq!(client.query(plan).ok().value(), "EXPLAIN SELECT 7 AS counted_plan");
    let mut other = gateway();
    other.query("SELECT 3 AS counted_elsewhere").ok();
    let activity = "SELECT a.state, a.wait_event_type, a.wait_event, a.leader_pid IS NULL, a.state_change >= a.query_start, s.query \
                    FROM pg_stat_activity a JOIN pg_stat_statements s ON s.queryid = a.query_id \
                    WHERE a.query = 'SELECT 3 AS counted_elsewhere'";
    let text = |text: &str| Some(text.to_owned());
    let expected =
        ["idle", "Client", "ClientRead", "t", "t", "SELECT $1 AS counted_elsewhere"].map(text).to_vec();
    assert_eq!(rows(client.query(activity)), [expected]);
    let own = "SELECT state, wait_event_type FROM pg_stat_activity WHERE pid = pg_backend_pid()";
    assert_eq!(rows(client.query(own)), [vec![text("active"), None]]);
    let whose = "SELECT count(*) FROM public.pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid \
                 JOIN pg_database d ON d.oid = s.dbid WHERE r.rolname = current_user AND d.datname = current_database() \
                 AND query = 'SELECT $1 AS counted'";
    assert_eq!(client.query(whose).ok().value(), "1");
    let reset = "SELECT pg_stat_statements_reset(0, 0, queryid) FROM pg_stat_statements WHERE query = 'SELECT $1 AS counted'";
    client.query(reset).ok();
    assert_eq!(client.query(whose).ok().value(), "0");
    client.query("SELECT pg_stat_statements_reset()").ok();
    let left = "SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%counted%'";
    assert_eq!(client.query(left).ok().value(), "0");
    assert_eq!(client.query("SELECT stats_reset <= now() FROM pg_stat_statements_info").ok().value(), "t");
    // The functions under the views, as agents of monitoring call them.
    client.query("SELECT 4 AS counted").ok();
    for (with_text, missing) in [("false", "t"), ("true", "f")] {
        let called = format!(
            "SELECT bool_and(query IS NULL) FROM pg_stat_statements({with_text}) s JOIN pg_database d ON d.oid = s.dbid WHERE calls > 0"
        );
        assert_eq!(client.query(&called).ok().value(), missing);
    }
    let same = "SELECT (SELECT count(*) FROM pg_stat_statements) - (SELECT count(*) FROM public.pg_stat_statements(showtext => true))";
    assert_eq!(client.query(same).ok().value(), "0");
    assert_eq!(client.query("SELECT dealloc >= 0 FROM pg_stat_statements_info()").ok().value(), "t");
}

/// Data connections of the cluster, as psql's \\des+ and \\dew list them; not what they connect with.
#[test]
fn data_connections_are_foreign_servers() {
    let mut client = gateway();
    let made = "CREATE OR REPLACE DATA CONNECTION cat_link TYPE JDBC NOT SHARED \
                OPTIONS ('jdbcUrl' = 'jdbc:nosuch:x', 'user' = 'u', 'password' = 'secret')";
    client.query(made).ok();
    let servers = "SELECT s.srvname, pg_get_userbyid(s.srvowner), f.fdwname, s.srvtype, s.srvoptions IS NULL, \
                   has_server_privilege(s.oid, 'USAGE') FROM pg_foreign_server s JOIN pg_foreign_data_wrapper f ON f.oid = s.srvfdw \
                   WHERE s.srvname = 'cat_link'";
    let found = rows(client.query(servers));
    let row = |cells: [&str; 6]| vec![cells.map(|cell| Some(cell.to_owned())).to_vec()];
    assert_eq!(found, row(["cat_link", "postgres", "Jdbc", "Jdbc", "t", "t"]));
    let standard = "SELECT count(*) FROM information_schema.foreign_servers WHERE foreign_server_name = 'cat_link' \
                    AND foreign_data_wrapper_name = 'Jdbc'";
    assert_eq!(client.query(standard).ok().value(), "1");
    client.query("DROP DATA CONNECTION cat_link").ok();
    assert_eq!(rows(client.query(servers)).len(), 0);
}

/// What a session's transaction reads and changes is shown as PostgreSQL shows its locks, to the session and to others.
#[test]
fn transactions_show_what_they_use() {
    let mut both = bed::both();
    let own = "SELECT locktype, relation::regclass::text COLLATE \"C\", mode, granted, fastpath, virtualtransaction = virtualxid, \
               database IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())), waitstart \
               FROM pg_locks WHERE pid = pg_backend_pid() ORDER BY 1, 2, 3";
    let alone = "SELECT locktype, relation::regclass, virtualxid = virtualtransaction, virtualtransaction LIKE '%/%', pid, mode, granted, fastpath \
                 FROM pg_locks WHERE pid = pg_backend_pid() ORDER BY 1";
    let joined = "SELECT a.state, c.relname, l.mode, l.fastpath, d.datname = current_database() FROM pg_locks l \
                  JOIN pg_stat_activity a ON a.pid = l.pid LEFT JOIN pg_class c ON c.oid = l.relation \
                  LEFT JOIN pg_database d ON d.oid = l.database WHERE l.pid = pg_backend_pid() AND c.relname !~ '^pg_(auth|data)' ORDER BY 2, 3";
    let steps = [
        alone.replace(", pid,", ", pid = pg_backend_pid(),"),
        own.into(),
        joined.into(),
        "BEGIN".into(),
        own.into(),
        "SELECT count(*) FROM movies m JOIN casts c ON c.movie_id = m.__key WHERE m.__key < 0".into(),
        "SELECT title FROM movies WHERE __key < 0 FOR UPDATE".into(),
        "UPDATE reviews SET rating = rating WHERE false".into(),
        "WITH w AS (SELECT * FROM actors) SELECT count(*) FROM w WHERE __key < 0".into(),
        own.into(),
        "SELECT pg_blocking_pids(pg_backend_pid())".into(),
        "ROLLBACK".into(),
        own.into(),
    ];
    for step in &steps {
        let (ours, theirs) = (both.gateway.query(step).ok(), both.oracle.query(step).ok());
        assert_eq!(ours.texts(), theirs.texts(), "{step}");
    }
    // Another session sees it as long as the transaction lasts.
    let mut other = gateway();
    let pid = other.query("SELECT pg_backend_pid()").value();
    let seen = format!(
        "SELECT string_agg(c.relname || ' ' || l.mode, ', ' ORDER BY c.relname COLLATE \"C\"), count(*) FILTER (WHERE l.locktype = 'virtualxid') \
         FROM pg_locks l JOIN pg_stat_activity a USING (pid) LEFT JOIN pg_class c ON c.oid = l.relation WHERE pid = {pid}"
    );
    let mut seen = || rows(both.gateway.query(&seen)).concat().into_iter().flatten().collect::<Vec<_>>();
    assert_eq!(seen(), ["0"]);
    other.query("BEGIN").ok();
    assert_eq!(seen(), ["1"]);
    other.query("SELECT FROM actors LIMIT 1").ok();
    assert_eq!(seen(), ["actors AccessShareLock, actors_pkey AccessShareLock", "1"]);
    assert!(other.query("SELECT 1 / 0").error.is_some());
    assert_eq!(seen(), ["0"]);
}

/// DDL made through one session is seen by the next statement of every other; by other gateways, within a second on a
/// machine that has nothing else to do. An unknown relation is asked of the cluster before it is declared unknown.
#[test]
fn changes_of_the_catalog_are_seen() {
    let (mut one, mut other) = (gateway(), gateway());
    let elsewhere = bed::gateway(bed::shared_cluster());
    let mut far = Client::connect(elsewhere.port);
    let listed = "SELECT count(*) FROM pg_class WHERE relname = 'cat_seen'";
    let mut fastest = Duration::MAX;
    for round in 0..5 {
        let columns = if round % 2 == 0 { "n INT" } else { "n INT, m INT" };
        one.query(&format!("CREATE MAPPING cat_seen (__key INT, {columns}) TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')")).ok();
        assert_eq!(other.query(listed).ok().value(), "1", "{round}");
        if round % 2 == 0 {
            // The name itself is found at once, whoever is asked.
            far.query("SELECT n FROM cat_seen").ok();
        }
        let begun = Instant::now();
        until_there_is(&mut far, listed);
        fastest = if round % 2 == 0 { fastest } else { fastest.min(begun.elapsed()) };
        one.query("DROP MAPPING cat_seen").ok();
        assert_eq!(other.query(listed).ok().value(), "0", "{round}");
        assert_eq!(other.query("SELECT n FROM cat_seen").sqlstate(), Some("42P01"));
        let begun = Instant::now();
        while far.query(listed).ok().value() == "1" {
            assert!(begun.elapsed() < Duration::from_secs(8));
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(far.query("SELECT n FROM cat_seen").sqlstate(), Some("42P01"));
    }
    // One of two, so that a machine with much else to do may be late once.
    assert!(fastest < Duration::from_secs(1), "seen after {fastest:?}");
}

/// While a picture is being read that does not come, the old one answers: of a member that is stopped nothing can be read.
#[test]
fn nobody_waits_for_a_new_picture() {
    let mut cluster = bed::cluster(1);
    let ours = bed::gateway(&cluster.address());
    let (mut client, mut asking) = (Client::connect(ours.port), Client::connect(ours.port));
    client.query("CREATE MAPPING cat_old (__key INT, n INT) TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')").ok();
    let pid = cluster.member(0).expect("a member").pid().to_string();
    let signal = |name: &str| {
        let sent = std::process::Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.expect("kill runs").success());
    };
    signal("STOP");
    asking.write(&wire::message(b'Q', b"SELECT * FROM cat_unknown\0"));
    // The sizes and indexes of maps are asked for meanwhile, too.
    let (begun, mut slowest) = (Instant::now(), Duration::ZERO);
    while begun.elapsed() < Duration::from_secs(3) {
        let asked = Instant::now();
        let column = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'cat_old'";
        assert_eq!(client.query(column).ok().value(), "2");
        let other =
            format!("SELECT relname FROM pg_class WHERE oid <> {}", begun.elapsed().as_nanos() as u32);
        assert!(client.query(&other).ok().rows.len() > 100);
        slowest = slowest.max(asked.elapsed());
        std::thread::sleep(Duration::from_millis(20));
    }
    signal("CONT");
    // Whoever asked for what is unknown has waited for it.
    let answered = asking.until_ready();
    assert!(answered.iter().any(|message| message.tag == b'E'), "{answered:?}");
    assert!(slowest < Duration::from_secs(2), "a statement waited for {slowest:?}");
}
