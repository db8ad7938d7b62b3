-- Full text search: tsvector and tsquery, the parser, dictionaries and configurations, ranks and headlines.
-- Values.
SELECT 'a b c'::tsvector, 'c b a b'::tsvector, ''::tsvector, '   '::tsvector;
SELECT 'a:1 b:3,2,2 c:5A,6b,7C,8d,9*'::tsvector, 'a:16383 b:16384,99999 c:20000A'::tsvector;
SELECT 'a:1B,1A,1 b a:7'::tsvector, 'b:1 a'::tsvector, $$'two words':3 'it''s' back\\slash '\'q'$$::tsvector;
SELECT ':a'::tsvector, 'a''b'::tsvector, '''a''b'::tsvector, 'a\ b'::tsvector, E'a\tb\nc'::tsvector, 'naïve:2 é'::tsvector;
SELECT 'a:4294967297'::tsvector, 'a:99999999999999999999'::tsvector;
SELECT 'a:'::tsvector;
SELECT 'a:0'::tsvector;
SELECT 'a:x'::tsvector;
SELECT 'a:1x'::tsvector;
SELECT 'a:1AB'::tsvector;
SELECT 'a:1,'::tsvector;
SELECT ''''::tsvector;
SELECT '''a'::tsvector;
SELECT ''''''::tsvector;
SELECT 'a\'::tsvector;
SELECT repeat('x', 2047)::tsvector = repeat('x', 2047)::tsvector, length(repeat('ab ', 500)::tsvector);
SELECT repeat('x', 2048)::tsvector;
SELECT string_agg('w' || g, ' ')::tsvector IS NULL FROM generate_series(1, 1000) g;
SELECT length(string_agg(repeat('w', 200) || g, ' ')::tsvector) FROM generate_series(1, 6000) g;
SELECT ('a:' || string_agg(g::text, ','))::tsvector FROM generate_series(1, 300) g;
SELECT 'a'::tsquery, 'a & b | !c'::tsquery, '(a|b)&c'::tsquery, '!(a & !b)'::tsquery, '!!a'::tsquery;
SELECT 'a <-> b'::tsquery, 'a <2> b <0> c'::tsquery, 'a <-> (b <-> c)'::tsquery, '(a & b) <-> !c'::tsquery, 'a<->b'::tsquery;
SELECT 'a:*'::tsquery, 'a:AB'::tsquery, 'b:dcba*'::tsquery, $$'two words':*a & 'it''s' | b\\s$$::tsquery, 'a:*x'::tsquery;
SELECT 'a & b | c & d'::tsquery, 'a | b & c | d'::tsquery, '!a <-> b & c'::tsquery, 'é|中'::tsquery, ' ( ( a ) ) '::tsquery;
SELECT ''::tsquery, '  '::tsquery;
SELECT 'a &'::tsquery;
SELECT 'a b'::tsquery;
SELECT '& a'::tsquery;
SELECT '(a'::tsquery;
SELECT 'a)'::tsquery;
SELECT '()'::tsquery;
SELECT '!'::tsquery;
SELECT ':a'::tsquery;
SELECT 'a < b'::tsquery;
SELECT 'a <x> b'::tsquery;
SELECT 'a <->'::tsquery;
SELECT 'a <-1> b'::tsquery;
SELECT 'a <16384> b'::tsquery, 'a <0> b'::tsquery;
SELECT 'a <16385> b'::tsquery;
SELECT 'a <99999999999999999999> b'::tsquery;
SELECT '''a'::tsquery;
SELECT 'a\'::tsquery;
SELECT (repeat('!', 32) || 'a')::tsquery;
SELECT (repeat('!', 33) || 'a')::tsquery;
SELECT (repeat('(', 100) || 'a' || repeat(')', 100))::tsquery;
SELECT (repeat('x', 2048))::tsquery;
SELECT 'a'::tsvector::text, 'a & b'::tsquery::text, 'b a'::text::tsvector, 'a|b'::varchar::tsquery, NULL::tsvector, NULL::tsquery;
SELECT pg_typeof('a'::tsvector), pg_typeof('a'::tsquery), '{a,"b:1A"}'::tsvector[], ARRAY['a & b'::tsquery, 'c'], '{a}'::tsvector[] = '{a}';
SELECT tsvectorsend('a:1,2B b'), tsquerysend('a:*B & !b <3> c');
-- Parameters.
--@ with a:1 b:2A
SELECT $1::tsvector;
--@ with a & b:*
SELECT $1::tsquery, numnode($1);
--@ with english, The quick brown foxes
SELECT to_tsvector($1, $2);
--@ with english, fox
SELECT to_tsvector('english', 'a quick brown fox') @@ to_tsquery($1::regconfig, $2);
-- Order and equality.
SELECT a, b, a = b, a < b, a <= b, a <> b, a > b, a >= b FROM (VALUES ('a'::tsvector, 'b'::tsvector), ('a:1', 'a:2'), ('a:1A', 'a:1B'), ('a', 'a:1'), ('a b', 'a'), ('aa:1', 'a'), ('', 'a'), ('a:1,2', 'a:1,3'), ('a:1', 'a:1')) v(a, b);
SELECT a, b, a = b, a < b, a <= b, a <> b, a > b, a >= b FROM (VALUES ('a'::tsquery, 'b'::tsquery), ('a:A', 'a:*'), ('a&b', 'b&a'), ('a', '!a'), ('a|b', 'a&b'), ('a<->b', 'a<2>b'), ('a&b&c', 'a&(b&c)'), ('aa', 'a'), ('a', 'a')) v(a, b);
SELECT v FROM (VALUES ('b:1'::tsvector), ('a:1,2'), ('a'), ('ab'), (''), ('b'), ('a:2'), ('a b')) t(v) ORDER BY v;
SELECT q FROM (VALUES ('b'::tsquery), ('a&b'), ('!a'), ('a|b'), ('ab'), ('a<->b'), ('c')) t(q) ORDER BY q DESC;
SELECT v, count(*) FROM (VALUES ('a:1'::tsvector), ('a:1'), ('b')) t(v) GROUP BY v ORDER BY v;
SELECT DISTINCT q FROM (VALUES ('a'::tsquery), ('a:A'), ('b')) t(q) ORDER BY q;
SELECT tsvector_cmp('a', 'b'), tsvector_cmp('a:1', 'a'), tsvector_cmp('é', 'zz'), tsquery_cmp('a', 'b'), tsquery_cmp('a&b', 'a');
-- Functions of values.
SELECT length('a:1,2 b c'::tsvector), strip('a:1,2 b:3A'::tsvector), numnode('a & !b | c'::tsquery), numnode('a'::tsquery);
SELECT setweight('a:1,2B b c:3'::tsvector, 'A'), setweight('a:1,2B b:3'::tsvector, 'd', '{a,NULL,x}'), setweight('a:1 b:2', 'C', '{}');
SELECT setweight('a:1'::tsvector, 'x');
SELECT setweight('a:1'::tsvector, '');
SELECT setweight('a:1'::tsvector, 'é');
SELECT array_to_tsvector('{b,a,b,"it''s"}'), array_to_tsvector('{}'), tsvector_to_array('b:1 a:2 c'), tsvector_to_array('');
SELECT array_to_tsvector('{a,NULL}');
SELECT array_to_tsvector('{a,""}');
SELECT * FROM unnest('a:1,2A b c:3C'::tsvector);
SELECT (unnest('b:5 a:1B'::tsvector)).lexeme;
SELECT lexeme, positions[1], weights FROM unnest(to_tsvector('english', 'the fat cats ate fat rats')) ORDER BY 2 DESC;
SELECT ts_delete('a:1 b:2 c'::tsvector, 'b'), ts_delete('a:1 b:2 c'::tsvector, '{a,c,x,NULL}'), ts_delete('a', ''::text);
SELECT ts_filter('a:1,2A b:3B,4C c d:5'::tsvector, '{a,b}'), ts_filter('a:1,2A b:3B'::tsvector, '{d}'), ts_filter('a:1', '{}');
SELECT ts_filter('a:1'::tsvector, '{x}');
SELECT ts_filter('a:1'::tsvector, '{a,NULL}');
SELECT 'a:1 b:2'::tsvector || 'b:1A c:2 d', ''::tsvector || 'a:1', 'a:1'::tsvector || '', 'a'::tsvector || 'a:5', 'a:16380'::tsvector || 'b:1,2,3,4,5';
SELECT querytree('a & b'::tsquery), querytree('!a'), querytree('a & !b'), querytree('a | !b'), querytree('(a | b) <-> !c & d'), querytree('!(a|b) | c');
SELECT 'a'::tsquery && 'b|c', 'a'::tsquery || 'b&c', !!'a&b'::tsquery, 'a'::tsquery <-> 'b|c', 'a<->b'::tsquery <-> 'c<->d', 'a|b'::tsquery && 'c' || 'd';
SELECT tsquery_phrase('a', 'b'), tsquery_phrase('a & b', 'c', 5), tsquery_phrase('a', 'b', 0);
SELECT tsquery_phrase('a', 'b', -1);
SELECT tsquery_phrase('a', 'b', 16385);
SELECT 'a & b'::tsquery @> 'a', 'a'::tsquery @> 'a & b', 'a'::tsquery <@ 'a | b', 'a & a'::tsquery @> 'a | a', 'a'::tsquery <@ 'c';
SELECT ts_rewrite('a & b'::tsquery, 'a'::tsquery, 'c | d'::tsquery), ts_rewrite('a & b & c', 'c & a', 'x'), ts_rewrite('a | b', 'a', 'b'), ts_rewrite('a & b', 'd', 'e');
SELECT ts_rewrite('a <-> b', 'a', 'c & d'), ts_rewrite('!a & b', 'a', 'c <2> d'), ts_rewrite('(a & b) | (b & a)', 'a & b', 'x'), ts_rewrite('a & b & !c & d', 'b & d', 'y | z');
--@ refused
SELECT ts_rewrite('a & b'::tsquery, 'SELECT ''a''::tsquery, ''b''::tsquery');
--@ refused
SELECT * FROM ts_stat('SELECT ''a b''::tsvector');
-- Whether a query finds a document.
SELECT v, q, v @@ q, q @@ v, v @@@ q FROM (VALUES ('a:1 b:2 c:4'::tsvector), ('a b'), ('ab:1A abc:2B'), (''), ('a:1,5 b:3,6C')) t(v), (VALUES ('a'::tsquery), ('a & b'), ('a & !b'), ('!a'), ('a <-> b'), ('a <2> c'), ('b <0> b'), ('ab:*'), ('a:*A'), ('a:*C | x'), ('b:C'), ('!a:A'), ('a <-> !c'), ('!a <-> b'), ('!(a <-> b)'), ('a <-> (b | c)'), ('(a & b) <-> c'), ('a:* <-> ab:*B'), ('!(a <2> b) & c')) u(q);
SELECT 'fat cats ate rats' @@ 'cat', 'fat cats ate rats' @@ 'cat & rat', 'fat cats' @@ to_tsquery('cat & !dog'), 'fat cats' @@ 'cats & rats'::tsquery, to_tsvector('fat cats') @@ 'cat'::tsquery;
SELECT 'a'::tsvector @@ ''::tsquery, 'a'::tsvector @@ NULL::tsquery;
SELECT 1 @@ 'a'::tsquery;
-- How well.
SELECT ts_rank(v, q), ts_rank(v, q, 1), ts_rank(v, q, 2), ts_rank(v, q, 8), ts_rank(v, q, 16), ts_rank(v, q, 32), ts_rank(v, q, 63) FROM (VALUES ('a:1 b:2 c:4'::tsvector), ('a b'), ('ab:1A abc:2B'), (''), ('a:1,5A b:3,6C d:100,200')) t(v), (VALUES ('a'::tsquery), ('a & b'), ('a | b | x'), ('a <-> b'), ('ab:* & abc'), ('!a'), ('a & a')) u(q);
SELECT ts_rank_cd(v, q), ts_rank_cd(v, q, 1), ts_rank_cd(v, q, 2), ts_rank_cd(v, q, 4), ts_rank_cd(v, q, 8), ts_rank_cd(v, q, 16), ts_rank_cd(v, q, 32), ts_rank_cd(v, q, 63) FROM (VALUES ('a:1 b:2 c:4'::tsvector), ('a b'), ('ab:1A abc:2B'), (''), ('a:1,5A b:3,6C d:100,200')) t(v), (VALUES ('a'::tsquery), ('a & b'), ('a | b | x'), ('a <-> b'), ('ab:* & abc'), ('!a'), ('a & d')) u(q);
SELECT ts_rank('{0.1,0.2,0.3,0.9}', 'a:1A b:2C'::tsvector, 'a & b'), ts_rank('{-1,0,1,0.5}', 'a:1A b:2C', 'a | b', 2), ts_rank_cd('{0.1,0.2,0.3,0.9}', 'a:1A b:5C', 'a & b'), ts_rank_cd('{1,1,1,1,7}', 'a:1A b:5C', 'a & b', 4);
SELECT ts_rank('{0.1,0.2}', 'a'::tsvector, 'a');
SELECT ts_rank('{{0.1,0.2},{1,1}}', 'a'::tsvector, 'a');
SELECT ts_rank('{0.1,0.2,0.3,NULL}', 'a'::tsvector, 'a');
SELECT ts_rank('{0.1,0.2,0.3,2}', 'a'::tsvector, 'a');
SELECT ts_rank_cd('{}', 'a'::tsvector, 'a');
-- The parser.
SELECT * FROM ts_token_type('default');
SELECT * FROM ts_token_type(3722) LIMIT 2;
SELECT * FROM ts_token_type('nope');
SELECT * FROM ts_token_type(1);
SELECT * FROM ts_parse('default', 'The x1 naïve foo-bar foo-2é x1-y2 http://www.example.com:80/a/b?c=d me@mail.example.org /usr/lib/x.so ~/y ../z 1.2.3 -4 5.6 7e-8 <a href="x">&amp;&#65; +9. a_b');
SELECT * FROM ts_parse(3722, '<script>alert(1)</script> x <!-- y --> <z/> <?xml v?> ftp://a.b c.d/e {f} 日本語 é́a -1.2.3');
SELECT * FROM ts_parse('nope', 'a');
SELECT * FROM ts_parse(1, 'a');
SELECT * FROM ts_parse('default', '');
-- Dictionaries and configurations.
SELECT ts_lexize('simple', 'The'), ts_lexize('english_stem', 'Running'), ts_lexize('english_stem', 'the'), ts_lexize('english_stem', ''), ts_lexize('simple', ''), ts_lexize('english_stem', repeat('stones', 200));
SELECT d, ts_lexize(d::regdictionary, w) FROM (VALUES ('german_stem', 'Häuser'), ('spanish_stem', 'corriendo'), ('russian_stem', 'ёлками'), ('finnish_stem', 'taloissa'), ('swedish_stem', 'och'), ('italian_stem', 'mangiando'), ('portuguese_stem', 'correndo'), ('turkish_stem', 'evlerinde'), ('arabic_stem', 'والكتب'), ('dutch_stem', 'lopende'), ('hindi_stem', 'लड़कियाँ'), ('irish_stem', 'bhfuil')) v(d, w);
--@ refused
SELECT ts_lexize('french_stem', 'mangeaient');
--@ refused
SELECT to_tsvector('greek', 'δρόμους');
SELECT ts_lexize('nope', 'a');
SELECT ts_lexize(1::regdictionary, 'a');
SELECT 'english'::regconfig, 'pg_catalog.simple'::regconfig::oid, 'simple'::regdictionary, 3765::regdictionary, get_current_ts_config();
SELECT 'nope'::regconfig;
SELECT to_tsvector('nope', 'a');
SELECT to_tsvector(1::regconfig, 'a');
SELECT word, array_agg(stem) FROM (SELECT word, unnest(ts_lexize('english_stem', word)) AS stem FROM unnest(string_to_array('generalizations running flies dying happily skies agreed cats relational conditional vietnamization electricity adjustable generously news proceed early only communism arsenal its', ' ')) word) t GROUP BY word ORDER BY word;
SELECT * FROM ts_debug('english', 'The Foxes-jumped 12 over http://x.yy/z');
SELECT alias, token, dictionary, lexemes FROM ts_debug('a naïve cat');
SELECT * FROM ts_debug(1::regconfig, 'a');
-- Documents.
SELECT to_tsvector('english', 'The Fat Rats'), to_tsvector('simple', 'The Fat Rats'), to_tsvector('a fat  cat sat on a mat and ate a fat rat'), to_tsvector('');
SELECT to_tsvector('german', 'Die Häuser der Stadt'), to_tsvector('russian', 'Мир и война and peace'), to_tsvector('spanish', 'los gatos corriendo');
SELECT to_tsvector('english', '{"a": "The fat rats", "b": [1, true, null, {"c": "cats and dogs"}], "a": "x"}'::json), to_tsvector('english', '{"bb": "The fat rats", "b": [1, "cats"]}'::jsonb), to_tsvector('"rats"'::jsonb);
SELECT json_to_tsvector('english', '{"a": "The fat rats", "b": [1.50, true]}', '"all"'), jsonb_to_tsvector('english', '{"a": "The fat rats", "b": [1.50, true]}', '["numeric", "KEY", "boolean"]'), jsonb_to_tsvector('{"a": "rats"}', '["string"]'), json_to_tsvector('[1]', '[]');
SELECT jsonb_to_tsvector('english', '{}', '{"a": 1}');
SELECT jsonb_to_tsvector('english', '{}', '"x"');
SELECT jsonb_to_tsvector('english', '{}', '[null]');
SELECT jsonb_to_tsvector('english', '{}', '[["key"]]');
SELECT length(to_tsvector('simple', repeat('x', 3000) || ' y')), length(to_tsvector('simple', string_agg(g::text, ' '))), strip(to_tsvector('simple', repeat('x ', 300))), to_tsvector('simple', repeat('x ', 300)) FROM generate_series(1, 20000) g;
-- Queries.
SELECT to_tsquery('english', 'The & Fat & Rats'), to_tsquery('simple', 'The & Fat'), to_tsquery('fat:ab & rat:* & !cats'), to_tsquery($$'two fat rats' | 'the'$$), to_tsquery('foo-bar <-> baz'), to_tsquery('the'), to_tsquery('');
SELECT to_tsquery('a <-> the <-> fat <3> rats & !the'), to_tsquery('(the | of) & cat'), to_tsquery('cat <-> (the & of) <-> dog'), to_tsquery('!the <-> cat'), to_tsquery($$'a the fat':A$$);
SELECT to_tsquery('fat rats');
SELECT to_tsquery('fat &');
SELECT plainto_tsquery('english', 'The Fat & Rats:C | x'), plainto_tsquery('the of'), plainto_tsquery('x-y http://a.bc/d'), plainto_tsquery('simple', 'The fat');
SELECT phraseto_tsquery('english', 'The fat and the rats'), phraseto_tsquery('cats of the dogs and foo-bar'), phraseto_tsquery('simple', 'a b');
SELECT websearch_to_tsquery('english', 'fat rats'), websearch_to_tsquery('"fat rats" -cat or dog'), websearch_to_tsquery('the -the'), websearch_to_tsquery('"the fat of rats" or'), websearch_to_tsquery('a:* & (b | c) <-> d'), websearch_to_tsquery('or orange OR -x'), websearch_to_tsquery('"unclosed cats'), websearch_to_tsquery('');
SELECT to_tsvector('english', 'running cats') @@ phraseto_tsquery('english', 'run cat'), to_tsvector('english', 'fatal error: disk full') @@ to_tsquery('fat:* <-> err:*');
-- Headlines.
SELECT ts_headline('english', 'The most common type of search is to find all documents containing given query terms and return them in order of their similarity to the query.', to_tsquery('english', 'query & similarity'));
SELECT ts_headline('The most common type of search is to find all documents containing given query terms and return them in order of their similarity to the query.', to_tsquery('search & term'), 'MaxFragments=10, MaxWords=7, MinWords=3, StartSel=<<, StopSel=>>, FragmentDelimiter=" .. "');
SELECT ts_headline('english', 'a <b>fat</b> cat &amp; http://x.yy/z well-known', to_tsquery('cat'), 'HighlightAll=true'), ts_headline('english', 'a <b>fat</b> cat &amp; http://x.yy/z well-known', to_tsquery('cat')), ts_headline('nothing here', to_tsquery('cat')), ts_headline('', 'cat'), ts_headline('x', ''::tsquery);
SELECT ts_headline('english', '{"a": "The fat cats", "b": [1, "cat"], "cat": null}'::json, 'cat'), ts_headline('english', '{"a": "The fat cats", "b": [1, "cat"], "cat": null}'::jsonb, 'cat', 'StartSel=*, StopSel=*');
SELECT ts_headline('a cat', 'cat', 'x=1');
SELECT ts_headline('a cat', 'cat', 'MaxWords');
SELECT ts_headline('a cat', 'cat', 'MaxWords=x');
SELECT ts_headline('a cat', 'cat', 'MaxWords=5');
SELECT ts_headline('a cat', 'cat', 'MinWords=0');
SELECT ts_headline('a cat', 'cat', 'ShortWord=-1');
SELECT ts_headline('a cat', 'cat', 'MaxFragments=-1');
SELECT ts_headline('5'::json, 'cat', 'MaxWords=5'), ts_headline('5'::jsonb, 'cat', 'x=1');
-- The setting.
SHOW default_text_search_config;
SET default_text_search_config = simple;
SHOW default_text_search_config;
SELECT to_tsvector('The cats'), get_current_ts_config(), 'the cats' @@ 'cat', plainto_tsquery('The cats'), ts_headline('The cats', 'cats'), to_tsvector('"The cats"'::jsonb);
SET default_text_search_config = 'pg_catalog.german';
SELECT to_tsvector('Die Katzen'), websearch_to_tsquery('die Katzen');
SET default_text_search_config = 'nope';
SET default_text_search_config = 'public.simple';
SET default_text_search_config = '';
RESET default_text_search_config;
SELECT to_tsvector('The cats');
-- Over the maps.
SELECT title FROM movies WHERE to_tsvector('english', description) @@ websearch_to_tsquery('english', 'love -war') ORDER BY ts_rank(to_tsvector('english', description), websearch_to_tsquery('english', 'love -war')) DESC, title;
SELECT title, ts_rank_cd(to_tsvector('english', title || ' ' || description), q) AS rank FROM movies, to_tsquery('english', 'world | save <-> world') q WHERE to_tsvector('english', title || ' ' || description) @@ q ORDER BY rank DESC, title LIMIT 20;
SELECT title, ts_headline('english', description, q, 'MaxWords=12, MinWords=4') FROM movies, plainto_tsquery('english', 'young man') q WHERE to_tsvector('english', description) @@ q ORDER BY title;
SELECT count(*), sum(length(to_tsvector('english', description))), sum(length(to_tsvector('simple', description))) FROM movies;
SELECT lexeme, count(*), sum(cardinality(positions)) FROM movies, unnest(to_tsvector('english', description)) GROUP BY lexeme ORDER BY 2 DESC, 1 LIMIT 25;
SELECT title FROM movies WHERE title @@ 'star' ORDER BY title;
SELECT title FROM movies WHERE to_tsvector(description) @@ to_tsquery('father <-> son | moth:* <3> child:*') ORDER BY title;
SELECT m.title, websearch_to_tsquery('simple', m.title) FROM movies m ORDER BY m.id LIMIT 40;
SELECT setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', description), 'B') FROM movies ORDER BY id LIMIT 5;
