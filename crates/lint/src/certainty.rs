//! Whether the files decide an error, or only the database can.
//!
//! What the binder knows is what the files have made, and the system's own objects. An error about what it *found* (a name taken twice, an object of
//! another kind, one that others depend on) holds wherever the files are run. An error about what it did *not* find holds when the thing could stand
//! nowhere else: a column or constraint of a table that the files have made. A table, role or function may have been made elsewhere.

use borealis_pgtypes::{SqlError, SqlState};

use crate::schema::Schema;
use crate::tokens::Tokens;

/// How far the files decide an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// Everything that it speaks of is known.
    Certain,
    /// It hangs on something that may have been made elsewhere, but seldom is.
    Likely,
    /// Only the database can know.
    Open,
}

use Certainty::{Certain, Likely, Open};

/// How far the files decide `error`, the refusal of the statement `view` over `schema`.
pub(crate) fn certainty(error: &SqlError, view: Tokens<'_>, schema: &Schema) -> Certainty {
    let message = error.message();
    if error.fields().form.is_some() {
        return Certain;
    }
    match error.sqlstate() {
        SqlState::UNDEFINED_TABLE => of_relation(message, schema),
        SqlState::UNDEFINED_OBJECT => of_object(message, view).unless_in_doubt(view, schema),
        SqlState::UNDEFINED_FUNCTION | SqlState::AMBIGUOUS_FUNCTION => of_function(message),
        SqlState::INSUFFICIENT_PRIVILEGE => of_privilege(message),
        // $1 is given its type and value by who sends the statement.
        SqlState::UNDEFINED_PARAMETER | SqlState::INVALID_SCHEMA_NAME => Open,
        SqlState::INDETERMINATE_DATATYPE if message.contains("parameter") => Open,
        SqlState::DUPLICATE_SCHEMA if schema.only_supposes(quoted(message)) => Open,
        SqlState::UNDEFINED_COLUMN
        | SqlState::DUPLICATE_TABLE
        | SqlState::DUPLICATE_COLUMN
        | SqlState::DUPLICATE_OBJECT
        | SqlState::WRONG_OBJECT_TYPE
        | SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE
        | SqlState::DEPENDENT_OBJECTS_STILL_EXIST
        | SqlState::INVALID_FOREIGN_KEY => Certain.unless_in_doubt(view, schema),
        _ => Certain,
    }
}

impl Certainty {
    /// A table that a refused statement was about may look different once that statement is mended.
    fn unless_in_doubt(self, view: Tokens<'_>, schema: &Schema) -> Self {
        if self == Certain && schema.doubts(view) { Likely } else { self }
    }
}

/// The first name in double quotes.
fn quoted(message: &str) -> &str {
    message.split('"').nth(1).unwrap_or("")
}

fn of_relation(message: &str, schema: &Schema) -> Certainty {
    let name = quoted(message);
    if !message.ends_with("does not exist") || ["pg_catalog.", "information_schema."].iter().any(|system| name.starts_with(system)) {
        // A table that FROM does not list, or one of the system's.
        Certain
    } else if schema.has_dropped(name) {
        Likely
    } else {
        Open
    }
}

fn of_object(message: &str, view: Tokens<'_>) -> Certainty {
    match message.split_whitespace().next().unwrap_or("") {
        // A domain made elsewhere.
        "type" => Likely,
        "role" | "schema" | "statistics" => Open,
        // UNIQUE USING INDEX names an index of the table itself.
        "index" if !view.are(0, &["alter", "table"]) => Open,
        // Constraints of known tables, and what nobody can make: collations, windows, operator classes.
        _ => Certain,
    }
}

/// Operators cannot be made; functions can.
fn of_function(message: &str) -> Certainty {
    let routine = ["function", "procedure", "routine", "aggregate"].iter().any(|word| message.starts_with(word));
    if routine && !message.starts_with("function pg_catalog.") { Likely } else { Certain }
}

/// What is refused of the system's objects is refused to everybody; otherwise it hangs on who runs the file.
fn of_privilege(message: &str) -> Certainty {
    let system = ["system catalog", "schema pg_catalog", "schema information_schema", "schema sys"];
    if system.iter().any(|words| message.contains(words)) { Certain } else { Likely }
}
