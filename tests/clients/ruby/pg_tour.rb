# Ruby's pg: results with and without types, parameters, prepared statements, COPY, single rows, notices.
require "pg"

def show(title, value)
  puts "#{title}: #{value.inspect}"
end

def attempt(title)
  show(title, yield)
rescue PG::Error => e
  r = e.result
  show(title, [e.class, r && r.error_field(PG::PG_DIAG_SQLSTATE), e.message, r && r.error_field(PG::PG_DIAG_STATEMENT_POSITION)])
end

c = PG.connect
questions = File.read("#{__dir__}/../../../demo/questions.sql").split("\n\n").map { |b| b.strip.delete_suffix(";") }.reject(&:empty?).first(3)
questions.each { |q| show("question", c.exec(q).values) }
r = c.exec("SELECT * FROM types ORDER BY __key")
show("fields", r.fields.each_index.map { |i| [r.fname(i), r.ftype(i), r.fmod(i), r.fsize(i), r.ftablecol(i), r.fformat(i)] })
show("types", r.values)
c.type_map_for_results = PG::BasicTypeMapForResults.new(c)
show("cast", c.exec("SELECT * FROM types WHERE __key IN (1, 4, 5) ORDER BY __key").values)
show("binary", c.exec_params("SELECT __key, title, vote_average FROM movies WHERE __key = $1", [3], 1).values)
show("by key", c.exec_params("SELECT title FROM movies WHERE __key = $1::int", [7]).values)
c.prepare("p", "SELECT title FROM movies WHERE __key = $1")
(1..7).each { |n| show("prepared", c.exec_prepared("p", [n]).values) }
show("described", (d = c.describe_prepared("p"); [d.nparams, d.paramtype(0), d.fields]))
attempt("syntax") { c.exec("SELEC 1") }
attempt("table") { c.exec("SELECT * FROM nowhere") }
attempt("division") { c.exec("SELECT 1/0") }
show("inserted", c.exec_params("INSERT INTO notes VALUES ($1, $2, $3, $4), (2, 'x', NULL, 3)", [1, "a", nil, 2]).cmd_tuples)
c.transaction { |t| show("updated", t.exec("UPDATE notes SET stars = 9").cmd_tuples) }
show("notes", c.exec("SELECT * FROM notes ORDER BY __key").values)
show("deleted", c.exec("DELETE FROM notes").cmd_tuples)
c.copy_data("COPY (SELECT __key, title FROM movies ORDER BY __key LIMIT 3) TO STDOUT CSV") { while (row = c.get_copy_data); show("copied", row); end }
c.send_query("SELECT __key FROM movies ORDER BY __key")
c.set_single_row_mode
rows = 0
c.get_result.stream_each { rows += 1 }
c.get_last_result
show("streamed", rows)
c.exec("SET statement_timeout = 300")
attempt("timeout") { c.exec("SELECT pg_sleep(20)") }
c.exec("RESET statement_timeout")
c.send_query("SELECT pg_sleep(20)")
sleep 0.2
c.cancel
attempt("cancelled") { c.get_last_result }
show("alive", c.exec("SELECT 1 AS a").to_a)
c.reset
show("after reset", c.exec("SELECT count(*) FROM casts").getvalue(0, 0))
