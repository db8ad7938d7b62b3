-- Joins of the cluster's tables: every kind, USING and NATURAL, LATERAL, and what may not refer to what.
SELECT m.title, r.rating FROM movies m JOIN reviews r ON r.movie_id = m.id WHERE m.__key < 6 ORDER BY m.__key, r.__key;
SELECT m.__key, count(r.__key) FROM movies m LEFT JOIN reviews r ON r.movie_id = m.id GROUP BY m.__key ORDER BY m.__key LIMIT 40;
SELECT m.__key, r.__key FROM movies m RIGHT JOIN reviews r ON r.movie_id = m.id AND m.vote_average > 8 WHERE r.__key < 40 ORDER BY r.__key;
SELECT m.__key, r.__key FROM movies m FULL JOIN reviews r ON r.movie_id = m.id AND r.rating > 9 WHERE coalesce(m.__key, 0) < 20 AND coalesce(r.__key, 0) < 60 ORDER BY 1, 2;
SELECT count(*) FROM movies m FULL JOIN reviews r ON m.id = r.movie_id;
SELECT count(*) FROM movies m, casts c, actors a WHERE m.id = c.movie_id AND c.actor_id = a.id;
SELECT a.name, count(*) AS n FROM movies m JOIN casts c ON m.id = c.movie_id JOIN actors a ON c.actor_id = a.id GROUP BY a.name HAVING count(*) > 4 ORDER BY n DESC, a.name;
SELECT a.gender, count(DISTINCT m.id), avg(m.vote_average)::numeric(8, 4) FROM movies m JOIN casts c ON m.id = c.movie_id JOIN actors a ON a.id = c.actor_id GROUP BY a.gender ORDER BY a.gender;
SELECT * FROM movies m JOIN reviews r USING (__key) WHERE __key < 3 ORDER BY __key;
SELECT __key FROM movies JOIN reviews USING (__key) JOIN casts USING (__key) WHERE __key < 5 ORDER BY __key;
SELECT * FROM (SELECT __key, id FROM movies) a NATURAL JOIN (SELECT __key, movie_id AS id FROM casts) b ORDER BY 1, 2;
SELECT j.* FROM movies m JOIN casts c USING (__key) AS j WHERE j.__key < 4 ORDER BY 1;
SELECT m.id FROM movies m JOIN casts c USING (nosuch);
SELECT m.id FROM movies m JOIN casts c USING (title);
SELECT * FROM movies NATURAL JOIN casts WHERE __key < 3;
SELECT m.__key, x.n FROM movies m, LATERAL (SELECT count(*) AS n FROM reviews r WHERE r.movie_id = m.id) x WHERE m.__key < 12 ORDER BY 1;
SELECT m.__key, x.author FROM movies m LEFT JOIN LATERAL (SELECT author FROM reviews r WHERE r.movie_id = m.id ORDER BY rating DESC NULLS LAST, __key LIMIT 1) x ON true WHERE m.__key < 20 ORDER BY 1;
SELECT m.__key, s FROM movies m, generate_series(1, m.__key) s WHERE m.__key < 4 ORDER BY 1, 2;
SELECT m.__key, w FROM movies m CROSS JOIN LATERAL regexp_split_to_table(m.title, ' ') WITH ORDINALITY AS x(w, n) WHERE m.__key < 8 ORDER BY m.__key, n;
SELECT m.__key FROM movies m, (SELECT m.id) x;
SELECT m.__key FROM (SELECT m.id) x, movies m;
SELECT m.__key FROM movies m RIGHT JOIN LATERAL (SELECT m.id) x ON true;
SELECT m.title FROM movies m WHERE EXISTS (SELECT 1 FROM reviews r WHERE r.movie_id = m.id AND r.rating >= 9) ORDER BY m.__key;
-- Many items, in whatever order they are written.
SELECT count(*), min(m.title), max(a.name) FROM reviews r, casts c, actors a, movies m, casts c2, actors a2 WHERE r.movie_id = m.id AND c.movie_id = m.id AND a.id = c.actor_id AND c2.movie_id = c.movie_id AND a2.id = c2.actor_id AND a2.gender = 1 AND m.vote_average > 8;
SELECT count(*) FROM actors a, casts c, actors a2, casts c2, movies m LEFT JOIN reviews r ON r.movie_id = m.id WHERE m.id = 5 AND c.movie_id = m.id AND c2.movie_id = m.id AND a.id = c.actor_id AND a2.id = c2.actor_id AND a.gender < a2.gender;
SELECT count(*) FROM movies a, movies b, movies c WHERE a.__key < 4 AND b.__key < 5 AND c.__key < 6;
SELECT count(*) FROM movies m1, movies m2, movies m3, movies m4, movies m5, movies m6, movies m7, movies m8, movies m9, movies m10, movies m11, movies m12 WHERE m1.id = m2.id AND m2.id = m3.id AND m3.id = m4.id AND m4.id = m5.id AND m5.id = m6.id AND m6.id = m7.id AND m7.id = m8.id AND m8.id = m9.id AND m9.id = m10.id AND m10.id = m11.id AND m11.id = m12.id;
