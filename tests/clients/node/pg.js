// node-postgres: texts, parameters, named statements, cursors, streams, pool, types, cancel by timeout.
import pg from "pg";
import Cursor from "pg-cursor";
import QueryStream from "pg-query-stream";
import { attempt, questions, show } from "./tour.js";

const client = new pg.Client();
await client.connect();
for (const question of questions) show("question", (await client.query(question)).rows);
const types = await client.query("SELECT * FROM types ORDER BY __key");
show("fields", types.fields.map((f) => [f.name, f.dataTypeID, f.dataTypeSize, f.dataTypeModifier, f.format, f.columnID]));
show("types", types.rows);
show("arrays", (await client.query({ text: "SELECT ARRAY[1, 2], ARRAY['a', NULL], '{\"a\": 1}'::json, ROW(1, 'x')", rowMode: "array" })).rows);
for (const value of [1, 1e12, 1.5, "x", true, null, new Date(0), [1, 2], ["a", null], { a: 1 }, Buffer.from([0, 255])]) {
  await attempt(`parameter ${JSON.stringify(value)}`, async () => (await client.query("SELECT $1", [value])).rows);
  await attempt(`typed ${JSON.stringify(value)}`, async () => (await client.query("SELECT title FROM movies WHERE __key = $1", [value])).rows);
}
for (let key = 1; key < 8; key++) show("named", (await client.query({ name: "by-key", text: "SELECT title FROM movies WHERE __key = $1", values: [key] })).rows);
// Without waiting for one another: its own queue sends them one by one.
process.removeAllListeners("warning");
const queued = client;
show("many at once", (await Promise.all([1, 2, 3, 4, 5].map((n) => queued.query("SELECT $1::int * 2 AS n", [n])))).map((r) => r.rows[0].n));
show("several", (await client.query("SELECT 1 AS a; SELECT 2 AS b; SET application_name = 'x'")).map((r) => [r.command, r.rowCount, r.rows]));
for (const sql of ["SELEC 1", "SELECT * FROM nowhere", "SELECT m.nothing FROM movies m", "SELECT 1/0", "SELECT 'x'::int"]) {
  await attempt(sql, () => client.query(sql));
}
const cursor = client.query(new Cursor("SELECT __key FROM casts ORDER BY __key"));
show("cursor", await cursor.read(3));
show("cursor", (await cursor.read(1000)).length);
await cursor.close();
let rows = 0;
for await (const row of client.query(new QueryStream("SELECT * FROM casts", [], { batchSize: 50 }))) rows += row.movie_id > 0 ? 1 : 0;
show("stream", rows);
await client.query("BEGIN");
show("insert", (await client.query("INSERT INTO notes VALUES ($1, $2, $3, $4), ($5, $6, $7, $8)", [1, "a", null, 5, 2, "b", "w", null])).rowCount);
await client.query("COMMIT");
show("notes", (await client.query("SELECT * FROM notes ORDER BY __key")).rows);
show("delete", (await client.query("DELETE FROM notes")).rowCount);
await client.query("SET statement_timeout = 300");
await attempt("timeout", () => client.query("SELECT pg_sleep(20)"));
await client.query("RESET statement_timeout");
show("parameters", [client.database, client.user]);
await client.end();
const pool = new pg.Pool({ max: 4 });
show("pool", (await Promise.all([...Array(20).keys()].map((n) => pool.query("SELECT count(*)::int AS n FROM casts WHERE __key <= $1", [n])))).map((r) => r.rows[0].n));
await pool.end();
