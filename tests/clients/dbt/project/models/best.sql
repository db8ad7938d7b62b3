SELECT m.title, r.n, round(r.rating::numeric, 2) AS rating, rank() OVER (ORDER BY r.rating DESC, m.title) AS place
FROM {{ ref('rated') }} r JOIN {{ source('maps', 'movies') }} m ON m.id = r.movie_id
WHERE r.n > 3
