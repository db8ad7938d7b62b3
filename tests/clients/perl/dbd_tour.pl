# DBD::Pg: catalog methods, parameters, server-side prepares, errors, changes, COPY.
use strict;
use warnings;
use DBI;
use Data::Dumper;
$Data::Dumper::Indent = 0;
$Data::Dumper::Terse = 1;
$Data::Dumper::Sortkeys = 1;
binmode STDOUT, ":encoding(UTF-8)";
$| = 1;

sub show { my ($title, @values) = @_; print "$title: ", Dumper(\@values), "\n"; }

my $c = DBI->connect("dbi:Pg:host=$ENV{PGHOST};port=$ENV{PGPORT};dbname=$ENV{PGDATABASE}", $ENV{PGUSER}, "", { RaiseError => 1, PrintError => 0, AutoCommit => 1 });
my ($here) = $0 =~ m{^(.*)/};
open my $file, "<:encoding(UTF-8)", "$here/../../../demo/questions.sql" or die;
my @questions = grep { /\S/ } split /\n\n/, do { local $/; <$file> };
for my $question (@questions[0 .. 2]) {
    $question =~ s/;\s*$//;
    show("question", @{ $c->selectall_arrayref($question) });
}
my $s = $c->prepare("SELECT * FROM types ORDER BY __key");
$s->execute;
show("names", @{ $s->{NAME} });
show("types", @{ $s->{TYPE} });
show("pg types", @{ $s->{pg_type} });
show("precision", map { $_ // "undef" } @{ $s->{PRECISION} });
show("rows", @{ $s->fetchall_arrayref });
show("tables", map { $_->{TABLE_NAME} } @{ $c->table_info(undef, "public", undef, "TABLE")->fetchall_arrayref({}) });
show("columns", map { [@$_{qw(COLUMN_NAME DATA_TYPE TYPE_NAME COLUMN_SIZE NULLABLE ORDINAL_POSITION pg_type)}] } @{ $c->column_info(undef, "public", "types", "%")->fetchall_arrayref({}) });
show("key", $c->primary_key(undef, "public", "movies"));
show("key info", map { [@$_{qw(TABLE_NAME COLUMN_NAME KEY_SEQ PK_NAME)}] } @{ $c->primary_key_info(undef, "public", "casts")->fetchall_arrayref({}) });
show("statistics", map { [@$_{qw(INDEX_NAME COLUMN_NAME NON_UNIQUE)}] } grep { ($_->{TYPE} // "") ne "table" } @{ $c->statistics_info(undef, "public", "movies", 0, 1)->fetchall_arrayref({}) });
show("foreign keys", $c->foreign_key_info(undef, "public", "movies", undef, undef, undef) ? 1 : 0);
$s = $c->prepare("SELECT title FROM movies WHERE __key = ? AND vote_average > ?");
for my $key (1 .. 7) { $s->execute($key, 1.5); show("prepared", $s->fetchrow_array); }
$s = $c->prepare("SELECT title FROM movies WHERE __key = ANY(?) ORDER BY 1");
$s->execute([1, 2, 3]);
show("any", map { $$_[0] } @{ $s->fetchall_arrayref });
for my $sql ("SELEC 1", "SELECT * FROM nowhere", "SELECT 1/0") {
    eval { $c->selectall_arrayref($sql) };
    show($sql, $c->state, $c->errstr);
}
$s = $c->prepare("INSERT INTO notes VALUES (?, ?, ?, ?)");
$s->execute_array({}, [1 .. 5], [("a") x 5], [("b", undef, "c", undef, "d")], [5 .. 9]);
show("updated", $c->do("UPDATE notes SET stars = 0 WHERE __key < ?", undef, 3));
show("notes", @{ $c->selectall_arrayref("SELECT * FROM notes ORDER BY __key") });
$c->begin_work;
show("deleted", $c->do("DELETE FROM notes"));
$c->commit;
$c->do("COPY (SELECT __key, title FROM movies ORDER BY __key LIMIT 3) TO STDOUT");
my $line = "";
show("copied", $line) while $c->pg_getcopydata($line) >= 0;
show("ping", $c->ping, $c->{pg_server_version} >= 150000, $c->{Name} ne "");
show("arrays", $c->selectrow_array("SELECT ARRAY[1, 2], ARRAY['a', NULL]"));
