<?php
// PDO and the pgsql functions: emulated and real prepares, column metadata, errors, transactions.

function show(string $title, mixed $value): void
{
    echo $title, ": ", json_encode($value, JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION), "\n";
}

function attempt(string $title, callable $action): void
{
    try {
        show($title, $action());
    } catch (PDOException $e) {
        show($title, [$e->getCode(), $e->getMessage()]);
    }
}

$place = "pgsql:host=" . getenv("PGHOST") . ";port=" . getenv("PGPORT") . ";dbname=" . getenv("PGDATABASE");
$questions = array_slice(array_filter(array_map(fn ($b) => rtrim(trim($b), ";"), explode("\n\n", file_get_contents(__DIR__ . "/../../../demo/questions.sql")))), 0, 3);
foreach ([false, true] as $emulate) {
    show("emulated", $emulate);
    $c = new PDO($place, getenv("PGUSER"), null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_EMULATE_PREPARES => $emulate]);
    foreach ($questions as $question) {
        show("question", $c->query($question)->fetchAll(PDO::FETCH_NUM));
    }
    $s = $c->query("SELECT * FROM types ORDER BY __key");
    for ($i = 0; $i < $s->columnCount(); $i++) {
        $m = $s->getColumnMeta($i);
        unset($m["pgsql:table_oid"]);
        show("column", $m);
    }
    show("types", $s->fetchAll(PDO::FETCH_NUM));
    $s = $c->prepare("SELECT title FROM movies WHERE __key = ? AND vote_average > ?");
    for ($key = 1; $key < 8; $key++) {
        $s->execute([$key, "1.5"]);
        show("prepared", $s->fetchColumn());
    }
    $s = $c->prepare("SELECT :a::text AS a, :b::int AS b, :c::bool AS c");
    $s->bindValue("a", "it's");
    $s->bindValue("b", 5, PDO::PARAM_INT);
    $s->bindValue("c", true, PDO::PARAM_BOOL);
    $s->execute();
    show("bound", $s->fetch(PDO::FETCH_ASSOC));
    foreach (["SELEC 1", "SELECT * FROM nowhere", "SELECT 1/0"] as $sql) {
        attempt($sql, fn () => $c->query($sql)->fetchAll());
    }
    $c->beginTransaction();
    $s = $c->prepare("INSERT INTO notes VALUES (?, ?, ?, ?)");
    foreach (range(1, 5) as $n) {
        $s->execute([$n, "a$n", null, $n]);
    }
    $c->commit();
    show("updated", $c->exec("UPDATE notes SET stars = stars + 1 WHERE __key > 3"));
    show("notes", $c->query("SELECT * FROM notes ORDER BY __key")->fetchAll(PDO::FETCH_ASSOC));
    attempt("twice", fn () => $s->execute([1, "a", "b", 1]));
    show("deleted", $c->exec("DELETE FROM notes"));
    show("server", [$c->getAttribute(PDO::ATTR_SERVER_VERSION) >= "15", $c->getAttribute(PDO::ATTR_DRIVER_NAME)]);
    $s = $c->prepare("SELECT __key FROM movies ORDER BY __key", [PDO::ATTR_CURSOR => PDO::CURSOR_SCROLL]);
    $s->execute();
    show("scrolled", [$s->fetch(PDO::FETCH_NUM, PDO::FETCH_ORI_ABS, 10), $s->fetch(PDO::FETCH_NUM, PDO::FETCH_ORI_PRIOR)]);
    show("copied", $c->pgsqlCopyToArray("casts", "|")[0] !== "");
}
$p = pg_connect("host=" . getenv("PGHOST") . " port=" . getenv("PGPORT") . " user=" . getenv("PGUSER") . " dbname=" . getenv("PGDATABASE"));
show("pg_query_params", pg_fetch_all(pg_query_params($p, 'SELECT title FROM movies WHERE __key = $1', [3])));
show("pg_meta_data", pg_meta_data($p, "notes"));
show("pg_field_type", pg_field_type(pg_query($p, "SELECT vote_average FROM movies LIMIT 1"), 0));
