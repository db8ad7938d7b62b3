-- A table of every type, and one to write into.
CREATE OR REPLACE MAPPING types (
    __key INT, c_smallint SMALLINT, c_int INT, c_bigint BIGINT, c_real REAL, c_double DOUBLE, c_numeric DECIMAL,
    c_boolean BOOLEAN, c_varchar VARCHAR, c_date DATE, c_time TIME, c_timestamp TIMESTAMP,
    c_timestamptz TIMESTAMP WITH TIME ZONE
) TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat');

CREATE OR REPLACE MAPPING notes (__key INT, author VARCHAR, words VARCHAR, stars INT)
TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat');
