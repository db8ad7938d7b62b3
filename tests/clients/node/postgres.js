// postgres.js: pipelined prepared statements, dynamic helpers, cursors, types fetched from the catalog.
import postgres from "postgres";
import { attempt, questions, show } from "./tour.js";

const place = { host: process.env.PGHOST, port: Number(process.env.PGPORT), user: process.env.PGUSER, database: process.env.PGDATABASE };
const sql = postgres({ ...place, max: 3, onnotice: () => {} });
for (const question of questions) show("question", [...(await sql.unsafe(question))]);
const types = await sql`SELECT * FROM types ORDER BY __key`;
show("columns", types.columns.map((c) => [c.name, c.type]));
show("types", [...types]);
show("arrays", [...(await sql`SELECT ARRAY[1, 2] AS a, ARRAY['x', NULL] AS b`)]);
show("helpers", [...(await sql`SELECT title FROM movies WHERE __key IN ${sql([1, 2, 3])} ORDER BY title`)]);
show("any", [...(await sql`SELECT title FROM movies WHERE __key = ANY(${[4, 5]}) ORDER BY title`)]);
for (const value of [1, 1.5, "x", true, null, new Date(0)]) await attempt(`parameter ${value}`, async () => [...(await sql`SELECT ${value}::text AS v`)]);
await attempt("syntax", () => sql`SELEC 1`);
await attempt("table", () => sql`SELECT * FROM nowhere`);
await attempt("division", () => sql`SELECT 1/${0}::int`);
show("insert", (await sql`INSERT INTO notes ${sql([{ __key: 1, author: "a", words: "b", stars: 1 }, { __key: 2, author: "c", words: null, stars: 2 }])}`).count);
show("update", (await sql`UPDATE notes SET ${sql({ words: "changed" }, "words")} WHERE __key = ${1}`).count);
show("notes", [...(await sql`SELECT * FROM notes ORDER BY __key`)]);
show("transaction", [...(await sql.begin(async (t) => {
  await t`DELETE FROM notes`;
  return t`SELECT count(*)::int AS n FROM notes`;
}))]);
let rows = 0;
for await (const batch of sql`SELECT * FROM casts ORDER BY __key`.cursor(100)) rows += batch.length;
show("cursor", rows);
await sql`SELECT __key FROM movies ORDER BY __key LIMIT 3`.forEach((row) => show("each", row));
show("describe", await sql`SELECT title, vote_count FROM movies WHERE __key = ${1}`.describe().then((d) => [d.types, d.columns.map((c) => [c.name, c.type])]));
const sleeping = sql`SELECT pg_sleep(20)`.execute();
setTimeout(() => sleeping.cancel(), 300);
await attempt("cancelled", () => sleeping);
show("alive", [...(await sql`SELECT 1 AS a`)]);
await sql.end();
