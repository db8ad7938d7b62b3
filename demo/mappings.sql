CREATE OR REPLACE MAPPING movies (
    __key INT,
    id INT,
    title VARCHAR,
    description VARCHAR,
    popularity DOUBLE,
    release_date VARCHAR,
    vote_average DOUBLE,
    vote_count INT
)
TYPE IMap OPTIONS(
    'keyFormat' = 'int',
    'valueFormat' = 'json-flat'
);

CREATE OR REPLACE MAPPING casts (
    __key INT,
    movie_id INT,
    actor_id INT
)
TYPE IMap OPTIONS(
    'keyFormat' = 'int',
    'valueFormat' = 'json-flat'
);

CREATE OR REPLACE MAPPING actors (
    __key INT,
    gender INT,
    id INT,
    name VARCHAR,
    popularity DOUBLE
)
TYPE IMap OPTIONS(
    'keyFormat' = 'int',
    'valueFormat' = 'json-flat'
);

CREATE OR REPLACE MAPPING reviews (
    __key INT,
    movie_id INT,
    author VARCHAR,
    rating DOUBLE,
    content VARCHAR
)
TYPE IMap OPTIONS(
    'keyFormat' = 'int',
    'valueFormat' = 'json-flat'
);
