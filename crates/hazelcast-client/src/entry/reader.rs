//! Reads the wanted columns of entries into a page.

use std::sync::Arc;

use super::cell::{Cell, Mode};
use super::format::EntryFormat;
use super::json::{Object, Stop, Text, Token};
use super::layout::{EntryLayout, NeedsSql, Source};
use super::names::Names;
use super::page::PageBuilder;
use super::portables::{self, Portables};
use super::refusal::Refusal;
use super::scalar::{scalar, split};
use super::shapes::{Shapes, read_field};
use crate::data::big_endian::BigEndian;
use crate::data::{portable, type_id};
use crate::error::{Error, SqlError, sql_error_code};
use crate::schemas::Schemas;
use crate::sql::column::SqlColumnType;

/// Reads entries of one map: [`EntryLayout::reader`] makes it.
#[derive(Debug)]
pub struct EntryReader {
    layout: EntryLayout,
    types: Box<[SqlColumnType]>,
    key: Side,
    value: Side,
    schemas: Arc<Schemas>,
}

/// Why an entry wasn't read. The page is as it was before.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum EntryError {
    /// This client can't read it, or not surely as the cluster does.
    NeedsSql(NeedsSql),
    /// The entry names a schema that isn't known here yet: to be read again after
    /// [`Client::compact_schema`](crate::Client::compact_schema) has fetched it.
    UnknownSchema(i64),
    /// A value that isn't one of its column's type: the cluster's SQL fails as well, if it reads the value at all (a
    /// condition may leave the entry out before).
    Invalid {
        /// The map.
        map: String,
        /// The name of the column.
        column: String,
        /// The message of Hazelcast's own error.
        message: String,
    },
    /// The cluster was asked, and couldn't answer.
    Cluster(Error),
}

impl From<Error> for EntryError {
    fn from(error: Error) -> Self {
        Self::Cluster(error)
    }
}

impl std::fmt::Display for EntryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NeedsSql(reason) => reason.fmt(f),
            Self::UnknownSchema(id) => write!(f, "unknown schema {id}"),
            Self::Invalid { map, column, message } => {
                write!(f, "map \"{map}\", column \"{column}\": {message}")
            }
            Self::Cluster(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for EntryError {}

impl From<EntryError> for Error {
    /// For an invalid value the error that the cluster's SQL would have given.
    fn from(error: EntryError) -> Self {
        match error {
            EntryError::Invalid { message, .. } => Self::Sql(Box::new(SqlError {
                code: sql_error_code::DATA_EXCEPTION,
                message: Some(message),
                suggestion: None,
                origin: None,
            })),
            EntryError::Cluster(error) => error,
            other => Self::InvalidArgument(other.to_string()),
        }
    }
}

/// What is wanted of the keys, or of the values.
#[derive(Debug)]
struct Side {
    mode: Mode,
    /// Columns that are the whole of it, and their types.
    whole: Box<[(usize, SqlColumnType)]>,
    fields: Box<[Field]>,
    names: Names,
    shapes: Shapes,
    portables: Portables,
    /// By field: the number of the last entry in which it was found.
    found: Box<[u64]>,
    entry: u64,
    /// Texts without their escapes.
    scratch: Vec<u8>,
}

#[derive(Debug)]
struct Field {
    path: Box<str>,
    column: usize,
    column_type: SqlColumnType,
}

/// A column (of the page) whose value was refused, and whether it is the whole key or value.
type Refused = (Option<usize>, Refusal);

impl EntryReader {
    pub(super) fn new(
        schemas: Arc<Schemas>,
        layout: &EntryLayout,
        columns: &[usize],
    ) -> Result<Self, NeedsSql> {
        let mut picked = Vec::with_capacity(columns.len());
        for column in columns {
            let source = layout.columns.get(*column);
            picked.push(source.ok_or_else(|| layout.needs_sql(format!("it has no column {column}")))?);
        }
        let key = Side::new(true, layout, &picked)?;
        let value = Side::new(false, layout, &picked)?;
        let types = picked.iter().map(|source| source.column_type).collect();
        // For errors, columns are known by their place in the page.
        let columns = picked.into_iter().cloned().collect();
        let layout = EntryLayout { columns, ..layout.clone() };
        Ok(Self { layout, types, key, value, schemas })
    }

    /// An empty page for the columns of this reader.
    pub fn page(&self) -> PageBuilder {
        PageBuilder::new(self.types.iter().copied())
    }

    /// The map.
    pub fn map(&self) -> &str {
        self.layout.map()
    }

    /// Whether anything is read of the values; if not, keys are enough.
    pub fn reads_values(&self) -> bool {
        !self.value.is_empty()
    }

    /// Reads an entry into a new row of the page: key and value as they are serialized, headers included.
    pub fn read(&mut self, key: &[u8], value: &[u8], page: &mut PageBuilder) -> Result<(), EntryError> {
        if !page.begin_row() {
            return Err(EntryError::NeedsSql(self.layout.needs_sql("a page of more than 2 GiB")));
        }
        let read = self
            .key
            .read(key, &self.schemas, page)
            .map_err(|error| (true, error))
            .and_then(|()| self.value.read(value, &self.schemas, page).map_err(|error| (false, error)));
        read.map_err(|(is_key, failure)| {
            page.undo_row();
            self.error(is_key, failure)
        })
    }

    fn error(&self, is_key: bool, failure: Failure) -> EntryError {
        let (column, refusal) = match failure {
            Failure::Refused(refused) => refused,
            Failure::UnknownSchema(id) => return EntryError::UnknownSchema(id),
        };
        if let Refusal::NeedsSql(what) = refusal {
            return EntryError::NeedsSql(self.layout.needs_sql(what));
        }
        let source = column.and_then(|column| self.layout.columns.get(column));
        let of = if is_key { "key" } else { "value" };
        let field = match source.and_then(|source| source.path.as_deref()) {
            Some(path) => format!(" field \"{path}\""),
            None => String::new(),
        };
        let because = if matches!(refusal, Refusal::Mismatch(..)) { " because of" } else { ":" };
        EntryError::Invalid {
            map: self.layout.map.to_string(),
            column: source.map_or_else(String::new, |source| source.name.clone()),
            message: format!("Failed to extract map entry {of}{field}{because} {refusal}"),
        }
    }
}

/// Why a key or value wasn't read.
#[derive(Debug)]
enum Failure {
    Refused(Refused),
    UnknownSchema(i64),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

fn needs_sql(what: &'static str) -> Refused {
    (None, Refusal::NeedsSql(what))
}

impl Side {
    fn new(is_key: bool, layout: &EntryLayout, picked: &[&Source]) -> Result<Self, NeedsSql> {
        let format = if is_key { &layout.key } else { &layout.value };
        let mut whole = Vec::new();
        let mut fields: Vec<Field> = Vec::new();
        for (column, source) in picked.iter().enumerate().filter(|(_, source)| source.is_key == is_key) {
            let column_type = source.column_type;
            match &source.path {
                None => whole.push((column, column_type)),
                // Hazelcast takes these for ways into arrays and nested objects.
                Some(path) if path.contains(['.', '[', ']']) => {
                    return Err(layout.needs_sql(format!("column \"{}\" has a path", source.name)));
                }
                Some(path) if fields.iter().any(|field| *field.path == **path) => {
                    return Err(layout.needs_sql("a field is asked for twice"));
                }
                Some(path) => fields.push(Field { path: path.as_str().into(), column, column_type }),
            }
            check(layout, format, source)?;
        }
        Ok(Self {
            mode: if *format == EntryFormat::JsonFlat { Mode::Convert } else { Mode::Normalize },
            whole: whole.into(),
            names: Names::new(fields.iter().map(|field| field.path.clone())),
            shapes: Shapes::default(),
            portables: Portables::default(),
            found: vec![0; fields.len()].into(),
            fields: fields.into(),
            entry: 0,
            scratch: Vec::new(),
        })
    }

    fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.fields.is_empty()
    }

    fn read(&mut self, data: &[u8], schemas: &Schemas, page: &mut PageBuilder) -> Result<(), Failure> {
        if self.is_empty() {
            return Ok(());
        }
        let (type_id, payload) = split(data).ok_or(needs_sql("a serialized value without its header"))?;
        for (column, column_type) in &self.whole {
            read_whole(data, *column_type, self.mode, page, *column)?;
        }
        if self.fields.is_empty() {
            return Ok(());
        }
        match type_id {
            // In mappings of other formats, some versions fail here.
            type_id::JSON if self.mode == Mode::Convert => Ok(self.json(payload, page)?),
            type_id::COMPACT => self.compact(payload, schemas, page),
            type_id::PORTABLE => Ok(self.portable(data, page)?),
            // Members look for fields and methods of the class.
            _ => Err(needs_sql("a value of another kind than its mapping's").into()),
        }
    }

    /// The wanted members of an object, of two with one name the first. What is missing is null, and so is everything
    /// that is wanted after the place where the text stops being JSON.
    fn json(&mut self, payload: &[u8], page: &mut PageBuilder) -> Result<(), Refused> {
        let doubtful = needs_sql("JSON that versions of Hazelcast read in different ways");
        let text = BigEndian(payload).text().ok_or(needs_sql("a JSON value that is not UTF-8"))?;
        self.entry += 1;
        let mut left = self.fields.len();
        let object = match Object::open(text) {
            Ok(object) => object,
            Err(Stop::Broken) => None,
            Err(Stop::Doubtful) => return Err(doubtful),
        };
        let Some(mut object) = object else { return Ok(()) };
        let mut place = 0;
        while left > 0 {
            let next =
                object.name().and_then(|name| name.map(|name| Ok((name, object.value()?))).transpose());
            let (name, token) = match next {
                Ok(Some(member)) => member,
                Ok(None) | Err(Stop::Broken) => break,
                Err(Stop::Doubtful) => return Err(doubtful),
            };
            if let Some(field) = self.names.find(place, name)
                && self.found.get(field).is_some_and(|entry| *entry != self.entry)
            {
                left -= 1;
                self.member(field, token, page)?;
            }
            place += 1;
            if token == Token::Nested && left > 0 {
                match object.skip() {
                    Ok(()) => {}
                    Err(Stop::Broken) => break,
                    Err(Stop::Doubtful) => return Err(doubtful),
                }
            }
        }
        Ok(())
    }

    /// The wanted fields of a record; what its schema doesn't have is null.
    fn compact(&mut self, payload: &[u8], schemas: &Schemas, page: &mut PageBuilder) -> Result<(), Failure> {
        let broken = needs_sql("a Compact record that is broken");
        let mut reader = BigEndian(payload);
        let id = reader.i64().ok_or(broken)?;
        let paths = self.fields.iter().map(|field| &*field.path);
        let shape = self.shapes.find(id, schemas, paths).ok_or(Failure::UnknownSchema(id))?;
        let record = shape.record(reader.0).ok_or(broken)?;
        for (place, field) in shape.fields().zip(&self.fields) {
            let Some((kind, place)) = place else { continue };
            let cell = read_field(&record, kind, place).ok_or(broken)?;
            cell.store(field.column_type, self.mode, page, field.column)
                .map_err(|refusal| (Some(field.column), refusal))?;
        }
        Ok(())
    }

    /// The wanted fields of a record; what its class doesn't have is null.
    fn portable(&mut self, data: &[u8], page: &mut PageBuilder) -> Result<(), Refused> {
        let broken = needs_sql("a Portable record that is broken");
        let record = portable::Record::parse(data).ok_or(broken)?;
        let paths = self.fields.iter().map(|field| &*field.path);
        self.portables.learn(&record, paths).ok_or(broken)?;
        for (index, field) in self.fields.iter().enumerate() {
            let found = self.portables.field(&record, index, &field.path).ok_or(broken)?;
            let Some(found) = found else { continue };
            let cell = portables::read_field(found).ok_or(broken)?;
            cell.store(field.column_type, self.mode, page, field.column)
                .map_err(|refusal| (Some(field.column), refusal))?;
        }
        Ok(())
    }

    #[inline]
    fn member(&mut self, index: usize, token: Token<'_>, page: &mut PageBuilder) -> Result<(), Refused> {
        if let Some(entry) = self.found.get_mut(index) {
            *entry = self.entry;
        }
        let Some(Field { column, column_type, .. }) = self.fields.get(index) else { return Ok(()) };
        let mut scratch = std::mem::take(&mut self.scratch);
        let stored = cell(token, &mut scratch)
            .and_then(|cell| cell.store(*column_type, self.mode, page, *column))
            .map_err(|refusal| (Some(*column), refusal));
        self.scratch = scratch;
        stored
    }
}

/// Whether a column of this type can be read out of this format at all.
fn check(layout: &EntryLayout, format: &EntryFormat, source: &Source) -> Result<(), NeedsSql> {
    let refuse = |what: &str| Err(layout.needs_sql(format!("column \"{}\" {what}", source.name)));
    match (format, source.column_type) {
        (EntryFormat::Opaque, _) => refuse("is of a Java class"),
        (_, SqlColumnType::Row | SqlColumnType::Null) => refuse("is of a type that only SQL gives"),
        (EntryFormat::Compact { .. } | EntryFormat::Portable { .. }, SqlColumnType::Object)
            if source.path.is_some() =>
        {
            refuse("is an object")
        }
        (EntryFormat::Basic(_), _) if source.path.is_some() => refuse("is a field of a basic type"),
        _ => Ok(()),
    }
}

/// The key or the value as a whole.
fn read_whole(
    data: &[u8],
    column_type: SqlColumnType,
    mode: Mode,
    page: &mut PageBuilder,
    column: usize,
) -> Result<(), Refused> {
    if column_type != SqlColumnType::Object {
        return scalar(data)
            .store(column_type, mode, page, column)
            .map_err(|refusal| (Some(column), refusal));
    }
    match split(data) {
        Some((type_id, payload)) if stays(type_id, mode) => {
            page.put_with(column, |arena| {
                // The hash for the partition is not part of the value.
                arena.extend_from_slice(&[0; 4]);
                arena.extend_from_slice(&type_id.to_be_bytes());
                arena.extend_from_slice(payload);
            });
            Ok(())
        }
        _ => Err(needs_sql("a whole value as an object")),
    }
}

/// Whether SQL gives a value of this type as it is stored. In json-flat it converts some (`Converter.asObject`).
fn stays(type_id: i32, mode: Mode) -> bool {
    match type_id {
        type_id::CHARACTER | type_id::BIG_INTEGER | type_id::DATE => mode == Mode::Normalize,
        type_id::BYTE_ARRAY..=type_id::BYTE
        | type_id::STRING_ARRAY..=type_id::BOOLEAN_ARRAY
        | type_id::UUID
        | type_id::BIG_DECIMAL
        | type_id::OFFSET_DATE_TIME..=type_id::LOCAL_DATE
        | type_id::COMPACT
        | type_id::PORTABLE
        | type_id::JSON => true,
        _ => false,
    }
}

/// What `JsonGetter` makes of a token.
#[inline]
fn cell<'a>(token: Token<'a>, scratch: &'a mut Vec<u8>) -> Result<Cell<'a>, Refusal> {
    Ok(match token {
        Token::Text(Text { raw, escaped: false }) => Cell::Text(raw),
        Token::Text(text) => {
            scratch.clear();
            let decoded = text.decode(scratch).and_then(|_| std::str::from_utf8(scratch).ok());
            Cell::Text(decoded.ok_or(Refusal::NeedsSql("a JSON text with escapes that can't be read"))?)
        }
        // A number that doesn't fit is an error of Jackson's, and such errors are nulls.
        Token::Int(number) => number.parse().map_or(Cell::Null, Cell::Long),
        Token::Float(number) => number.parse().map_or(Cell::Null, Cell::Double),
        Token::Bool(value) => Cell::Bool(value),
        Token::Null => Cell::Null,
        Token::Nested => Cell::NonTerminal,
    })
}
