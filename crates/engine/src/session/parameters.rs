//! Session parameters: what SET, SHOW, RESET, `set_config` and start-up options work on.
//!
//! Every parameter is one row of [`PARAMETERS`]. SET changes the session's value, SET LOCAL only the effective one; the end of a
//! transaction makes the effective values the session's again, and a rollback takes the session's back to what they were at its start.

use std::sync::Arc;

use borealis_pgtypes::datetime::TimeZone;
use borealis_pgtypes::{DateOrder, DateStyle, IntervalStyle, Oid, Result, Settings, SqlError, SqlState};
use borealis_sql::guard::{self, Guard};

/// How a parameter's text is checked and normalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text {
        characters_max: usize,
    },
    Bool,
    Integer {
        min: i32,
        max: i32,
    },
    TimeZone,
    DateStyle,
    IntervalStyle,
    SearchPath,
    Encoding,
    Role,
    /// Rules of a tenant guard; empty: none.
    TenantGuard,
    /// Shown, never set.
    ReadOnly,
}

/// One parameter.
#[derive(Debug)]
pub struct Parameter {
    /// Name as SHOW heads its column.
    pub name: &'static str,
    /// Value of a new session.
    pub default: &'static str,
    form: Form,
    /// `short_desc` of `pg_settings`.
    pub description: &'static str,
    /// Whether plans depend on it: `GUC_EXPLAIN`.
    of_plans: bool,
}

const fn row(name: &'static str, default: &'static str, form: Form, description: &'static str) -> Parameter {
    Parameter { name, default, form, description, of_plans: false }
}

const fn of_plans(parameter: Parameter) -> Parameter {
    Parameter { of_plans: true, ..parameter }
}

/// All parameters, ordered by lower-case name. Settable ones are those of the service's allow list; the rest answer SHOW with what holds here.
pub static PARAMETERS: &[Parameter] = &[
    row("application_name", "", Form::Text { characters_max: 64 }, "Sets the application name to be reported in statistics and logs."),
    row("block_size", "8192", Form::ReadOnly, "Shows the size of a disk block."),
    row("borealis.dialect", "", Form::ReadOnly, "Shows the dialect of the cluster."),
    row("borealis.redact_keys", "off", Form::Bool, "Hides the values of keys in borealis.conflicts."),
    of_plans(row("borealis.tenant_guard", "", Form::TenantGuard, "Confines the session to the rows of one tenant.")),
    row("client_encoding", "UTF8", Form::Encoding, "Sets the client's character set encoding."),
    row("client_min_messages", "notice", Form::ReadOnly, "Sets the message levels that are sent to the client."),
    row("DateStyle", "ISO, MDY", Form::DateStyle, "Sets the display format for date and time values."),
    row("default_table_access_method", "btree_table", Form::ReadOnly, "Sets the default table access method for new tables."),
    row(
        "default_transaction_isolation",
        "repeatable read",
        Form::ReadOnly,
        "Sets the transaction isolation level of each new transaction.",
    ),
    row("default_transaction_read_only", "off", Form::ReadOnly, "Sets the default read-only status of new transactions."),
    row("disable_sync_create_index", "on", Form::Bool, "Refuses CREATE INDEX without ASYNC."),
    of_plans(row("dsql.enable_batched_nestloop", "on", Form::Bool, "Enables the planner's use of batched nested-loop joins.")),
    row("enable_bitmapscan", "on", Form::Bool, "Enables the planner's use of bitmap-scan plans."),
    of_plans(row("enable_hashjoin", "on", Form::Bool, "Enables the planner's use of hash join plans.")),
    of_plans(row("enable_indexonlyscan", "on", Form::Bool, "Enables the planner's use of index-only-scan plans.")),
    of_plans(row("enable_indexscan", "on", Form::Bool, "Enables the planner's use of index-scan plans.")),
    of_plans(row("enable_material", "on", Form::Bool, "Enables the planner's use of materialization.")),
    of_plans(row("enable_mergejoin", "on", Form::Bool, "Enables the planner's use of merge join plans.")),
    of_plans(row("enable_nestloop", "on", Form::Bool, "Enables the planner's use of nested-loop join plans.")),
    of_plans(row("enable_seqscan", "on", Form::Bool, "Enables the planner's use of sequential-scan plans.")),
    row("extra_float_digits", "1", Form::Integer { min: -15, max: 3 }, "Sets the number of digits displayed for floating-point values."),
    row(
        "idle_in_transaction_session_timeout",
        "0",
        Form::ReadOnly,
        "Sets the maximum allowed idle time between queries, when in a transaction.",
    ),
    row("in_hot_standby", "off", Form::ReadOnly, "Shows whether hot standby is currently active."),
    row("integer_datetimes", "on", Form::ReadOnly, "Shows whether datetimes are integer based."),
    row("IntervalStyle", "postgres", Form::IntervalStyle, "Sets the display format for interval values."),
    row("is_superuser", "off", Form::ReadOnly, "Shows whether the current user is a superuser."),
    row("lock_timeout", "0", Form::ReadOnly, "Sets the maximum allowed duration of any wait for a lock."),
    row("max_identifier_length", "63", Form::ReadOnly, "Shows the maximum identifier length."),
    row("max_index_keys", "8", Form::ReadOnly, "Shows the maximum number of index keys."),
    row("role", "none", Form::Role, "Sets the current role."),
    row("row_security", "on", Form::ReadOnly, "Enables row security."),
    of_plans(row(
        "search_path",
        "\"$user\", public",
        Form::SearchPath,
        "Sets the schema search order for names that are not schema-qualified.",
    )),
    row("server_encoding", "UTF8", Form::ReadOnly, "Shows the server (database) character set encoding."),
    row("server_version", "16.15", Form::ReadOnly, "Shows the server version."),
    row("server_version_num", "160015", Form::ReadOnly, "Shows the server version as an integer."),
    row("standard_conforming_strings", "on", Form::ReadOnly, "Causes '...' strings to treat backslashes literally."),
    row("statement_timeout", "0", Form::ReadOnly, "Sets the maximum allowed duration of any statement."),
    row("TimeZone", "UTC", Form::TimeZone, "Sets the time zone for displaying and interpreting time stamps."),
    row("transaction_isolation", "repeatable read", Form::ReadOnly, "Sets the current transaction's isolation level."),
    row("transaction_read_only", "off", Form::ReadOnly, "Sets the current transaction's read-only status."),
];

/// The parameters a client is told of at start-up and whenever they change.
pub const REPORTED: &[&str] = &[
    "application_name",
    "client_encoding",
    "DateStyle",
    "default_transaction_read_only",
    "in_hot_standby",
    "integer_datetimes",
    "IntervalStyle",
    "is_superuser",
    "server_encoding",
    "server_version",
    "standard_conforming_strings",
    "TimeZone",
];

/// Index into [`PARAMETERS`].
fn find(name: &str) -> Option<usize> {
    PARAMETERS.iter().position(|parameter| parameter.name.eq_ignore_ascii_case(name))
}

/// One consistent set of values with what is derived from them.
#[derive(Clone, Debug)]
struct Values {
    texts: Vec<String>,
    types: Arc<Settings>,
    search_path: Vec<String>,
    /// The role that was set.
    role: Option<Oid>,
    guard: Option<Arc<Guard>>,
}

impl Values {
    fn defaults() -> Self {
        Self {
            texts: PARAMETERS.iter().map(|parameter| parameter.default.to_owned()).collect(),
            types: Arc::new(Settings::default()),
            search_path: vec!["$user".to_owned(), "public".to_owned()],
            role: None,
            guard: None,
        }
    }
}

/// The parameters of a session.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// Values a RESET goes back to: defaults and start-up options.
    reset: Values,
    session: Values,
    effective: Values,
    /// The session's values before the open transaction's first change of any.
    saved: Option<Values>,
    /// Changes whenever a value that plans depend on does.
    generation: u64,
    /// Whether anything may have changed since the client was last told.
    changed: bool,
}

impl Default for Parameters {
    fn default() -> Self {
        let values = Values::defaults();
        Self { reset: values.clone(), session: values.clone(), effective: values, saved: None, generation: 0, changed: false }
    }
}

impl Parameters {
    /// Gives a parameter that nobody sets the value it has in this cluster.
    pub fn fix(&mut self, name: &str, value: &str) {
        if let Some(index) = find(name) {
            for values in [&mut self.reset, &mut self.session, &mut self.effective] {
                value.clone_into(&mut values.texts[index]);
            }
        }
    }

    /// What value formats depend on.
    #[must_use]
    pub fn types(&self) -> &Arc<Settings> {
        &self.effective.types
    }

    /// The names of `search_path`, `$user` not yet replaced.
    #[must_use]
    pub fn search_path(&self) -> &[String] {
        &self.effective.search_path
    }

    /// The role that was set, if one was.
    #[must_use]
    pub fn role(&self) -> Option<Oid> {
        self.effective.role
    }

    /// Sets the role, which the session may become.
    ///
    /// # Errors
    /// `0A000` but for the transaction.
    pub fn set_role(&mut self, name: &str, role: Oid, local: bool) -> Result<()> {
        self.set("role", Some(&[name.to_owned()]), local)?;
        self.effective.role = Some(role);
        Ok(())
    }

    /// The tenant guard that holds.
    #[must_use]
    pub fn guard(&self) -> Option<&Arc<Guard>> {
        self.effective.guard.as_ref()
    }

    /// Changes whenever a plan made before may no longer be what would be made now.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether a Boolean parameter is on.
    #[must_use]
    pub fn is_on(&self, name: &str) -> bool {
        find(name).is_some_and(|index| self.effective.texts[index] == "on")
    }

    /// Name as shown and value.
    ///
    /// # Errors
    /// `42704` for a name that does not exist.
    pub fn show(&self, name: &str) -> Result<(&'static str, String)> {
        let index = find(name).ok_or_else(|| unrecognized(name))?;
        Ok((PARAMETERS[index].name, self.effective.texts[index].clone()))
    }

    /// What plans depend on and is not as a new session has it: name and value.
    pub fn of_plans(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let values = PARAMETERS.iter().zip(&self.effective.texts).map(|(parameter, text)| (parameter, text.as_str()));
        values.filter(|(parameter, text)| parameter.of_plans && *text != parameter.default).map(|(parameter, text)| (parameter.name, text))
    }

    /// All parameters: name, value, description.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &str, &'static str)> {
        PARAMETERS.iter().zip(&self.effective.texts).map(|(parameter, text)| (parameter.name, text.as_str(), parameter.description))
    }

    /// SET. `values` as the statement lists them; `None`: TO DEFAULT.
    ///
    /// # Errors
    /// `0A000` for a parameter that may not be set, `22023` for a bad value.
    pub fn set(&mut self, name: &str, values: Option<&[String]>, local: bool) -> Result<()> {
        let index = find(name).filter(|&index| PARAMETERS[index].form != Form::ReadOnly).ok_or_else(|| not_settable(name))?;
        let form = PARAMETERS[index].form;
        if form == Form::Role && !local && values.is_some_and(|values| values != ["none"]) {
            return Err(not_settable("role"));
        }
        if form == Form::TenantGuard && self.guard().is_some() {
            return Err(guarded());
        }
        // Until the transaction ends, this is what a rollback goes back to.
        self.saved.get_or_insert_with(|| self.session.clone());
        let mut next = if local { self.effective.clone() } else { self.session.clone() };
        match values {
            Some(values) => assign(&mut next, index, form, values)?,
            None => copy_value(&self.reset, &mut next, index),
        }
        if !local {
            copy_value(&next, &mut self.session, index);
        }
        copy_value(&next, &mut self.effective, index);
        self.touch();
        Ok(())
    }

    /// RESET of one parameter.
    ///
    /// # Errors
    /// As for SET.
    pub fn reset(&mut self, name: &str) -> Result<()> {
        self.set(name, None, false)
    }

    /// RESET ALL: of all but the tenant guard, which goes when the session or, set by SET LOCAL, the transaction ends.
    pub fn reset_all(&mut self) {
        self.saved.get_or_insert_with(|| self.session.clone());
        for values in [&mut self.session, &mut self.effective] {
            let before = std::mem::replace(values, self.reset.clone());
            if let Some(index) = find(guard::SETTING) {
                copy_value(&before, values, index);
            }
        }
        self.touch();
    }

    /// A start-up parameter or option: its value is also what RESET goes back to.
    ///
    /// # Errors
    /// As for SET.
    pub fn set_at_start(&mut self, name: &str, value: &str) -> Result<()> {
        self.set_from_text(name, value, false)?;
        self.saved = None;
        self.reset = self.session.clone();
        Ok(())
    }

    /// `set_config` and start-up options: the value as one text.
    ///
    /// # Errors
    /// As for SET.
    pub fn set_from_text(&mut self, name: &str, value: &str, local: bool) -> Result<()> {
        let values = if find(name).is_some_and(|index| PARAMETERS[index].form == Form::SearchPath) {
            split_identifiers(value).ok_or_else(|| invalid_value(name, value))?
        } else {
            vec![value.to_owned()]
        };
        self.set(name, Some(&values), local)
    }

    /// The transaction ends: local values go, and a rollback takes all of its settings back.
    pub fn end(&mut self, committed: bool) {
        let Some(saved) = self.saved.take() else { return };
        if !committed {
            let before = std::mem::replace(&mut self.session, saved);
            // A guard that was set for the session stays: rolling back is no way out of it.
            if let Some(index) = find(guard::SETTING).filter(|_| before.guard.is_some()) {
                copy_value(&before, &mut self.session, index);
            }
        }
        self.effective = self.session.clone();
        self.touch();
    }

    /// Whether anything may have changed since the last call.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    fn touch(&mut self) {
        self.generation += 1;
        self.changed = true;
    }
}

fn unrecognized(name: &str) -> SqlError {
    SqlError::new(SqlState::UNDEFINED_OBJECT, format!("unrecognized configuration parameter \"{name}\""))
}

fn not_settable(name: &str) -> SqlError {
    SqlError::unsupported(format!("setting configuration parameter \"{name}\" not supported"))
}

/// `42501`
fn guarded() -> SqlError {
    SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, "tenant guard: a guarded session cannot change its guard").hint("Open another session.")
}

fn invalid_value(name: &str, value: &str) -> SqlError {
    let name = find(name).map_or(name, |index| PARAMETERS[index].name);
    SqlError::new(SqlState::INVALID_PARAMETER_VALUE, format!("invalid value for parameter \"{name}\": \"{value}\""))
}

fn copy_value(from: &Values, to: &mut Values, index: usize) {
    to.texts[index].clone_from(&from.texts[index]);
    match PARAMETERS[index].form {
        Form::TimeZone => Arc::make_mut(&mut to.types).time_zone = from.types.time_zone.clone(),
        Form::DateStyle => {
            let types = Arc::make_mut(&mut to.types);
            types.date_style = from.types.date_style;
            types.date_order = from.types.date_order;
        }
        Form::IntervalStyle => Arc::make_mut(&mut to.types).interval_style = from.types.interval_style,
        Form::Integer { .. } => Arc::make_mut(&mut to.types).extra_float_digits = from.types.extra_float_digits,
        Form::SearchPath => to.search_path.clone_from(&from.search_path),
        Form::Role => to.role = from.role,
        Form::TenantGuard => to.guard.clone_from(&from.guard),
        Form::Text { .. } | Form::Bool | Form::Encoding | Form::ReadOnly => {}
    }
}

fn assign(target: &mut Values, index: usize, form: Form, values: &[String]) -> Result<()> {
    let name = PARAMETERS[index].name;
    if form == Form::SearchPath {
        target.texts[index] = values.iter().map(|value| quote_identifier(value)).collect::<Vec<_>>().join(", ");
        target.search_path = values.to_vec();
        return Ok(());
    }
    if form == Form::TenantGuard {
        // Without quotes SET takes the text apart at its commas.
        let text = values.join(",");
        target.guard = if text.is_empty() { None } else { Some(Arc::new(Guard::parse(&text)?)) };
        target.texts[index] = text;
        return Ok(());
    }
    let joined = values.join(", ");
    let [value] = values else {
        return if form == Form::DateStyle { assign_date_style(target, index, &joined) } else { Err(takes_one(name)) };
    };
    match form {
        Form::Text { characters_max } => target.texts[index] = value.chars().take(characters_max).map(printable).collect(),
        Form::Bool => target.texts[index] = boolean(name, value)?.to_owned(),
        Form::Integer { min, max } => {
            let number: i32 = value.trim().parse().map_err(|_| invalid_value(name, value))?;
            if !(min..=max).contains(&number) {
                let text = format!("{number} is outside the valid range for parameter \"{name}\" ({min} .. {max})");
                return Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, text));
            }
            target.texts[index] = number.to_string();
            Arc::make_mut(&mut target.types).extra_float_digits = number;
        }
        Form::TimeZone => {
            let zone = TimeZone::parse(value).map_err(|_| invalid_value(name, value))?;
            target.texts[index] = zone.name().to_string();
            Arc::make_mut(&mut target.types).time_zone = zone;
        }
        Form::DateStyle => assign_date_style(target, index, value)?,
        Form::IntervalStyle => {
            let (text, style) = interval_style(value).ok_or_else(|| invalid_value(name, value))?;
            target.texts[index] = text.to_owned();
            Arc::make_mut(&mut target.types).interval_style = style;
        }
        Form::Encoding => target.texts[index] = encoding(name, value)?,
        Form::Role => {
            target.texts[index].clone_from(value);
            target.role = None;
        }
        Form::SearchPath | Form::TenantGuard | Form::ReadOnly => {}
    }
    Ok(())
}

fn takes_one(name: &str) -> SqlError {
    SqlError::new(SqlState::INVALID_PARAMETER_VALUE, format!("SET {name} takes only one argument"))
}

/// `application_name` keeps printable ASCII only, as in PostgreSQL.
fn printable(character: char) -> char {
    if character.is_ascii_graphic() || character == ' ' { character } else { '?' }
}

fn boolean(name: &str, value: &str) -> Result<&'static str> {
    let lower = value.trim().to_ascii_lowercase();
    let is_prefix = |word: &str, shortest: usize| lower.len() >= shortest && word.starts_with(&lower);
    if is_prefix("true", 1) || is_prefix("yes", 1) || lower == "on" || lower == "1" {
        Ok("on")
    } else if is_prefix("false", 1) || is_prefix("no", 1) || is_prefix("off", 2) || lower == "0" {
        Ok("off")
    } else {
        Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, format!("parameter \"{name}\" requires a Boolean value")))
    }
}

fn encoding(name: &str, value: &str) -> Result<String> {
    let plain: String = value.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    match plain.as_str() {
        "utf8" | "unicode" => Ok("UTF8".to_owned()),
        _ => Err(invalid_value(name, value).hint("Borealis speaks UTF8 only.")),
    }
}

fn interval_style(value: &str) -> Option<(&'static str, IntervalStyle)> {
    Some(match value.to_ascii_lowercase().as_str() {
        "postgres" => ("postgres", IntervalStyle::Postgres),
        "postgres_verbose" => ("postgres_verbose", IntervalStyle::PostgresVerbose),
        "sql_standard" => ("sql_standard", IntervalStyle::SqlStandard),
        "iso_8601" => ("iso_8601", IntervalStyle::Iso8601),
        _ => return None,
    })
}

fn assign_date_style(target: &mut Values, index: usize, value: &str) -> Result<()> {
    let mut style = target.types.date_style;
    let mut order = target.types.date_order;
    let mut order_given = false;
    for word in value.split(',').map(str::trim) {
        match word.to_ascii_lowercase().as_str() {
            "iso" => style = DateStyle::Iso,
            "sql" => style = DateStyle::Sql,
            "postgres" => style = DateStyle::Postgres,
            "german" => {
                style = DateStyle::German;
                if !order_given {
                    order = DateOrder::Dmy;
                }
            }
            "ymd" => (order, order_given) = (DateOrder::Ymd, true),
            "dmy" | "euro" | "european" => (order, order_given) = (DateOrder::Dmy, true),
            "mdy" | "us" | "noneuro" | "noneuropean" => (order, order_given) = (DateOrder::Mdy, true),
            "default" => (style, order) = (DateStyle::Iso, DateOrder::Mdy),
            _ => {
                return Err(invalid_value("DateStyle", value).detail(format!("Unrecognized key word: \"{word}\".")));
            }
        }
    }
    let style_text = match style {
        DateStyle::Iso => "ISO",
        DateStyle::Postgres => "Postgres",
        DateStyle::Sql => "SQL",
        DateStyle::German => "German",
    };
    let order_text = match order {
        DateOrder::Mdy => "MDY",
        DateOrder::Dmy => "DMY",
        DateOrder::Ymd => "YMD",
    };
    target.texts[index] = format!("{style_text}, {order_text}");
    let types = Arc::make_mut(&mut target.types);
    types.date_style = style;
    types.date_order = order;
    Ok(())
}

/// An identifier as it must be written to be read back: quoted unless it is a plain lower-case word.
#[must_use]
pub fn quote_identifier(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// A comma-separated list of identifiers, quoted or folded to lower case; `None` when it is malformed.
fn split_identifiers(text: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = text.trim();
    if rest.is_empty() {
        return Some(names);
    }
    loop {
        let (name, after) = take_identifier(rest)?;
        names.push(name);
        rest = after.trim_start();
        match rest.strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None if rest.is_empty() => return Some(names),
            None => return None,
        }
    }
}

fn take_identifier(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_lowercase(), &text[end..]));
    };
    let mut name = String::new();
    loop {
        let end = rest.find('"')?;
        name.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return Some((name, rest)),
        }
    }
}

#[cfg(test)]
#[path = "parameters_tests.rs"]
mod tests;
