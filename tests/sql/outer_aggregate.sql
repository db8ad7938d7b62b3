-- Aggregates of an outer query's columns alone belong to that query.
SELECT (SELECT sum(o) FROM (VALUES (2)) u(p)) FROM (VALUES (1), (3)) t(o);
SELECT (SELECT count(t.o) + count(p) FROM (VALUES (2)) u(p)) FROM (VALUES (1), (3)) t(o);
SELECT (SELECT sum(o) + max(p) FROM (VALUES (2), (5)) u(p)) FROM (VALUES (1), (3)) t(o);
SELECT (SELECT sum(o + p) FROM (VALUES (2), (5)) u(p)) FROM (VALUES (1), (3)) t(o) ORDER BY 1;
SELECT g, (SELECT sum(o) FROM (VALUES (2)) u(p) WHERE p > 1) FROM (VALUES (1, 1), (1, 3), (2, 5)) t(g, o) GROUP BY g ORDER BY 1;
SELECT g FROM (VALUES (1, 1), (1, 3), (2, 5)) t(g, o) GROUP BY g HAVING (SELECT sum(o) > p FROM (VALUES (4)) u(p)) ORDER BY 1;
SELECT g FROM (VALUES (1, 1), (1, 3), (2, 5)) t(g, o) GROUP BY g HAVING EXISTS (SELECT 1 FROM (VALUES (4)) u(p) WHERE p = sum(o)) ORDER BY 1;
SELECT g, (SELECT string_agg(p, ',') FROM (VALUES ('a'), ('b')) u(p) WHERE count(o) > 1) FROM (VALUES (1, 1), (1, 3), (2, 5)) t(g, o) GROUP BY g ORDER BY 1;
SELECT (SELECT (SELECT sum(t.o) FROM (VALUES (1)) v(q)) FROM (VALUES (2)) u(p)) FROM (VALUES (1), (3)) t(o);
SELECT (SELECT (SELECT sum(u.p) FROM (VALUES (1)) v(q)) FROM (VALUES (2), (4)) u(p)) FROM (VALUES (1), (3)) t(o);
SELECT sum(o) FROM (VALUES (1)) t(o) WHERE EXISTS (SELECT 1 FROM (VALUES (2)) u(p) HAVING sum(o) > 0);
SELECT o FROM (VALUES (1)) t(o) WHERE o = (SELECT sum(o) FROM (VALUES (2)) u(p));
SELECT o, (SELECT sum(o) FROM (VALUES (2)) u(p)) FROM (VALUES (1), (3)) t(o);
SELECT o, (SELECT sum(o) FROM (VALUES (2)) u(p)) FROM (VALUES (1), (3)) t(o) GROUP BY o ORDER BY 1;
SELECT (SELECT sum(o) FILTER (WHERE o > 1) FROM (VALUES (2)) u(p)) FROM (VALUES (1), (3)) t(o);
SELECT (SELECT array_agg(o ORDER BY o DESC) FROM (VALUES (2)) u(p)) FROM (VALUES (1), (3)) t(o);
SELECT (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY o) FROM (VALUES (2)) u(p)) FROM (VALUES (1), (3), (9)) t(o);
SELECT sum((SELECT max(o) FROM (VALUES (2)) u(p))) FROM (VALUES (1), (3)) t(o);
SELECT (SELECT count(*) FROM (VALUES (2), (3)) u(p)) FROM (VALUES (1), (3)) t(o);
SELECT x, (SELECT sum(x)) FROM (SELECT 1 AS x, 2 AS y) t GROUP BY x;
SELECT (SELECT sum(x)) FROM (SELECT 1 AS x) t;
SELECT (SELECT count(x)) FROM (SELECT 1 AS x WHERE false) t;
SELECT genre_id, (SELECT max(m.vote_count) FROM reviews r WHERE r.__key < 3 LIMIT 1) FROM (SELECT __key % 3 AS genre_id, vote_count FROM movies) m GROUP BY genre_id ORDER BY 1;
SELECT * FROM (VALUES (1), (2)) t(o), LATERAL (SELECT sum(t.o)) s;
SELECT * FROM (VALUES (1), (2)) t(o) JOIN (VALUES (1)) u(p) ON (SELECT sum(t.o) > 0);
SELECT o FROM (VALUES (1), (3)) t(o) GROUP BY o, (SELECT sum(o));
SELECT (SELECT sum(o) OVER () FROM (VALUES (2)) u(p)) FROM (VALUES (1), (3)) t(o) ORDER BY 1;
SELECT 1 FROM (VALUES (1), (3)) t(o) ORDER BY (SELECT sum(o));
SELECT o FROM (VALUES (1), (3)) t(o) ORDER BY (SELECT sum(o));

-- Subqueries in an aggregate of an outer query move out with it, and what is nearer than its query is refused.
SELECT (SELECT max((SELECT o + p FROM (VALUES (10)) u(p)))) FROM (VALUES (1), (3)) t(o);
SELECT (SELECT max((SELECT p FROM (VALUES (1, 10), (3, 30)) u(k, p) WHERE k = o)) FILTER (WHERE o < 3)) FROM (VALUES (1), (3)) t(o);
WITH c AS (SELECT 1 AS x) SELECT (SELECT max((SELECT x + o FROM c))) FROM (VALUES (1), (3)) t(o);
WITH c AS (SELECT 1 AS x) SELECT (SELECT (SELECT max((SELECT x + o FROM c)))) FROM (VALUES (1), (3)) t(o);
SELECT (WITH c AS (SELECT 1 AS x) SELECT max((SELECT x + o FROM c))) FROM (VALUES (1), (3)) t(o);
SELECT (WITH c AS (SELECT 1 AS x) SELECT max(o) FILTER (WHERE o > (SELECT x FROM c))) FROM (VALUES (1), (3)) t(o);
SELECT (SELECT percentile_disc(p) WITHIN GROUP (ORDER BY o) FROM (VALUES (0.5)) u(p)) FROM (VALUES (1), (3)) t(o);
SELECT ARRAY(SELECT percentile_disc(p) WITHIN GROUP (ORDER BY o) FROM (VALUES (0.3), (0.7)) u(p) GROUP BY p) FROM (VALUES (1), (3)) t(o);
SELECT g, (SELECT percentile_disc(g) WITHIN GROUP (ORDER BY o) FROM (VALUES (1)) u(p)) FROM (VALUES (0.2, 1), (0.2, 3), (0.9, 4)) t(g, o) GROUP BY g ORDER BY 1;
SELECT (SELECT max((SELECT m.vote_count + o FROM movies m WHERE m.__key = o))) FROM (VALUES (1), (3)) t(o);
-- A target that GROUP BY means by its alias or place must not have one, be it of a subquery in it.
SELECT (SELECT (array_agg(t.x))[1] FROM (VALUES (1)) v(y) WHERE v.y = 1) AS a FROM (VALUES (1), (2)) t(x) GROUP BY a;
SELECT (SELECT sum(t.x) + v.y FROM (VALUES (1)) v(y)), 1 AS one FROM (VALUES (1), (2)) t(x) GROUP BY 2, 1;
SELECT (SELECT sum(v.y) FROM (VALUES (1)) v(y) WHERE v.y = t.x) AS a FROM (VALUES (1), (2)) t(x) GROUP BY a ORDER BY a;

-- What of an outer aggregate's arguments is constant does not change to which query it belongs.
SELECT (SELECT (array_agg(CASE WHEN false THEN t1.x ELSE 1 END))[1] FROM (VALUES (1)) v2(c)) FROM (VALUES (1), (2)) t1(x);
SELECT (SELECT count(CASE WHEN true THEN 1 ELSE t1.x END) FROM (VALUES (1)) v2(c)), count(*) FROM (VALUES (1), (2)) t1(x);
SELECT (SELECT sum(COALESCE(2, t1.x)) + v2.c FROM (VALUES (1)) v2(c)) FROM (VALUES (1), (2)) t1(x) HAVING (SELECT bool_or(false AND t1.x = 1 OR true) FROM (VALUES (1)) v3(d));
