-- LATERAL: what an entry of FROM may name, through every kind of join.
SELECT * FROM generate_series(1, 2) a(x), generate_series(1, 2) b(y) LEFT JOIN LATERAL (SELECT a.x + b.y AS z) c ON true ORDER BY 1, 2, 3;
SELECT * FROM (VALUES (1), (2)) a(x), (VALUES (1), (2)) b(y) LEFT JOIN LATERAL (SELECT a.x + b.y AS z WHERE a.x > 1) c ON true ORDER BY 1, 2, 3;
SELECT * FROM (VALUES (1), (2)) a(x), (VALUES (1), (2)) b(y) LEFT JOIN ((VALUES (5)) d(q) CROSS JOIN LATERAL (SELECT a.x + b.y AS z WHERE a.x > 1) c) ON true ORDER BY 1, 2, 3;
SELECT * FROM (VALUES (1), (2)) a(x), ((VALUES (1), (2)) b(y) FULL JOIN LATERAL (SELECT a.x AS z) c ON b.y = c.z) ORDER BY 1, 2, 3;
SELECT * FROM (VALUES (1), (2)) a(x), ((VALUES (1), (2)) b(y) RIGHT JOIN LATERAL (SELECT a.x AS z) c ON b.y = c.z) ORDER BY 1, 2, 3;
SELECT * FROM (VALUES (1), (2)) a(x) JOIN ((VALUES (1), (2)) b(y) LEFT JOIN LATERAL (SELECT a.x * 10 + b.y) c(z) ON z > 11) ON a.x = b.y ORDER BY 1, 2, 3;
SELECT * FROM (VALUES (1), (2)) a(x) LEFT JOIN ((VALUES (1), (2)) b(y) LEFT JOIN LATERAL (SELECT a.x * 10 + b.y) c(z) ON z > 11) ON a.x = b.y ORDER BY 1, 2, 3;
SELECT * FROM (VALUES (1), (2)) a(x), (VALUES (3)) k(v), (VALUES (1), (2)) b(y) LEFT JOIN LATERAL (SELECT a.x) c(z) ON z = y LEFT JOIN LATERAL (SELECT a.x + k.v + c.z) d(w) ON true ORDER BY 1, 2, 3, 4, 5;
SELECT m.id, r.rating, t.d FROM movies m, reviews r LEFT JOIN LATERAL (SELECT m.vote_count - r.rating AS d WHERE m.id = r.movie_id) t ON true WHERE m.__key < 5 AND r.__key < 10 ORDER BY 1, 2, 3;
SELECT m.id, x.n FROM movies m LEFT JOIN LATERAL (SELECT count(*) AS n FROM reviews r WHERE r.movie_id = m.id) x ON true WHERE m.__key <= 10 ORDER BY 1;
SELECT m.id, x.rating FROM movies m CROSS JOIN LATERAL (SELECT rating FROM reviews r WHERE r.movie_id = m.id ORDER BY rating DESC, r.__key LIMIT 1) x WHERE m.__key <= 20 ORDER BY 1;
SELECT a.x, s FROM (VALUES (3), (1), (2)) a(x), generate_series(1, a.x) s ORDER BY 1, 2;
SELECT a.x, s, o FROM (VALUES (3), (1)) a(x), generate_series(a.x, a.x + 1) WITH ORDINALITY t(s, o) ORDER BY 1, 2;
SELECT a.x, b.y FROM (VALUES ('{1,2}'::int[]), ('{3}')) a(x), unnest(a.x) b(y) ORDER BY 2;
SELECT a.x, b.y FROM (VALUES ('{1,2}'::int[]), ('{3}')) a(x) LEFT JOIN unnest(a.x) b(y) ON y > 1 ORDER BY 1, 2;
SELECT * FROM (VALUES (1)) a(x), ROWS FROM (generate_series(1, a.x), generate_series(1, a.x + 1)) t(p, q) ORDER BY 3;
SELECT * FROM (VALUES (1), (2)) a(x) RIGHT JOIN LATERAL (SELECT a.x) b(y) ON true;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN LATERAL (SELECT a.x) b(y) ON true;
SELECT * FROM (VALUES (1), (2)) a(x), (SELECT a.x) b(y);
SELECT * FROM (VALUES (1), (2)) a(x), (SELECT x) b(y);
SELECT * FROM (SELECT a.x) b(y), (VALUES (1), (2)) a(x);
SELECT * FROM LATERAL (SELECT a.x) b(y), (VALUES (1), (2)) a(x);
SELECT (SELECT max(y) FROM (VALUES (1), (2)) a(x), LATERAL (SELECT a.x + o.z) b(y)) FROM (VALUES (10), (20)) o(z) ORDER BY 1;
SELECT o.z, q.y FROM (VALUES (10), (20)) o(z), LATERAL (SELECT b.y FROM (VALUES (1), (2)) a(x) LEFT JOIN LATERAL (SELECT a.x + o.z) b(y) ON y > 12) q ORDER BY 1, 2;
WITH c AS (SELECT generate_series(1, 3) n) SELECT a.x, l.n FROM (VALUES (1), (2)) a(x), (VALUES (0)) z(w) LEFT JOIN LATERAL (SELECT n FROM c WHERE n > a.x) l ON true ORDER BY 1, 2;
WITH c AS (SELECT generate_series(1, 3) n) SELECT a.x, l.n FROM (VALUES (1), (2)) a(x), ((SELECT n FROM c) z(w) FULL JOIN LATERAL (SELECT n FROM c WHERE n > a.x) l ON z.w = l.n + 1) ORDER BY 1, 2 NULLS FIRST;
SELECT a.x, (SELECT string_agg(l.y::text, ',' ORDER BY l.y) FROM (VALUES (5), (6)) q(v) LEFT JOIN LATERAL (SELECT a.x * q.v) l(y) ON true) FROM (VALUES (1), (2)) a(x) ORDER BY 1;
SELECT * FROM (VALUES (1), (2)) a(x) NATURAL JOIN LATERAL (SELECT a.x, a.x * 2 AS y) b ORDER BY 1;
SELECT * FROM (VALUES (1), (2)) a(x) JOIN LATERAL (SELECT a.x, a.x * 2 AS y) b USING (x) ORDER BY 1;
SELECT a.x, count(*) FROM (VALUES (1), (2)) a(x), LATERAL (SELECT generate_series(1, a.x)) b GROUP BY a.x ORDER BY 1;
SELECT x, sum(y) OVER (ORDER BY x, y) FROM (VALUES (1), (2)) a(x), LATERAL generate_series(1, x) b(y) ORDER BY 1, 2;

-- Subqueries in the arguments of lateral functions.
SELECT * FROM (VALUES (1), (3)) a(x), generate_series(1, (SELECT a.x)) g ORDER BY 1, 2;
SELECT * FROM (VALUES (1), (3)) a(x), unnest(ARRAY(SELECT y FROM (VALUES (1), (2), (3)) b(y) WHERE b.y >= a.x ORDER BY y)) WITH ORDINALITY AS u(v, n) ORDER BY 1, 3;
SELECT * FROM (VALUES (1), (3)) a(x) LEFT JOIN generate_series(2, (SELECT max(y) FROM (VALUES (1), (2)) b(y) WHERE b.y < a.x)) g ON g = 2 ORDER BY 1, 2;
WITH w(k) AS (VALUES (1), (2)) SELECT a.x, g FROM (VALUES (1), (2)) a(x), generate_series(1, (SELECT count(*) FROM w WHERE w.k <= a.x)) g ORDER BY 1, 2;
SELECT (SELECT string_agg(u.v::text, ',') FROM unnest(ARRAY(SELECT y + o.z + a.x FROM generate_series(1, 2) y)) u(v)) FROM (VALUES (10)) o(z), (VALUES (100), (200)) a(x) ORDER BY 1;
SELECT o.z, (SELECT sum(g) FROM (VALUES (1), (2)) a(x), generate_series((SELECT a.x), (SELECT o.z)) g) FROM (VALUES (2), (3)) o(z) ORDER BY 1;
SELECT * FROM ROWS FROM (generate_series(1, (SELECT 2)), generate_series(1, 3)) AS r(a, b);
SELECT * FROM (VALUES (2)) a(x), LATERAL ROWS FROM (generate_series(1, (SELECT a.x)), generate_series(a.x, 4)) AS r(a, b);

-- Sets within the arguments of a function in FROM.
SELECT * FROM generate_series(1, generate_series(1, 3));
SELECT * FROM abs(generate_series(1, 3)) x;
SELECT * FROM ROWS FROM (abs(1), abs(abs(generate_series(1, 3)))) x;
SELECT generate_series(1, 3) IS DISTINCT FROM 2, generate_series(1, 2) IS NOT DISTINCT FROM 1;
SELECT NULLIF(generate_series(1, 3), 2);
SELECT count(*) FROM generate_series(1, 20000) a(x), generate_series(1, 20000) b(y) JOIN LATERAL (VALUES (a.x)) s(z) ON b.y = s.z;
