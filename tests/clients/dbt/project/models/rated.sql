SELECT movie_id, count(*) AS n, avg(rating) AS rating FROM {{ source('maps', 'reviews') }} GROUP BY movie_id
