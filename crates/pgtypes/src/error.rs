//! The error every statement can end with: PostgreSQL's own fields.

use std::fmt;

/// Result of anything that can fail with a PostgreSQL error.
pub type Result<T, E = SqlError> = std::result::Result<T, E>;

/// A five-character error code.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SqlState(pub [u8; 5]);

impl SqlState {
    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XX000")
    }

    /// The code written in `text`, when it has five ASCII characters.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let bytes: [u8; 5] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_alphanumeric).then_some(Self(bytes))
    }
}

impl fmt::Debug for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! states {
    ($($name:ident = $code:literal),* $(,)?) => {
        impl SqlState { $(#[doc = concat!("`", stringify!($code), "`")] pub const $name: Self = Self(*$code);)* }
    };
}

states! {
    SUCCESSFUL_COMPLETION = b"00000", WARNING = b"01000", NO_DATA = b"02000",
    CONNECTION_EXCEPTION = b"08000", CONNECTION_FAILURE = b"08006", PROTOCOL_VIOLATION = b"08P01",
    FEATURE_NOT_SUPPORTED = b"0A000", CARDINALITY_VIOLATION = b"21000",
    STRING_DATA_RIGHT_TRUNCATION = b"22001", NUMERIC_VALUE_OUT_OF_RANGE = b"22003", NULL_VALUE_NOT_ALLOWED = b"22004",
    INVALID_DATETIME_FORMAT = b"22007", DATETIME_FIELD_OVERFLOW = b"22008", INVALID_TIME_ZONE_DISPLACEMENT_VALUE = b"22009",
    ESCAPE_CHARACTER_CONFLICT = b"2200B", INVALID_USE_OF_ESCAPE_CHARACTER = b"2200C", SEQUENCE_GENERATOR_LIMIT_EXCEEDED = b"2200H",
    SUBSTRING_ERROR = b"22011", DIVISION_BY_ZERO = b"22012",
    INVALID_PRECEDING_OR_FOLLOWING_SIZE = b"22013", INVALID_ARGUMENT_FOR_NTILE = b"22014", INTERVAL_FIELD_OVERFLOW = b"22015",
    INVALID_ARGUMENT_FOR_NTH_VALUE = b"22016", INVALID_ESCAPE_CHARACTER = b"22019", INVALID_REGULAR_EXPRESSION = b"2201B",
    INVALID_ARGUMENT_FOR_LOGARITHM = b"2201E", INVALID_ARGUMENT_FOR_POWER_FUNCTION = b"2201F", INVALID_ARGUMENT_FOR_WIDTH_BUCKET = b"2201G",
    INVALID_ROW_COUNT_IN_LIMIT_CLAUSE = b"2201W", INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE = b"2201X", CHARACTER_NOT_IN_REPERTOIRE = b"22021",
    INVALID_PARAMETER_VALUE = b"22023", INVALID_ESCAPE_SEQUENCE = b"22025", ARRAY_SUBSCRIPT_ERROR = b"2202E",
    FLOATING_POINT_EXCEPTION = b"22P01", INVALID_TEXT_REPRESENTATION = b"22P02", INVALID_BINARY_REPRESENTATION = b"22P03",
    BAD_COPY_FILE_FORMAT = b"22P04", UNTRANSLATABLE_CHARACTER = b"22P05", INVALID_JSON_TEXT = b"22032", SQL_JSON_SCALAR_REQUIRED = b"2203F",
    MORE_THAN_ONE_SQL_JSON_ITEM = b"22034", DUPLICATE_JSON_OBJECT_KEY_VALUE = b"22030",
    INTEGRITY_CONSTRAINT_VIOLATION = b"23000", RESTRICT_VIOLATION = b"23001", NOT_NULL_VIOLATION = b"23502", FOREIGN_KEY_VIOLATION = b"23503",
    UNIQUE_VIOLATION = b"23505", CHECK_VIOLATION = b"23514", INVALID_CURSOR_STATE = b"24000", INVALID_TRANSACTION_STATE = b"25000",
    ACTIVE_SQL_TRANSACTION = b"25001", READ_ONLY_SQL_TRANSACTION = b"25006", NO_ACTIVE_SQL_TRANSACTION = b"25P01", IN_FAILED_SQL_TRANSACTION = b"25P02",
    INVALID_SQL_STATEMENT_NAME = b"26000", INVALID_AUTHORIZATION_SPECIFICATION = b"28000", INVALID_PASSWORD = b"28P01",
    DEPENDENT_OBJECTS_STILL_EXIST = b"2BP01", INVALID_CURSOR_NAME = b"34000", INVALID_GRANT_OPERATION = b"0LP01", INVALID_CATALOG_NAME = b"3D000", INVALID_SCHEMA_NAME = b"3F000",
    SERIALIZATION_FAILURE = b"40001", STATEMENT_COMPLETION_UNKNOWN = b"40003", SYNTAX_ERROR = b"42601", INSUFFICIENT_PRIVILEGE = b"42501", CANNOT_COERCE = b"42846",
    GROUPING_ERROR = b"42803", WINDOWING_ERROR = b"42P20", INVALID_RECURSION = b"42P19", INVALID_FOREIGN_KEY = b"42830", INVALID_NAME = b"42602",
    NAME_TOO_LONG = b"42622", RESERVED_NAME = b"42939", DATATYPE_MISMATCH = b"42804", INDETERMINATE_DATATYPE = b"42P18", WRONG_OBJECT_TYPE = b"42809",
    COLLATION_MISMATCH = b"42P21", GENERATED_ALWAYS = b"428C9", UNDEFINED_COLUMN = b"42703", UNDEFINED_FUNCTION = b"42883", UNDEFINED_TABLE = b"42P01",
    UNDEFINED_PARAMETER = b"42P02", UNDEFINED_OBJECT = b"42704", DUPLICATE_COLUMN = b"42701", DUPLICATE_CURSOR = b"42P03",
    DUPLICATE_FUNCTION = b"42723", DUPLICATE_PREPARED_STATEMENT = b"42P05", DUPLICATE_SCHEMA = b"42P06", DUPLICATE_TABLE = b"42P07",
    DUPLICATE_ALIAS = b"42712", DUPLICATE_OBJECT = b"42710", AMBIGUOUS_COLUMN = b"42702", AMBIGUOUS_FUNCTION = b"42725",
    AMBIGUOUS_PARAMETER = b"42P08", AMBIGUOUS_ALIAS = b"42P09", INVALID_COLUMN_REFERENCE = b"42P10", INVALID_COLUMN_DEFINITION = b"42611",
    INVALID_FUNCTION_DEFINITION = b"42P13", INVALID_SCHEMA_DEFINITION = b"42P15", INVALID_TABLE_DEFINITION = b"42P16",
    INVALID_OBJECT_DEFINITION = b"42P17", WITH_CHECK_OPTION_VIOLATION = b"44000", DISK_FULL = b"53100", OUT_OF_MEMORY = b"53200",
    TOO_MANY_CONNECTIONS = b"53300", CONFIGURATION_LIMIT_EXCEEDED = b"53400", PROGRAM_LIMIT_EXCEEDED = b"54000", STATEMENT_TOO_COMPLEX = b"54001",
    TOO_MANY_COLUMNS = b"54011", TOO_MANY_ARGUMENTS = b"54023", OBJECT_NOT_IN_PREREQUISITE_STATE = b"55000", OBJECT_IN_USE = b"55006",
    QUERY_CANCELED = b"57014", ADMIN_SHUTDOWN = b"57P01", CRASH_SHUTDOWN = b"57P02", CANNOT_CONNECT_NOW = b"57P03", IO_ERROR = b"58030",
    INTERNAL_ERROR = b"XX000", DATA_CORRUPTED = b"XX001",
}

/// How bad it is; the names of the protocol's `S` field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Severity {
    Error,
    Fatal,
    Panic,
    Warning,
    Notice,
    Debug,
    Info,
    Log,
}

/// A PostgreSQL error or notice. One pointer wide, so that a `Result` on a hot path stays small.
#[derive(Clone, Debug, PartialEq)]
pub struct SqlError(Box<Fields>);

/// The fields of a [`SqlError`], as the protocol sends them.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Fields {
    pub severity: Severity,
    pub sqlstate: SqlState,
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
    /// Byte offset into the statement's text (0-based); the server turns it into PostgreSQL's 1-based character position.
    pub position: Option<usize>,
    pub context: Option<String>,
    pub schema: Option<String>,
    pub table: Option<String>,
    pub column: Option<String>,
    pub datatype: Option<String>,
    pub constraint: Option<String>,
    /// Name of PostgreSQL's function that answers this, where drivers tell an error by it.
    pub routine: Option<&'static str>,
    /// Key of the row of the dialect table that refuses the statement, for tools; no part of the protocol.
    pub form: Option<&'static str>,
}

impl SqlError {
    /// An error of severity `ERROR`.
    #[must_use]
    pub fn new(sqlstate: SqlState, message: impl Into<String>) -> Self {
        Self::with_severity(Severity::Error, sqlstate, message)
    }

    /// A notice, warning or fatal error.
    #[must_use]
    pub fn with_severity(severity: Severity, sqlstate: SqlState, message: impl Into<String>) -> Self {
        Self(Box::new(Fields {
            severity,
            sqlstate,
            message: message.into(),
            detail: None,
            hint: None,
            position: None,
            context: None,
            schema: None,
            table: None,
            column: None,
            datatype: None,
            constraint: None,
            routine: None,
            form: None,
        }))
    }

    /// `0A000` with the given text.
    #[must_use]
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(SqlState::FEATURE_NOT_SUPPORTED, message)
    }

    /// `XX000`: an invariant above the commit point does not hold; the statement fails and the connection lives.
    #[must_use]
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(SqlState::INTERNAL_ERROR, message)
    }

    /// Adds DETAIL.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds HINT.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds CONTEXT.
    #[must_use]
    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.0.context = Some(context.into());
        self
    }

    /// Points at a byte of the statement, unless the error already points somewhere. Negative: no position.
    #[must_use]
    pub fn at(mut self, byte_offset: i32) -> Self {
        if self.0.position.is_none() {
            self.0.position = usize::try_from(byte_offset).ok();
        }
        self
    }

    /// Names the table concerned.
    #[must_use]
    pub fn table(mut self, schema: &str, table: &str) -> Self {
        self.0.schema = Some(schema.to_owned());
        self.0.table = Some(table.to_owned());
        self
    }

    /// Names the column concerned.
    #[must_use]
    pub fn column(mut self, column: &str) -> Self {
        self.0.column = Some(column.to_owned());
        self
    }

    /// Names the type concerned.
    #[must_use]
    pub fn data_type(mut self, schema: &str, name: &str) -> Self {
        self.0.schema = Some(schema.to_owned());
        self.0.datatype = Some(name.to_owned());
        self
    }

    /// Names the constraint concerned.
    #[must_use]
    pub fn constraint(mut self, constraint: &str) -> Self {
        self.0.constraint = Some(constraint.to_owned());
        self
    }

    /// Names PostgreSQL's function for drivers that look at it.
    #[must_use]
    pub fn routine(mut self, routine: &'static str) -> Self {
        self.0.routine = Some(routine);
        self
    }

    /// Names the row of the dialect table that this refusal is.
    #[must_use]
    pub fn form(mut self, form: &'static str) -> Self {
        self.0.form = Some(form);
        self
    }

    /// All fields.
    #[must_use]
    pub fn fields(&self) -> &Fields {
        &self.0
    }

    /// All fields, for the layer that completes an error (severity FATAL at start-up, position in a batch).
    pub fn fields_mut(&mut self) -> &mut Fields {
        &mut self.0
    }

    /// The code.
    #[must_use]
    pub fn sqlstate(&self) -> SqlState {
        self.0.sqlstate
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.sqlstate, self.0.message)
    }
}

impl std::error::Error for SqlError {}
