CREATE TABLE movies (
    __key int PRIMARY KEY, id int, title varchar, description varchar, popularity double precision,
    release_date varchar, vote_average double precision, vote_count int
);
CREATE TABLE actors (__key int PRIMARY KEY, gender int, id int, name varchar, popularity double precision);
CREATE TABLE casts (__key int PRIMARY KEY, movie_id int, actor_id int);
CREATE TABLE reviews (
    __key int PRIMARY KEY, movie_id int, author varchar, rating double precision, content varchar
);
CREATE TABLE types (
    __key int PRIMARY KEY, c_smallint smallint, c_int int, c_bigint bigint, c_real real, c_double double precision,
    c_numeric numeric, c_boolean boolean, c_varchar varchar, c_date date, c_time time, c_timestamp timestamp,
    c_timestamptz timestamptz
);
CREATE TABLE notes (__key int PRIMARY KEY, author varchar, words varchar, stars int);
-- What Hazelcast users write.
CREATE FUNCTION rand() RETURNS double precision LANGUAGE sql VOLATILE AS 'SELECT random()';
