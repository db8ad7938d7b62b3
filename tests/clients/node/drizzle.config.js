export default {
  dialect: "postgresql",
  out: `./drizzle-${process.env.PGPORT}`,
  dbCredentials: { host: process.env.PGHOST, port: Number(process.env.PGPORT), user: process.env.PGUSER, database: process.env.PGDATABASE, ssl: false },
};
