// Knex: its builder, its questions about tables and columns, batches, streams.
import knex from "knex";
import { attempt, show } from "./tour.js";

const k = knex({ client: "pg", connection: { host: process.env.PGHOST, port: process.env.PGPORT, user: process.env.PGUSER, database: process.env.PGDATABASE }, pool: { min: 1, max: 3 } });
show("has table", [await k.schema.hasTable("movies"), await k.schema.hasTable("nowhere")]);
show("has column", [await k.schema.hasColumn("movies", "title"), await k.schema.hasColumn("movies", "nothing")]);
show("columns", await k("types").columnInfo());
show("rows", await k("movies").select("__key", "title").whereIn("__key", [1, 2, 3]).orderBy("title"));
show("joined", await k("movies as m").join("casts as c", "c.movie_id", "m.id").groupBy("m.title").count("* as n").select("m.title").orderBy([{ column: "n", order: "desc" }, "m.title"]).limit(5));
show("with", await k.with("best", k("movies").where("vote_average", ">", 8.4)).from("best").count("*"));
show("like", await k("movies").whereILike("title", "%dark%").pluck("title").then((t) => t.sort()));
await k.batchInsert("notes", [...Array(30).keys()].map((n) => ({ __key: n, author: `a${n}`, words: "w", stars: n % 3 })), 10);
show("update", await k("notes").where("stars", 1).update({ words: "one" }));
show("notes", await k("notes").select("words").count("* as n").groupBy("words").orderBy("words"));
show("delete", await k("notes").del());
let rows = 0;
for await (const row of k("casts").select("*").stream()) rows += row.__key > 0 ? 1 : 0;
show("stream", rows);
await attempt("error", () => k("nowhere").select());
await k.transaction(async (t) => show("in a transaction", await t("movies").count("*")));
await k.destroy();
