-- A table of every type, and one to write into.
CREATE TABLE types (
    __key int PRIMARY KEY, c_smallint smallint, c_int int, c_bigint bigint, c_real real, c_double double precision,
    c_numeric numeric, c_boolean boolean, c_varchar varchar, c_date date, c_time time, c_timestamp timestamp,
    c_timestamptz timestamptz
);
CREATE TABLE notes (__key int PRIMARY KEY, author varchar, words varchar, stars int);
-- What Hazelcast users write.
CREATE FUNCTION rand() RETURNS double precision LANGUAGE sql VOLATILE AS 'SELECT random()';
