//! Errors as a PostgreSQL client sees them (protocol chapter, "Error and Notice Message Fields").

use std::fmt;

/// What went wrong, for the person who gets it. Boxed inside, so that a `Result` stays small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Fields>);

/// A result whose error is for the client.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The fields of an ErrorResponse or NoticeResponse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    /// How bad it is.
    pub severity: Severity,
    /// The SQLSTATE.
    pub code: SqlState,
    /// One line, lower case, no full stop.
    pub message: String,
    /// More about it: whole sentences.
    pub detail: Option<String>,
    /// What to do: whole sentences.
    pub hint: Option<String>,
    /// Where in the statement: characters, from 1.
    pub position: Option<u32>,
    /// The context, innermost call first.
    pub context: Option<String>,
    /// The names of what it is about, as `PQresultErrorField` gives them.
    pub schema: Option<String>,
    /// See `schema`.
    pub table: Option<String>,
    /// See `schema`.
    pub column: Option<String>,
    /// See `schema`.
    pub constraint: Option<String>,
}

/// The severity of an error or notice, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Severity {
    Panic,
    Fatal,
    Error,
    Warning,
    Notice,
    Info,
    Log,
    Debug,
}

impl Severity {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Panic => "PANIC",
            Severity::Fatal => "FATAL",
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Notice => "NOTICE",
            Severity::Info => "INFO",
            Severity::Log => "LOG",
            Severity::Debug => "DEBUG",
        }
    }
}

/// A five-character error code (manual, appendix A).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SqlState(pub [u8; 5]);

impl SqlState {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XX000")
    }
}

impl fmt::Debug for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! sqlstates {
    ($($name:ident = $code:literal;)*) => {
        impl SqlState {
            $(
                #[allow(missing_docs)]
                pub const $name: SqlState = SqlState(*$code);
            )*
        }
    };
}

sqlstates! {
    WARNING = b"01000"; NO_DATA = b"02000"; CONNECTION_FAILURE = b"08006"; PROTOCOL_VIOLATION = b"08P01";
    FEATURE_NOT_SUPPORTED = b"0A000"; CARDINALITY_VIOLATION = b"21000"; DATA_EXCEPTION = b"22000";
    STRING_DATA_RIGHT_TRUNCATION = b"22001"; NUMERIC_VALUE_OUT_OF_RANGE = b"22003"; NULL_VALUE_NOT_ALLOWED = b"22004";
    INVALID_DATETIME_FORMAT = b"22007"; DATETIME_FIELD_OVERFLOW = b"22008"; INVALID_TIME_ZONE_DISPLACEMENT = b"22009";
    ZERO_LENGTH_CHARACTER_STRING = b"2200F"; SUBSTRING_ERROR = b"22011"; DIVISION_BY_ZERO = b"22012"; INTERVAL_FIELD_OVERFLOW = b"22015";
    INVALID_ESCAPE_CHARACTER = b"22019"; INVALID_USE_OF_ESCAPE_CHARACTER = b"2200C"; INVALID_REGULAR_EXPRESSION = b"2201B"; INVALID_ARGUMENT_FOR_LOGARITHM = b"2201E";
    INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION = b"2201G"; INVALID_ARGUMENT_FOR_POWER_FUNCTION = b"2201F"; INVALID_ROW_COUNT_IN_LIMIT_CLAUSE = b"2201W";
    INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE = b"2201X"; CHARACTER_NOT_IN_REPERTOIRE = b"22021";
    INVALID_PARAMETER_VALUE = b"22023"; INVALID_ESCAPE_SEQUENCE = b"22025"; ARRAY_SUBSCRIPT_ERROR = b"2202E"; ARRAY_ELEMENT_ERROR = b"2202E";
    INVALID_TEXT_REPRESENTATION = b"22P02"; INVALID_BINARY_REPRESENTATION = b"22P03"; UNTRANSLATABLE_CHARACTER = b"22P05";
    NOT_NULL_VIOLATION = b"23502"; UNIQUE_VIOLATION = b"23505"; INVALID_CURSOR_STATE = b"24000";
    ACTIVE_SQL_TRANSACTION = b"25001"; NO_ACTIVE_SQL_TRANSACTION = b"25P01"; IN_FAILED_SQL_TRANSACTION = b"25P02";
    INVALID_SQL_STATEMENT_NAME = b"26000"; INVALID_AUTHORIZATION_SPECIFICATION = b"28000"; INVALID_PASSWORD = b"28P01";
    DEPENDENT_OBJECTS_STILL_EXIST = b"2BP01"; INVALID_CURSOR_NAME = b"34000"; INVALID_CATALOG_NAME = b"3D000"; INVALID_SCHEMA_NAME = b"3F000";
    SERIALIZATION_FAILURE = b"40001"; SYNTAX_ERROR = b"42601"; INSUFFICIENT_PRIVILEGE = b"42501"; CANNOT_COERCE = b"42846";
    GROUPING_ERROR = b"42803"; WINDOWING_ERROR = b"42P20"; INVALID_RECURSION = b"42P19"; DATATYPE_MISMATCH = b"42804";
    WRONG_OBJECT_TYPE = b"42809"; COLLATION_MISMATCH = b"42P21"; INDETERMINATE_COLLATION = b"42P22";
    GENERATED_ALWAYS = b"428C9"; UNDEFINED_COLUMN = b"42703"; UNDEFINED_FUNCTION = b"42883"; UNDEFINED_TABLE = b"42P01";
    UNDEFINED_PARAMETER = b"42P02"; UNDEFINED_OBJECT = b"42704"; DUPLICATE_COLUMN = b"42701"; DUPLICATE_CURSOR = b"42P03";
    DUPLICATE_PREPARED_STATEMENT = b"42P05"; DUPLICATE_TABLE = b"42P07"; DUPLICATE_ALIAS = b"42712";
    DUPLICATE_OBJECT = b"42710"; AMBIGUOUS_COLUMN = b"42702"; AMBIGUOUS_FUNCTION = b"42725";
    AMBIGUOUS_PARAMETER = b"42P08"; AMBIGUOUS_ALIAS = b"42P09"; INVALID_COLUMN_REFERENCE = b"42P10";
    INVALID_NAME = b"42602"; NAME_TOO_LONG = b"42622"; RESERVED_NAME = b"42939"; INDETERMINATE_DATATYPE = b"42P18";
    INVALID_OBJECT_DEFINITION = b"42P17"; OUT_OF_MEMORY = b"53200"; TOO_MANY_CONNECTIONS = b"53300";
    CONFIGURATION_LIMIT_EXCEEDED = b"53400"; PROGRAM_LIMIT_EXCEEDED = b"54000"; STATEMENT_TOO_COMPLEX = b"54001";
    TOO_MANY_COLUMNS = b"54011"; TOO_MANY_ARGUMENTS = b"54023"; OBJECT_NOT_IN_PREREQUISITE_STATE = b"55000";
    CANT_CHANGE_RUNTIME_PARAM = b"55P02"; QUERY_CANCELED = b"57014"; ADMIN_SHUTDOWN = b"57P01"; CANNOT_CONNECT_NOW = b"57P03";
    SYSTEM_ERROR = b"58000"; INTERNAL_ERROR = b"XX000"; DATA_CORRUPTED = b"XX001";
}

impl Error {
    /// An error of severity ERROR.
    pub fn new(code: SqlState, message: impl Into<String>) -> Error {
        Error(Box::new(Fields {
            severity: Severity::Error,
            code,
            message: message.into(),
            detail: None,
            hint: None,
            position: None,
            context: None,
            schema: None,
            table: None,
            column: None,
            constraint: None,
        }))
    }

    /// A feature that neither the cluster nor the gateway has yet: 0A000 naming it.
    pub fn refused(feature: impl fmt::Display) -> Error {
        Error::new(SqlState::FEATURE_NOT_SUPPORTED, format!("{feature} is not supported"))
    }

    /// Something nests too deeply: what PostgreSQL says when its stack is used up (`check_stack_depth`).
    pub fn stack_depth() -> Error {
        Error::new(SqlState::STATEMENT_TOO_COMPLEX, "stack depth limit exceeded").hint(
            "Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after ensuring the \
             platform's stack depth limit is adequate.",
        )
    }

    /// A broken invariant of ours: XX000.
    pub fn internal(message: impl Into<String>) -> Error {
        Error::new(SqlState::INTERNAL_ERROR, message)
    }

    /// With another severity.
    pub fn severity(mut self, severity: Severity) -> Error {
        self.0.severity = severity;
        self
    }

    /// With a detail.
    pub fn detail(mut self, detail: impl Into<String>) -> Error {
        self.0.detail = Some(detail.into());
        self
    }

    /// With a hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.0.hint = Some(hint.into());
        self
    }

    /// With a position, in characters from 1; an earlier one stays.
    pub fn at(mut self, position: Option<u32>) -> Error {
        if self.0.position.is_none() {
            self.0.position = position;
        }
        self
    }

    /// The SQLSTATE.
    pub fn code(&self) -> SqlState {
        self.0.code
    }

    /// The primary message.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// All fields.
    pub fn fields(&self) -> &Fields {
        &self.0
    }

    /// All fields, to change.
    pub fn fields_mut(&mut self) -> &mut Fields {
        &mut self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code.as_str(), self.0.message)
    }
}

impl std::error::Error for Error {}
