// Prisma's client with its adapter for node-postgres: models, changes, transactions, raw queries, errors.
import { inspect } from "node:util";
import { PrismaPg } from "@prisma/adapter-pg";
import { Prisma, PrismaClient } from "@prisma/client";

function show(title, value) {
  console.log(`${title}: ${inspect(value, { depth: 8, breakLength: Infinity, compact: 3, maxArrayLength: null })}`);
}

async function attempt(title, action) {
  try {
    show(title, await action());
  } catch (error) {
    const message = error.message.trim().split("\n").pop();
    show(title, [error.code, message, error.meta?.driverAdapterError?.cause ?? error.meta]);
  }
}

// Where to connect to stands in PGHOST and the like.
const prisma = new PrismaClient({ adapter: new PrismaPg({}), errorFormat: "minimal" });
const { movie, note, kind } = prisma;

show("one", await movie.findUnique({ where: { key: 1 } }));
const liked = { votes: { gt: 10000 }, title: { contains: "o", mode: "insensitive" } };
show("page", await movie.findMany({ where: liked, orderBy: [{ average: "desc" }, { key: "asc" }], skip: 1, take: 3 }));
show("cursor", await movie.findMany({ cursor: { key: 7 }, orderBy: { key: "asc" }, take: 2, select: { key: true } }));
show("distinct", await movie.findMany({ distinct: ["average"], orderBy: { average: "desc" }, take: 3, select: { average: true } }));
show("count", await movie.count({ where: { average: { gte: 8 }, NOT: { title: { startsWith: "T" } } } }));
show("aggregate", await movie.aggregate({ _avg: { votes: true }, _max: { average: true }, _count: { _all: true, title: true } }));
show("groups", await movie.groupBy({ by: ["average"], _count: { key: true }, having: { average: { gt: 8 } }, orderBy: { average: "desc" }, take: 5 }));
show("types", await kind.findMany({ orderBy: { key: "asc" } }));
show("by type", await kind.findMany({ where: { OR: [{ numeric: { gt: new Prisma.Decimal("0.5") } }, { timestamptz: { lt: new Date("2000-01-01") } }] }, select: { key: true, numeric: true }, orderBy: { key: "asc" } }));

show("created", await note.create({ data: { key: 1, author: "a" } }));
show("several", await note.createMany({ data: [{ key: 2, words: "w", stars: 3 }, { key: 3, stars: 1 }] }));
show("returned", await note.createManyAndReturn({ data: [{ key: 4, words: "é", stars: 3 }] }));
show("skipped", await note.createMany({ data: [{ key: 4 }, { key: 5 }], skipDuplicates: true }));
show("updated", await note.update({ where: { key: 1 }, data: { stars: { set: 4 }, words: "x" } }));
show("all", await note.updateMany({ where: { stars: { not: null } }, data: { stars: { increment: 1 } } }));
show("upserted", await note.upsert({ where: { key: 2 }, create: { key: 2 }, update: { author: "u" } }));
show("upserted anew", await note.upsert({ where: { key: 6 }, create: { key: 6, author: "new" }, update: { author: "u" } }));
show("notes", await note.findMany({ orderBy: { key: "asc" } }));
await attempt("twice", () => note.create({ data: { key: 1 } }));
await attempt("missing", () => note.update({ where: { key: 99 }, data: { stars: 1 } }));
show("deleted", await note.delete({ where: { key: 6 } }));

show("transaction", await prisma.$transaction([note.count(), movie.count()]));
const last = (within) => within.movie.findFirst({ orderBy: { key: "desc" }, select: { title: true } });
show("interactive", await prisma.$transaction(last, { isolationLevel: "RepeatableRead" }));
show("raw", await prisma.$queryRaw`SELECT ${1}::int AS i, ${"t"} AS t, ${new Date(0)}::timestamptz AS at, ${[1, 2]}::int[] AS list, 1.50::numeric AS n, '{"a":1}'::jsonb AS j`);
show("executed", await prisma.$executeRaw`DELETE FROM notes WHERE __key = ${3}`);
await attempt("no table", () => prisma.$queryRaw`SELECT * FROM nowhere`);
await attempt("no number", () => prisma.$queryRaw`SELECT 1 / ${0}::int`);
show("emptied", await note.deleteMany());
await prisma.$disconnect();
