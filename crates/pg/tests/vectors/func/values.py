"""The values that record.py calls functions with."""

ZONES = ["Asia/Kolkata", "America/New_York"]

POOLS = {
    "boolean": ["t", "f"],
    "smallint": ["0", "1", "-1", "7", "32767", "-32768"],
    "integer": ["0", "1", "-1", "2", "3", "7", "-3", "100", "2147483647", "-2147483648"],
    "bigint": ["0", "1", "-1", "7", "-12", "2147483648", "12345678901", "9223372036854775807", "-9223372036854775808"],
    "oid": ["0", "1", "23", "2147483648", "4294967295"],
    "real": ["0", "-0", "1.5", "-2.5", "0.5", "3.5", "NaN", "Infinity", "-Infinity", "3.4e38", "1e-45", "16777216", "0.1"],
    "double precision": ["0", "-0", "1", "-1", "0.5", "-0.5", "1.5", "2.5", "-2.5", "0.1", "30", "60", "90", "-135", "NaN",
                         "Infinity", "-Infinity", "1e308", "5e-324", "1e15", "9223372036854775807", "2147483647.5", "1e-10"],
    "numeric": ["0", "1", "-1", "-1.50", "2.5", "123.456", "0.0001", "-0.5", "99999.99999", "1e30", "NaN", "Infinity",
                "-Infinity", "12345678901234567890.123", "32767.5", "2147483647.4", "0.00", "3"],
    # Nothing beyond U+E000 beside emojis: their order is ours, by UTF-16 code units.
    "text": ["", "a", "abc", "Hello World", "äöü", "日本語", "a b  c", "  trim  ", "straße", "it's", "a\\b", "x,y,z", "😀x",
             "AbC", "xyxyx", "b", "1,2,,3"],
    "character varying": ["", "abc", "ab  ", "日本語"],
    "bpchar": ["", "abc", "abc  ", "äb ", "b"],
    "name": ["", "abc", "Abc", "äb", "a b", "b"],
    '"char"': ["", "a", "b", "Z", "1"],
    "bytea": ["\\x", "\\x00", "\\x00ff", "\\x616263", "\\x5c27", "\\x61", "\\xff00ff00"],
    "date": ["2000-01-01", "2024-02-29", "1999-12-31", "0044-03-15 BC", "infinity", "-infinity", "5874897-12-31",
             "1970-01-01", "2023-06-15", "4714-11-24 BC", "2020-12-31", "2021-01-03"],
    "time without time zone": ["00:00", "23:59:59.999999", "12:34:56.5", "24:00:00", "01:02:03"],
    "time with time zone": ["00:00+00", "23:59:59.999999-08", "12:34:56.5+05:30", "24:00:00+02", "01:02:03-12:34:56"],
    "timestamp without time zone": ["2000-01-01 00:00", "2024-02-29 12:34:56.789012", "1999-12-31 23:59:59.999999",
                                    "0044-03-15 10:00 BC", "infinity", "-infinity", "294276-12-31 23:59:59.999999",
                                    "4714-11-24 00:00 BC", "2023-03-12 02:30", "2023-11-05 01:30", "1970-01-01 00:00:00",
                                    "2001-01-31 05:06:07", "2020-12-31 18:00"],
    "timestamp with time zone": ["2000-01-01 00:00+00", "2024-02-29 12:34:56.789012+00", "1999-12-31 23:59:59.999999-05",
                                 "0044-03-15 10:00+00 BC", "infinity", "-infinity", "294276-12-31 10:00+00",
                                 "2023-03-12 07:30+00", "2023-11-05 05:30+00", "2023-11-05 06:30+00", "1970-01-01 00:00+00",
                                 "2001-01-31 05:06:07+00"],
    "interval": ["0", "1 day", "-1 day", "1 month", "1 year 2 months 3 days 04:05:06.789", "-1 month 31 days", "25:00:00",
                 "100:00:00.5", "-00:00:00.000001", "178000000 years", "35 days 240:00", "1 month -1 hour", "-400 days",
                 "3 days 12:00"],
    "uuid": ["00000000-0000-0000-0000-000000000000", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
             "ffffffff-ffff-ffff-ffff-ffffffffffff"],
    "json": ['{"a": 1, "b": [1,2, {"c":null}], "a": "x"}', "[]", "{}", "1.50", '"te\\u0078t\\n"', "null", "true",
             '[1, "a", null, [2 , 3], {"a" :1}]', '{"a":{"b":{"c":"d"}}, "é":null}'],
    "jsonb": ['{"a": 1, "b": [1,2, {"c":null}], "aa": "x"}', "[]", "{}", "1.50", '"text"', "null", "true", "-32769", "1e20",
              '[1, "a", null, [2 , 3], {"a" :1}]', '{"a":{"b":{"c":"d"}}, "é":null}', '"a"', '["a","b","é"]', '[1,1.0,2]'],
    "integer[]": ["{}", "{1}", "{1,2,3}", "{3,2,1,2}", "{NULL,1}", "{{1,2},{3,4}}", "[0:1]={7,8}", "[2:3][0:1]={{1,2},{3,4}}",
                  "{{1},{2},{3}}"],
    "text[]": ["{}", "{a}", "{a,b,c}", "{NULL,a}", '{"a b","c,d",""}', "{{a,b},{c,d}}", "{a,1,b,2}", "{b,a}", "{é,日}"],
    "numeric[]": ["{}", "{1.0,2}", "{1,1.00,NaN}", "{NULL,3.14}"],
    "double precision[]": ["{}", "{1,2.5}", "{NaN,-0,0}", "{NULL,0.5}"],
    "date[]": ["{}", "{2020-01-01,infinity}", "{NULL}"],
    "timestamp without time zone[]": ["{}", "{2020-01-01 10:00,infinity}"],
    "boolean[]": ["{}", "{t,f,NULL}"],
    "bigint[]": ["{}", "{1,9223372036854775807}"],
    "oidvector": ["", "1 2", "23 25 1043"],
    "xid": ["0", "5", "4294967295"],
    "cid": ["0", "5"],
}

CONCRETE = {
    "anyarray": ["integer[]", "text[]", "numeric[]"],
    "anyelement": ["integer", "text", "numeric"],
    "anynonarray": ["integer", "text", "date"],
    "anycompatible": ["integer", "text", "numeric"],
    "anycompatiblearray": ["integer[]", "text[]", "numeric[]"],
    "anycompatiblenonarray": ["integer", "text", "numeric"],
    '"any"': ["integer", "text", "boolean", "timestamp without time zone", "jsonb", "double precision"],
}

UNITS = ["year", "Month", "day", "hour", "minute", "second", "milliseconds", "microseconds", "week", "quarter", "decade",
         "century", "millennium", "epoch", "dow", "isodow", "doy", "isoyear", "julian", "timezone", "timezone_hour",
         "timezone_minute", "foo", "mins", "secs", ""]
ZONE_NAMES = ["UTC", "America/New_York", "Europe/Paris", "asia/tokyo", "EST", "pdt", "MSK", "+05:30", "UTC+3", "nowhere", ""]
PATTERNS = ["%", "a%", "_bc", "%b%", "a\\%", "\\", "%\\", "H_llo%", "", "äö_", "%o W%", "A%", "___"]
REGEXES = ["a", "^a", "b$", "[a-c]+", "(a)(b)?", "x|xy", "(x|xy)(z|yx)?", "\\w+", "\\s+", "\\d", "a*", "", "(?i)ABC", "[[:alpha:]]+",
           "(", "[", "a{2", "*", "(.)\\1", "x*?", "(x*?)(y*)", "\\mW", "o\\M", "l+?", "(l+?)(o)", "(?=o)", "^.*$", "[^a-z ]",
           "(a|ab)(c|bcd)?", ".", "é|ö", "[[:space:]]", "\\y", "b(?!c)", "(?<=a)b", "xy(xy)+", "(xy)*x"]
FLAGS = ["", "g", "i", "gi", "n", "x", "z", "q", "c"]
CALLS = ["like", "notlike", "textlike", "textnlike", "bpcharlike", "namelike", "texticlike", "nameiclike", "bpchariclike",
         "bpcharnlike", "texticnlike", "namenlike", "nameicnlike", "bpcharicnlike"]
REGEX_CALLS = ["textregexeq", "textregexne", "texticregexeq", "texticregexne", "nameregexeq", "nameicregexeq", "nameregexne",
               "nameicregexne", "bpcharregexeq", "bpcharregexne", "bpcharicregexeq", "bpcharicregexne", "regexp_match",
               "regexp_matches", "regexp_like", "regexp_count", "regexp_instr", "regexp_substr", "regexp_replace",
               "regexp_split_to_array", "regexp_split_to_table"]
SMALL = ["-1", "0", "1", "2", "3", "5"]

SPECIAL = {}
for _name in ["extract", "date_part", "date_trunc"]:
    SPECIAL[_name, 0] = UNITS
SPECIAL["date_trunc", 2] = ZONE_NAMES
SPECIAL["timezone", 0, "text"] = ZONE_NAMES
SPECIAL["timezone", 0, "interval"] = ["05:30", "-03:00", "1 day", "00:00:30"]
for _name in CALLS:
    SPECIAL[_name, 1, "text"] = PATTERNS
for _name in REGEX_CALLS:
    SPECIAL[_name, 1, "text"] = REGEXES
    SPECIAL[_name, 0, "text"] = ["abc", "xyxyx", "Hello World", "", "äöü é", "foo bar  baz", "aabbcc", "line1\nline2", "abcd"]
SPECIAL["substring", 1, "text"] = REGEXES
SPECIAL["substring", 2, "text"] = ["#", "\\", ""]
SPECIAL["regexp_replace", 2, "text"] = ["X", "[\\1]", "\\&\\&", "\\\\", "", "\\2-\\q"]
SPECIAL["regexp_replace", 3, "text"] = FLAGS + ["1"]
SPECIAL["regexp_replace", 3, "integer"] = SMALL
SPECIAL["regexp_replace", 4, "integer"] = SMALL
SPECIAL["regexp_replace", 5, "text"] = FLAGS
for _name in ["regexp_match", "regexp_matches", "regexp_like", "regexp_split_to_array", "regexp_split_to_table"]:
    SPECIAL[_name, 2, "text"] = FLAGS
SPECIAL["regexp_count", 3, "text"] = FLAGS
for _at in [2, 3, 6]:
    SPECIAL["regexp_instr", _at, "integer"] = SMALL
    SPECIAL["regexp_substr", _at, "integer"] = SMALL
    SPECIAL["regexp_count", _at, "integer"] = SMALL
SPECIAL["regexp_instr", 4, "integer"] = ["0", "1", "2"]
SPECIAL["regexp_instr", 5, "text"] = FLAGS
SPECIAL["regexp_substr", 4, "text"] = FLAGS
SPECIAL["regexp_substr", 5, "integer"] = SMALL
for _name in ["similar_escape", "similar_to_escape"]:
    SPECIAL[_name, 0] = ["a%", "%(b|d)%", "_b[c]", "a#\"b#\"%", "\\x", ".^$", "[a\\]"]
    SPECIAL[_name, 1] = ["#", "\\", "", "ab"]
SPECIAL["like_escape", 1, "text"] = ["#", "\\", "", "ab", "%"]
SPECIAL["encode", 1] = ["hex", "base64", "escape", "HEX", "foo"]
SPECIAL["decode", 1] = ["hex", "base64", "escape", "foo"]
SPECIAL["decode", 0] = ["", "616263", "61 62", "6", "zz", "YWJj", "YWI=", "YQ==", "YQ=", "Y=", "a$bc", "\\141\\\\b", "\\14", "abc", "é"]
SPECIAL["convert_from", 1] = ["UTF8", "latin1", "SQL_ASCII", "foo"]
SPECIAL["convert_to", 1] = ["UTF8", "latin1", "foo"]
SPECIAL["length", 1, "name"] = ["UTF8", "latin1", "foo"]
SPECIAL["chr", 0] = ["0", "-1", "65", "228", "128512", "55296", "1114112", "2147483647"]
SPECIAL["unistr", 0] = ["abc", "\\0041", "\\u00e4x", "\\+01F600", "\\U0001F600", "\\d83d\\de00", "\\d83d", "\\\\", "\\xyz", "\\0000"]
for _name in ["lpad", "rpad", "repeat", "left", "right", "substr", "substring", "overlay", "split_part"]:
    for _at in [1, 2, 3]:
        SPECIAL[_name, _at, "integer"] = ["-2147483648", "-3", "-1", "0", "1", "2", "5", "12", "2147483647"]
SPECIAL["repeat", 1, "integer"] = ["-1", "0", "1", "3"]
SPECIAL["lpad", 1, "integer"] = SPECIAL["rpad", 1, "integer"] = ["-1", "0", "1", "3", "9", "2147483647"]
SPECIAL["lpad", 2] = SPECIAL["rpad", 2] = ["", "x", "xy", "ä"]
SPECIAL["split_part", 1, "text"] = ["", ",", "b", " ", "xy"]
SPECIAL["format", 0] = ["%s", "%s-%s", "%I.%L", "%2$s %1$s", "%10s|", "%-10s|", "%%", "%", "%q", "%1$*2$s", "%*s", "no", "%0$s", "%3$L",
                        "%-5I|", "%s %s %s %s %s"]
SPECIAL["parse_ident", 0] = ["a.b", '"A b".c', "Abc.DEF", "a.", ".a", "", '"a', "a b", "1a", ' "x""y" . z ', '""', "a.b c"]
SPECIAL["quote_ident", 0] = ["abc", "Abc", "select", "a b", 'a"b', "", "täble", "_x1", "1x", "between", "name"]
SPECIAL["numeric", 1] = ["-1", "327686", "655366", "65540", "327690"]
SPECIAL["interval", 1, "integer"] = ["-1", "2147418112", "2147418114", "327679"]
for _name in ["timestamp", "timestamptz", "time", "timetz"]:
    SPECIAL[_name, 1, "integer"] = ["-1", "0", "3", "6"]
for _name in ["bpchar", "varchar"]:
    SPECIAL[_name, 1, "integer"] = ["-1", "5", "6", "9"]
SPECIAL["round", 1, "integer"] = SPECIAL["trunc", 1, "integer"] = ["-2", "-1", "0", "1", "2", "5"]
SPECIAL["factorial", 0] = ["-1", "0", "1", "5", "20", "30"]
for _name, _values in {
    "make_date": [["2024", "-44", "0", "5874898", "1999"], ["1", "2", "13", "0"], ["1", "29", "31", "0"]],
    "make_time": [["0", "23", "24", "25"], ["0", "59", "60"], ["0", "59.999999", "60", "60.5", "-1", "NaN"]],
    "make_timestamp": [["2024", "-44", "0", "294277"], ["1", "2"], ["1", "30"], ["0", "23", "24"], ["0", "59"], ["0", "59.5", "61"]],
    "make_timestamptz": [["2024", "-44", "0"], ["1", "3"], ["1", "10", "30"], ["0", "2", "24"], ["0", "59"], ["0", "59.5", "61"], ZONE_NAMES],
}.items():
    for _at, _pool in enumerate(_values):
        SPECIAL[_name, _at] = _pool
SPECIAL["make_interval", 6] = ["0", "1.5", "-0.000001", "1e20", "NaN"]
for _at in range(6):
    SPECIAL["make_interval", _at] = ["0", "1", "-2", "14"]
SPECIAL["to_timestamp", 0, "double precision"] = ["0", "1.5", "-1.25", "1e20", "NaN", "Infinity", "1700000000.123456"]
# With infinity PostgreSQL 15 answers what depends on the bits of it; that is an error here.
SPECIAL["age", 0, "timestamp with time zone"] = SPECIAL["age", 1, "timestamp with time zone"] = [
    value for value in POOLS["timestamp with time zone"] if "infinity" not in value]
SPECIAL["date_bin", 0] = ["15 minutes", "1 day", "1 month", "0", "-1 hour", "1 week 2 hours"]
SPECIAL["array_length", 1] = SPECIAL["array_lower", 1] = SPECIAL["array_upper", 1] = ["-1", "0", "1", "2", "3"]
SPECIAL["generate_subscripts", 1] = ["0", "1", "2"]
SPECIAL["array_to_string", 1] = ["", ",", "--"]
SPECIAL["array_to_string", 2] = ["", "*"]
SPECIAL["string_to_array", 1] = SPECIAL["string_to_table", 1] = ["", ",", " "]
SPECIAL["string_to_array", 2] = SPECIAL["string_to_table", 2] = ["", "2", "x"]
SPECIAL["array_fill", 1] = ["{}", "{2}", "{2,3}", "{0}", "{-1}", "{NULL}", "{{1}}"]
SPECIAL["array_fill", 2] = ["{}", "{2}", "{0,5}", "{NULL}"]
SPECIAL["trim_array", 1] = ["-1", "0", "1", "2", "3"]
SPECIAL["width_bucket", 1] = ["{}", "{1,3,5}", "{NULL}", "{{1},{2}}"]
SPECIAL["width_bucket", 1, "double precision"] = SPECIAL["width_bucket", 1, "numeric"] = ["0", "10", "-1.5", "NaN", "Infinity"]
SPECIAL["width_bucket", 2] = ["0", "10", "5.5", "NaN"]
SPECIAL["width_bucket", 3] = ["0", "1", "4", "2147483647"]
for _name in ["json_extract_path", "json_extract_path_text", "jsonb_extract_path", "jsonb_extract_path_text"]:
    SPECIAL[_name, 1] = ["{}", "{a}", "{a,b}", "{b,0}", "{b,-1,c}", "{3,1}", "{NULL}", "{a,b,c}", "{x}"]
for _name in ["jsonb_set", "jsonb_set_lax", "jsonb_insert", "jsonb_delete_path"]:
    SPECIAL[_name, 1, "text[]"] = ["{}", "{a}", "{a,b}", "{b,0}", "{b,-1,c}", "{0}", "{-1}", "{9}", "{-9}", "{NULL}", "{x}", "{a,b,c}"]
SPECIAL["jsonb_set_lax", 4] = ["raise_exception", "use_json_null", "delete_key", "return_target", "foo"]
for _name in ["json_object_field", "json_object_field_text", "jsonb_object_field", "jsonb_object_field_text", "jsonb_exists",
              "jsonb_delete"]:
    SPECIAL[_name, 1, "text"] = ["a", "b", "x", "é", "text", "aa"]
for _name in ["json_array_element", "json_array_element_text", "jsonb_array_element", "jsonb_array_element_text", "jsonb_delete"]:
    SPECIAL[_name, 1, "integer"] = ["0", "1", "2", "-1", "-5", "9"]
for _name in ["json_object", "jsonb_object"]:
    SPECIAL[_name, 0, "text[]"] = ["{}", "{a,1}", "{a,1,b,NULL}", "{a}", "{{a,1},{b,2}}", "{NULL,1}", "{{a,b,c}}", "{a,1,a,2}"]
    SPECIAL[_name, 1, "text[]"] = ["{}", "{1,2}", "{NULL,x}", "{1,2,3,4}"]
# Ends far from the start would take for ever.
SPECIAL["generate_series", 0, "integer"] = ["1", "5", "-3"]
SPECIAL["generate_series", 1, "integer"] = ["4", "9", "-3"]
SPECIAL["generate_series", 2, "integer"] = ["1", "2", "-2", "0", "2147483647"]
SPECIAL["generate_series", 0, "bigint"] = ["1", "-2"]
SPECIAL["generate_series", 1, "bigint"] = ["4", "-4"]
SPECIAL["generate_series", 2, "bigint"] = ["1", "3", "-1", "0"]
SPECIAL["generate_series", 0, "numeric"] = ["1", "1.5", "NaN", "-Infinity"]
SPECIAL["generate_series", 1, "numeric"] = ["4", "2.75", "NaN", "Infinity"]
SPECIAL["generate_series", 2, "numeric"] = ["1", "0.250", "-0.5", "0", "NaN", "Infinity"]
for _zone in ["timestamp without time zone", "timestamp with time zone"]:
    SPECIAL["generate_series", 0, _zone] = ["2024-01-31 00:00", "2024-03-09 12:00"]
    SPECIAL["generate_series", 1, _zone] = ["2024-06-30 00:00", "2024-01-01 00:00"]
SPECIAL["generate_series", 2, "interval"] = ["1 month", "-10 days", "0", "20 days 5 hours"]
SPECIAL["set_byte", 1] = SPECIAL["get_byte", 1] = ["-1", "0", "1", "9"]
SPECIAL["set_bit", 1] = SPECIAL["get_bit", 1] = ["-1", "0", "7", "8", "15", "99"]
SPECIAL["set_bit", 2] = ["0", "1", "2"]
SPECIAL["pg_size_pretty", 0] = ["0", "-1", "10239", "10240", "20971519", "1073741824", "9223372036854775807", "-9223372036854775808"]
SPECIAL["power", 1, "numeric"] = SPECIAL["pow", 1, "numeric"] = SPECIAL["numeric_power", 1, "numeric"] = ["0", "1", "2", "-1", "0.5", "NaN", "Infinity", "10"]
for _name in ["exp", "numeric_exp"]:
    SPECIAL[_name, 0, "numeric"] = ["0", "1", "-1.5", "10.25", "NaN", "Infinity", "-Infinity"]
DATE_FORMATS = ["YYYY-MM-DD", "YYYY-MM-DD HH24:MI:SS.US", "Day, DD Month YYYY", "FMDay, FMDD FMMonth YYYY", "Dy DDth Mon YY", "HH12:MI:SS AM",
                "HH:MI p.m.", "Q CC W WW IW", "IYYY-IW-ID IDDD", "J DDD D", "Y,YYY YYY YY Y", "MS US FF3", "SSSS SSSSS", "RM rm", "TZ TZH:TZM OF",
                "tz", "BC A.D. ad", '"quoted YYYY" YYYY', "DAY MONTH MON DY", "day month mon dy", "FMRM FMMM", "IYY IY I", "\\\"x", "DDTH ddth DTH",
                "TMMonth TMDay", "FXYYYY", "", "z/ä", "HH24TH MIth"]
for _type in ["timestamp without time zone", "timestamp with time zone", "interval"]:
    SPECIAL["to_char", 0, _type] = POOLS[_type]
SPECIAL["to_char", 1] = DATE_FORMATS
SPECIAL["concat_ws", 0] = [",", "", "--"]

# What depends on the clock, on chance, or is not compared.
SKIP = {"now", "transaction_timestamp", "statement_timestamp", "clock_timestamp", "timeofday", "random", "gen_random_uuid",
        "pg_get_keywords", "pg_typeof", 1386, 2059, 2047, 2037}

for _name in ["to_date", "to_timestamp"]:
    SPECIAL[_name, 0, "text"] = ["2024-02-29 12:34:56", "20240229", "abc", "日本", "1 jan 99", " 7 / 8 ", "12"]
    SPECIAL[_name, 1, "text"] = ["YYYY-MM-DD HH24:MI:SS", "YYYYMMDD", "DD Mon YY", "MM/DD", "x,y,z", "FMDD", "WW YYYY", "MI"]

EXTRA = [
    *[(_name, ["text", "text"], [_text, _format]) for _name in ["to_date", "to_timestamp"] for _text, _format in [
        ("2024-02-29", "YYYY-MM-DD"), ("2023-02-29", "YYYY-MM-DD"), ("20240229", "YYYYMMDD"), ("2024/2/9", "YYYY-MM-DD"),
        ("29 Feb 2024", "DD Mon YYYY"), ("5 december 1999", "DD Month YYYY"), ("5 foo 1999", "DD Month YYYY"), ("99-1-2", "YY-MM-DD"),
        ("69-1-2", "YY-MM-DD"), ("2024-02-29 12:34:56.789", "YYYY-MM-DD HH24:MI:SS.MS"), ("2024-02-29 12:34:56.7", "YYYY-MM-DD HH24:MI:SS.US"),
        ("2024-02-29T12:34:56", 'YYYY-MM-DD"T"HH24:MI:SS'), ("11:30 pm", "HH:MI am"), ("13:30 pm", "HH:MI am"), ("44-03-15 BC", "YYYY-MM-DD BC"),
        ("05", "MM"), ("", "YYYY"), ("abc", "YYYY"), ("2024", ""), ("2024 60", "YYYY DDD"), ("60", "DDD"), ("2024 9", "YYYY WW"), ("2024 13", "YYYY MM"),
        ("2460000", "J"), ("2024-01-01 10:00 -05:30", "YYYY-MM-DD HH24:MI TZH:TZM"), ("2024-01-01 10:00+3", "YYYY-MM-DD HH24:MITZH"),
        ("  2024 -  1 - 5", "YYYY-MM-DD"), ("2024.01.05", "YYYYxMMxDD"), ("24", "YYYY"), ("1,999", "Y,YYY"), ("20 24", "CC YY"), ("21", "CC"),
        ("2024-IX-03", "YYYY-RM-DD"), ("2024-iv-3", "YYYY-RM-DD"), ("2024-1-1", "YYYY-MM"), ("202", "YYYYMM"), ("2024x1", "YYYYMM"), ("2024 2024", "YYYY YYYY"),
        ("2024 2023", "YYYY YYYY"), ("3661", "SSSS"), ("90000", "SSSS"), ("2024-01-01 25:00", "YYYY-MM-DD HH24:MI"), ("3rd Jan 2024", "DDth Mon YYYY"),
        ("Mon 1 Jan 2024", "Dy DD Mon YYYY"), ("99999999999", "YYYY"), ("5874898-01-01", "YYYY-MM-DD"), ("294277-01-01", "YYYY-MM-DD"), ("UTC", "TZ"),
        ("2024-02-29", "FXYYYY-MM-DD"), ("2024-2-29", "FXYYYY-MM-DD"), ("20240102", "FMYYYYFMMMFMDD"), ("-44-02-01", "YYYY-MM-DD"), ("0000-01-01", "YYYY-MM-DD"),
        ("31-12-9", "DD-MM-Y"), ("31-12-999", "DD-MM-YYY"), ("2024-02-30 1", "YYYY-MM-DD"), ("2024 2 3", "YYYY MM W")]],
    ("generate_series", ["integer", "integer"], ["2147483646", "2147483647"]),
    ("generate_series", ["integer", "integer", "integer"], ["-2147483647", "-2147483648", "-1"]),
    ("generate_series", ["bigint", "bigint"], ["9223372036854775806", "9223372036854775807"]),
]

NUMBER_FORMATS = [
    "9", "99", "999", "9999", "0", "000", "0999", "9990", "9909", "999.99", "FM999.99", "FM999.90", "FM990.00", "0.99", ".99", "9.", "FM9.", "FM.99",
    "9,999", "9,999,999.00", "FM9,999,999.00", "9G999D99", "FM9G999G999D00", "999D", "S999", "999S", "S9.9", "9.9S", "FMS999", "FM999S", "MI999", "999MI", "FM999MI",
    "PL999", "999PL", "SG999", "999SG", "9SG99", "FMSG999", "999PR", "FM999PR", "99.9PR", "L999", "FML999.00", "L 9,999.99", "RN", "rn", "FMRN", "FMrn", "RN99", "SGRN", "999th", "999TH", "FM999th",
    "FM999TH", "99.9th", "9V9", "99V99", "999V999", "FM9V9", "9V99S", "9.99EEEE", "9EEEE", "0.0000EEEE", "9.9eeee", "EEEE", "B9", "B999.9", "B0", "9B9", "C99", "SP99", "99SP",
    "9 9 9", "9-99-99", "\"x\"999", "999\"9 left\"", "\\\"999", "999 units", "ä999é", "€ 999", "%99.9%", "text", "", "9999999999999999", "999999999999999999.999999999", "FM999999990.009999",
    "00000", "0000.0000", "FM0000.0000", "FM9990.0099", "9.9.9", "9V9.9", "9.9V9", "S9S", "S9MI", "S9PL", "S9SG", "S9PR", "MI9S", "9PR9", "9PR0", "PR9S", "MI9PR", "EEEE9", "9EEEEEEEE", "FM9EEEE",
    "9S9EEEE", "fm9", "mi9", "9pr", "999d99", "9g999", "l9", "9v9", "s9", "sg9", "pl9", "0999999", "FM9999999.9999999", "9999999.9999999", "9.999999999999999999999", "TH", "FM", "S", "MI", "PR", ",", ".", ",9", "9,", "FM,9,",
]
_NUMBERS = {
    "integer": ["0", "1", "-1", "12", "-12", "485", "-485", "1234", "1234567", "-2147483648", "2147483647", "3", "11", "21", "102", "113", "3999", "4000", "10"],
    "bigint": ["0", "1", "-1", "485", "-485", "12345", "9223372036854775807", "-9223372036854775808", "99999", "1995", "22"],
    "real": ["0", "0.1", "-0.1", "1.5", "-1.5", "485.8", "-485.25", "1234567", "123.456", "NaN", "Infinity", "-Infinity", "3.4e38", "1e-20", "0.999", "9.99", "-0"],
    "double precision": ["0", "0.1", "-0.1", "0.5", "2.5", "-1.5", "485.8", "-485.25", "1234567.891", "123456789012345678", "NaN", "Infinity", "-Infinity", "1e300", "1e-300", "0.999",
                         "9.99", "-0", "1e10", "2024.5"],
    "numeric": ["0", "0.1", "-0.1", "0.5", "12", "-12.34", "148.5", "-148.5", "3148.5", "12.454", "485.8", "0.00012", "-0.00999", "NaN", "Infinity", "-Infinity",
                "12345678901234567890.1234567890", "999.999", "9.99", "99.95", "1e20", "1e-10", "0.00", "100", "4.5"],
}
_TEXTS = ["0", "12", "-12", "12-", "+12", "12+", "1,234.56", "-1,234.56", "12,454.8-", "<12>", "<12", " 12 ", "  -12", "$12", "$ 12.50", "12.", ".5", "-.5", "1 2 3", "abc", "", " ", "12th", "1st", "1.2.3",
          "123456789", "é1", "1é2", "日本12", "1e5", "NaN", "4.31", "- 12", "12 -", "0012", "1234.5678", "XII", "€ 12"]
for _type, _values in _NUMBERS.items():
    for _at, _format in enumerate(NUMBER_FORMATS):
        for _step in range(5):
            EXTRA.append(("to_char", [_type, "text"], [_values[(_at * 3 + _step * 5) % len(_values)], _format]))
for _at, _format in enumerate(NUMBER_FORMATS):
    for _step in range(9):
        EXTRA.append(("to_number", ["text", "text"], [_TEXTS[(_at * 5 + _step * 7) % len(_TEXTS)], _format]))
