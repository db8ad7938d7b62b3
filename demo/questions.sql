-- Which older films do many people like?
SELECT m.title AS name, m.vote_average AS average, m.vote_count AS cont
FROM movies m
WHERE m.vote_count > 20000 AND m.vote_average > 7 AND m.release_date < '2015-01-01'
ORDER BY m.popularity DESC;

-- Which films have the most popular casts?
SELECT m.title AS title, m.release_date AS r_date, SUM(a.popularity) AS point
FROM movies m
JOIN casts c ON m.id = c.movie_id
JOIN actors a ON c.actor_id = a.id
GROUP BY m.title, m.release_date
HAVING SUM(a.popularity) > 150
ORDER BY point DESC;

-- Which films do the reviewers agree on?
SELECT m.title as name, AVG(r.rating) as rating
FROM movies m
JOIN reviews r ON r.movie_id = m.id
GROUP BY m.title
HAVING AVG(r.rating) > 8 AND COUNT(*) > 5
ORDER BY rating DESC
LIMIT 10;

-- What shall I watch tonight?
SELECT m.title, r.author, r.rating, r.content
FROM movies m, reviews r
WHERE r.movie_id=m.id AND
      r.content LIKE '%recommend%' AND
      r.rating IS NOT NULL
ORDER BY RAND()
LIMIT 1;
