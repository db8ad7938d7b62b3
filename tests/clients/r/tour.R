# R: RPostgreSQL from Debian. Tables and fields, frames from queries and fetches, parameters, COPY by dbWriteTable, errors.
suppressPackageStartupMessages(library(RPostgreSQL))
options(width = 200, digits = 15)
con <- dbConnect(PostgreSQL(), host = Sys.getenv("PGHOST"), port = as.integer(Sys.getenv("PGPORT")),
                 user = Sys.getenv("PGUSER"), dbname = Sys.getenv("PGDATABASE"))
attempt <- function(title, action) {
  cat("==", title, "\n")
  tryCatch(print(action()), error = function(e) cat("error:", conditionMessage(e), "\n"))
}
attempt("tables", function() sort(dbListTables(con)))
attempt("fields", function() dbListFields(con, "movies"))
attempt("exists", function() c(dbExistsTable(con, "movies"), dbExistsTable(con, "nowhere")))
attempt("query", function() dbGetQuery(con, "SELECT __key, title, vote_average FROM movies ORDER BY __key LIMIT 5"))
attempt("grouped", function() dbGetQuery(con, "SELECT m.title, count(*) AS n FROM movies m JOIN casts c ON c.movie_id = m.id GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5"))
attempt("types", function() dbGetQuery(con, "SELECT * FROM types WHERE __key IN (1, 4, 5, 6) ORDER BY __key"))
attempt("structure", function() { str(dbGetQuery(con, "SELECT * FROM types WHERE __key = 1")); "done" })
attempt("parameters", function() dbGetQuery(con, "SELECT title FROM movies WHERE __key = $1 OR title = $2 ORDER BY 1", list(3, "x")))
attempt("columns", function() {
  result <- dbSendQuery(con, "SELECT __key, title, vote_average, release_date FROM movies ORDER BY __key")
  columns <- dbColumnInfo(result)[, c("name", "Sclass", "type", "len")]
  first <- fetch(result, 3)
  rest <- fetch(result, -1)
  dbClearResult(result)
  print(columns)
  c(nrow(first), nrow(rest))
})
attempt("table", function() dim(dbReadTable(con, "casts")))
attempt("written", function() dbWriteTable(con, "notes", data.frame(`__key` = 1:3, author = c("a", NA, "c"), words = "x\ty", stars = 3:1, check.names = FALSE), append = TRUE, row.names = FALSE))
attempt("notes", function() dbGetQuery(con, "SELECT * FROM notes ORDER BY 1"))
attempt("deleted", function() dbGetRowsAffected(dbSendQuery(con, "DELETE FROM notes")))
attempt("transaction", function() c(dbBegin(con), dbCommit(con)))
for (sql in c("SELEC 1", "SELECT * FROM nowhere", "SELECT 1/0")) {
  # Its error is a warning and a null result.
  attempt(sql, function() withCallingHandlers(dbGetQuery(con, sql), warning = function(w) invokeRestart("muffleWarning")))
}
attempt("alive", function() dbGetQuery(con, "SELECT 1 AS one, NULL::int AS nothing, true AS yes"))
attempt("quoted", function() dbQuoteString(con, "a'b"))
dbDisconnect(con)
