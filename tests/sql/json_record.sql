-- Documents as rows, and texts in Unicode's normalization forms.
SELECT * FROM json_to_record('{"a":null,"b":"x","c":[1,2],"d":{"q":1},"e":null,"A":5,"f":1.50}') AS x (a json, b text, c int[], d text, e jsonb, f numeric(3,1), z int);
SELECT * FROM jsonb_to_record('{"b":"x","c":[1,2],"d":{"q": 1.0},"b":"y","e":true}') AS x (b text, c numeric[], d jsonb, e bool);
SELECT * FROM jsonb_to_recordset('[{"a":1},{"a":"2","b":[[1,2],[3,4]]},{}]') AS x (a int, b int[]);
SELECT sum(a), string_agg(b, ',' ORDER BY a) FROM json_to_recordset('[{"a":1,"b":"foo"},{"a":"2","c":"bar"},{"b":null,"a":3}]') AS x (a int, b text);
SELECT x.* FROM (VALUES (1, '{"n":1,"d":"2024-01-31"}'::jsonb), (2, NULL), (3, '{}')) v (i, j), jsonb_to_record(v.j) AS x (n int, d date) ORDER BY v.i;
SELECT v.i, x.a FROM (VALUES (1, '[{"a":1},{"a":2}]'::json), (2, NULL)) v (i, j), json_to_recordset(v.j) AS x (a int) ORDER BY 1, 2;
SELECT * FROM jsonb_to_recordset('{"a":1}') AS x (a int);
SELECT * FROM json_to_recordset('{"a":1}') AS x (a int);
SELECT * FROM json_to_recordset('[1]') AS x (a int);
SELECT * FROM json_to_recordset('[{"a":[1,null]}, null]') AS x (a text[]);
SELECT * FROM json_to_record('[1]') AS x (a int);
SELECT * FROM json_to_record('1') AS x (a int);
SELECT * FROM json_to_record('{"a":[1,{"b":2}]}') AS x (a int[]);
SELECT * FROM json_to_record('{"a":"x"}') AS x (a int);
SELECT * FROM json_to_record('{"a":[[1],[2,3]]}') AS x (a int[]);
SELECT * FROM json_to_record('{"a":"{1,2}","b":[]}') AS x (a int[], b text[]);
SELECT * FROM json_to_record('{"a":5}') AS x (a int[]);
SELECT * FROM json_to_record('{"b":"abcdef"}') AS x (b varchar(3));
SELECT * FROM json_to_record(NULL) AS x (a text, b varchar(3), c json);
SELECT * FROM json_to_record('{"a":{"x":[1, 2]},"b":"q"}') AS x (a json, b json);
SELECT * FROM json_to_record('{}');
SELECT normalize(U&'\0061\0308bc'), normalize(U&'\00E4bc', NFD), length(normalize(U&'\00E4bc', NFKD)), normalize('ﬁ', NFKC);
SELECT U&'\00E4bc' IS NORMALIZED, U&'\0061\0308bc' IS NFC NORMALIZED, U&'\0061\0308bc' IS NOT NFD NORMALIZED, '' IS NFKC NORMALIZED, NULL::text IS NORMALIZED;
SELECT is_normalized('abc', 'def');
SELECT normalize('abc', 'def');
-- ISO weeks.
SELECT to_date('2011-53', 'IYYY-IW'), to_date('2005-01-7', 'IYYY-IW-ID'), to_date('2004-53-6', 'IYYY-IW-ID'), to_date('2005-1', 'IYYY-IDDD'), to_date('2006-365', 'IYYY-IDDD');
SELECT to_timestamp('2011-12-18 11:38 20', 'IYYY-IW-ID HH12:MI SS');
SELECT g, to_date(to_char(g, 'IYYY-IW-ID'), 'IYYY-IW-ID') = g, to_date(to_char(g, 'IYYY IDDD'), 'IYYY IDDD') = g FROM (SELECT date '2008-12-20' + i FROM generate_series(0, 800, 7) i UNION ALL SELECT date '2015-12-25' + i FROM generate_series(0, 20) i) s (g) ORDER BY g;
SELECT to_date('05 Jan 2005', 'DD IW YYYY');
SELECT to_date('2005-03', 'IYYY-MM');
SELECT to_date('10-52-1', 'IY-IW-ID'), to_date('9-01', 'I-IW'), to_date('2010 IW05', 'IYYY "IW"IW'), to_date('05', 'IW'), to_date('2020', 'IYYY');
SELECT to_date('2005-01-9', 'IYYY-IW-ID');
SELECT to_date('2005-60-1', 'IYYY-IW-ID');
-- Binary forms.
SELECT int2send(1::int2), int4send(-1), int8send(1), float4send(1.5), float8send(-0.0), numeric_send(1.50), textsend('ä'), boolsend(true), date_send('2024-01-31'), timestamp_send('2024-01-31 1:00'), interval_send('1 mon 2 days 3:00'), uuid_send('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), jsonb_send('{"a": 1}'), array_send(ARRAY[1, NULL, 3]), inet_send('10.0.0.1/8'), bit_send(B'101'), byteasend('\x01'), namesend('x'), oidsend(7), int4send(NULL);
SELECT encode(uuid_send('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), 'base64'), ('x' || encode(int4send(255), 'hex'))::bit(32)::int, range_send(int4range(1, 5)), record_send((1, 'a'::text));
