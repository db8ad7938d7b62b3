//! Rows written and read again, and what PostgreSQL 15 answers to what is wrong with them.

use super::*;

fn given(name: &str, value: &str) -> Given {
    Given { name: name.into(), value: OptionValue::Text(value.into()), position: 1 }
}

fn options(list: &[(&str, &str)], from: bool) -> crate::Result<Options> {
    Options::new(&list.iter().map(|(name, value)| given(name, value)).collect::<Vec<_>>(), from)
}

fn written(list: &[(&str, &str)], fields: &[Option<&str>]) -> String {
    let writer = Writer::new(options(list, false).expect("options"), fields.iter().map(|_| "c".to_owned()));
    let mut out = Vec::new();
    writer.line(&mut out, fields.iter().map(|field| field.map(str::as_bytes)));
    String::from_utf8(out).expect("text")
}

/// All rows of data that comes in pieces of this many bytes.
fn read(list: &[(&str, &str)], columns: &[&str], data: &[u8], piece: usize) -> Result<Vec<Row>, String> {
    let options = options(list, true).map_err(|error| error.message().to_owned())?;
    let mut reader = Reader::new(options, columns.iter().map(|name| (*name).to_owned()).collect());
    let mut rows = Vec::new();
    let mut pieces = data.chunks(piece);
    loop {
        let next = pieces.next();
        next.iter().for_each(|data| reader.feed(data));
        while let Some(row) = reader.next(next.is_none()).map_err(|(error, _)| error.message().to_owned())? {
            rows.push(row);
        }
        if next.is_none() {
            return Ok(rows);
        }
    }
}

fn texts(rows: &[Row]) -> Vec<Vec<Option<String>>> {
    let text = |field: &Option<Vec<u8>>| field.as_ref().map(|f| String::from_utf8_lossy(f).into_owned());
    rows.iter().map(|row| row.fields.iter().map(text).collect()).collect()
}

#[test]
fn fields_are_written_as_postgres_does() {
    assert_eq!(written(&[], &[Some("a\tb"), None, Some("\\x\n")]), "a\\tb\t\\N\t\\\\x\\n\n");
    let csv = [("format", "csv")];
    assert_eq!(
        written(&csv, &[Some("a,b"), None, Some(""), Some("say \"hi\"")]),
        "\"a,b\",,\"\",\"say \"\"hi\"\"\"\n"
    );
    assert_eq!(written(&csv, &[Some("\\.")]), "\"\\.\"\n");
    assert_eq!(written(&csv, &[Some("\\."), Some("x")]), "\\.,x\n");
    assert_eq!(written(&[("delimiter", "|")], &[Some("a|b"), Some("c")]), "a\\|b|c\n");
}

#[test]
fn rows_are_read_again_whatever_the_pieces() {
    let values = [Some("a\tb"), None, Some("\\N"), Some("line\r\nbreak"), Some(""), Some("\"q\",")];
    let columns = ["a", "b", "c", "d", "e", "f"];
    for list in [&[][..], &[("format", "csv")], &[("format", "csv"), ("escape", "\\"), ("null", "~")]] {
        let line = written(list, &values);
        for piece in [1, 2, 3, 1000] {
            let rows = read(list, &columns, line.repeat(2).as_bytes(), piece).expect("rows");
            let expected: Vec<_> = values.iter().map(|v| v.map(str::to_owned)).collect();
            assert_eq!(texts(&rows), [expected.clone(), expected], "{list:?} in pieces of {piece}");
            assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 2]);
        }
    }
}

#[test]
fn lines_end_in_one_way() {
    for (data, rows) in [("1\n2\n", 2), ("1\r\n2\r\n", 2), ("1\r2", 2), ("1\n\\.\n3\n", 1), ("", 0)] {
        assert_eq!(read(&[], &["a"], data.as_bytes(), 1).map(|rows| rows.len()), Ok(rows), "{data:?}");
    }
    for piece in [1, 9] {
        let rows = read(&[], &["a"], b"1\n2\\.\n3\n", piece).expect("rows");
        assert_eq!(
            rows.iter().map(|row| row.fields[0].as_deref()).collect::<Vec<_>>(),
            [Some(&b"1"[..]), Some(b"2")]
        );
        let corrupt = read(&[], &["a"], b"1\na\\.b\n", piece);
        assert_eq!(corrupt, Err("end-of-copy marker corrupt".into()));
        let other = read(&[], &["a"], b"1\n\\.\r\n", piece);
        assert_eq!(other, Err("end-of-copy marker does not match previous newline style".into()));
    }
    assert_eq!(read(&[], &["a"], b"1\n2\r3\n", 2), Err("literal carriage return found in data".into()));
    let csv = [("format", "csv")];
    assert_eq!(read(&csv, &["a"], b"1\r\n2\n", 9), Err("unquoted newline found in data".into()));
    assert_eq!(read(&csv, &["a"], b"\"1\n2", 9), Err("unterminated CSV quoted field".into()));
}

#[test]
fn rows_have_the_columns_that_they_should() {
    let two = ["a", "b"];
    let short = read(&[], &two, b"1\n", 9).expect("a row");
    let (error, line) = short[0].missing.as_ref().expect("a missing field");
    assert_eq!((error.message(), &**line), ("missing data for column \"b\"", "1"));
    assert_eq!(read(&[], &two, b"1\t2\t3\n", 9), Err("extra data after last expected column".into()));
    let header = [("format", "csv"), ("header", "match")];
    assert_eq!(read(&header, &two, b"a,b\n1,2\n", 2).map(|rows| rows.len()), Ok(1));
    let message = "column name mismatch in header line field 2: got \"c\", expected \"b\"";
    assert_eq!(read(&header, &two, b"a,c\n1,2\n", 9), Err(message.into()));
    assert_eq!(
        read(&header, &two, b"a\n", 9),
        Err("wrong number of fields in header line: got 1, expected 2".into())
    );
}

#[test]
fn binary_rows_are_counted_and_measured() {
    let binary = [("format", "binary")];
    let mut data = super::write::BINARY_HEADER.to_vec();
    data.extend(b"\0\x02\0\0\0\x01x\xff\xff\xff\xff\xff\xff");
    for piece in [1, 5, 1000] {
        let rows = read(&binary, &["a", "b"], &data, piece).expect("rows");
        assert_eq!(rows, [Row { fields: vec![Some(b"x".to_vec()), None], line: 1, missing: None }]);
    }
    assert_eq!(read(&binary, &["a"], &data, 9), Err("row field count is 2, expected 1".into()));
    assert_eq!(read(&binary, &["a"], b"nonsense", 9), Err("COPY file signature not recognized".into()));
    let cut = data.get(..24).expect("a part");
    assert_eq!(read(&binary, &["a", "b"], cut, 9), Err("unexpected EOF in COPY data".into()));
}

#[test]
fn options_go_together_as_in_postgres() {
    let error = |list: &[(&str, &str)], from| options(list, from).expect_err("an error").message().to_owned();
    assert_eq!(error(&[("quote", "x")], true), "COPY quote available only in CSV mode");
    assert_eq!(error(&[("format", "binary"), ("null", "")], true), "cannot specify NULL in BINARY mode");
    assert_eq!(error(&[("delimiter", "a")], true), "COPY delimiter cannot be \"a\"");
    assert_eq!(error(&[("delimiter", "ab")], true), "COPY delimiter must be a single one-byte character");
    assert_eq!(error(&[("header", "match")], false), "cannot use \"match\" with HEADER in COPY TO");
    assert_eq!(error(&[("header", "maybe")], false), "header requires a Boolean value or \"match\"");
    assert_eq!(error(&[("format", "xml")], true), "COPY format \"xml\" not recognized");
    assert_eq!(error(&[("null", ""), ("null", "")], true), "conflicting or redundant options");
    assert_eq!(error(&[("colour", "red")], true), "option \"colour\" not recognized");
}

#[test]
fn quotes_and_nulls_are_forced() {
    let csv = given("format", "csv");
    let columns = |name: &str, columns| Given { name: name.into(), value: columns, position: 1 };
    let force = columns("force_quote", OptionValue::Star);
    let writer =
        Writer::new(Options::new(&[csv.clone(), force], false).expect("options"), ["a".into(), "b".into()]);
    let mut out = Vec::new();
    writer.line(&mut out, [Some(b"x".as_slice()), None].into_iter());
    assert_eq!(out, b"\"x\",\n");
    let names = |names: &[&str]| OptionValue::List(names.iter().map(|name| (*name).to_owned()).collect());
    let given = [csv, columns("force_null", names(&["a"])), columns("force_not_null", names(&["b"]))];
    let mut reader = Reader::new(Options::new(&given, true).expect("options"), vec!["a".into(), "b".into()]);
    reader.feed(b"\"\",\n");
    let row = reader.next(true).expect("a row").expect("one");
    assert_eq!(row.fields, [None, Some(Vec::new())]);
}
