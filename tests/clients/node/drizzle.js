// Drizzle: introspection of the schema by its kit, and its query builder.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { drizzle } from "drizzle-orm/node-postgres";
import { and, count, desc, eq, gt, inArray, sql } from "drizzle-orm";
import { doublePrecision, integer, pgTable, varchar } from "drizzle-orm/pg-core";
import pg from "pg";
import { attempt, show } from "./tour.js";

const out = `./drizzle-${process.env.PGPORT}`;
rmSync(out, { recursive: true, force: true });
execFileSync("npx", ["drizzle-kit", "introspect"], { stdio: ["ignore", "ignore", "inherit"] });
// Tables come in the order of their oids.
console.log(readFileSync(`${out}/schema.ts`, "utf8").split("\n\n").map((t) => t.trim()).sort().join("\n\n"));
rmSync(out, { recursive: true, force: true });
const pool = new pg.Pool();
const db = drizzle(pool);
const movies = pgTable("movies", { key: integer("__key").primaryKey(), id: integer(), title: varchar(), average: doublePrecision("vote_average"), votes: integer("vote_count") });
const casts = pgTable("casts", { key: integer("__key").primaryKey(), movie: integer("movie_id"), actor: integer("actor_id") });
const notes = pgTable("notes", { key: integer("__key").primaryKey(), author: varchar(), words: varchar(), stars: integer() });
show("rows", await db.select().from(movies).where(inArray(movies.key, [1, 2])).orderBy(movies.key));
show("joined", await db.select({ title: movies.title, n: count() }).from(movies).innerJoin(casts, eq(casts.movie, movies.id)).groupBy(movies.title).orderBy(desc(count()), movies.title).limit(3));
show("and", await db.select({ t: sql`upper(${movies.title})` }).from(movies).where(and(gt(movies.votes, 20000), gt(movies.average, 8.4))).orderBy(movies.title));
await db.insert(notes).values([{ key: 1, author: "a" }, { key: 2, words: "w", stars: 3 }]);
await db.update(notes).set({ stars: 9 }).where(eq(notes.key, 1));
show("notes", await db.select().from(notes).orderBy(notes.key));
await db.delete(notes);
show("prepared", await db.select().from(casts).where(eq(casts.key, sql.placeholder("k"))).prepare("p").execute({ k: 3 }));
await attempt("error", () => db.execute(sql`SELECT * FROM nowhere`));
await pool.end();
