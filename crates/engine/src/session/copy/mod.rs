//! COPY FROM STDIN and COPY TO STDOUT.
//!
//! COPY FROM writes as INSERT does, COPY TO reads as SELECT does: defaults, constraints and the limits of a transaction are the same.

mod binary;
mod options;
mod reader;
mod writer;

#[cfg(test)]
mod tests;

use borealis_pgtypes::{Datum, EvalContext, Result, SqlError, SqlState, Type};
use borealis_sql::ast::Copy;
use borealis_sql::bind::{CopyTarget, bind_copy};

use super::portal::{Portal, Progress, Running};
use super::transaction::Block;
use super::{Executed, Session, Sink};
use crate::exec::{self, Batch, QueryEnv};
use binary::{BinaryReader, RawFields};
pub use options::CopyFormat;
use options::{Columns, Header, Options};
use reader::{Fields, Reader};

/// What the protocol's CopyInResponse and CopyOutResponse say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyInfo {
    /// Number of columns.
    pub columns: usize,
    /// Whether they are binary; all are, or none.
    pub binary: bool,
}

/// COPY FROM under way.
pub(super) struct CopyIn {
    source: Source,
    writer: exec::CopyIn,
    table: String,
    names: Vec<String>,
    types: Vec<Type>,
    options: Options,
    header_pending: bool,
    rows: u64,
}

/// Where rows come from.
enum Source {
    Lines(Reader),
    Binary(BinaryReader),
}

/// One row's fields as they came.
enum Line {
    Text(Fields),
    Binary(RawFields),
}

/// COPY TO under way.
pub(super) struct CopyOut {
    running: Running,
    format: RowFormat,
    rows: u64,
}

/// How rows are written.
struct RowFormat {
    names: Vec<String>,
    types: Vec<Type>,
    options: Options,
    header_pending: bool,
}

/// Starts a COPY.
pub(super) fn begin(session: &mut Session, portal: &mut Portal, copy: &Copy) -> Result<Executed> {
    let options = Options::read(&copy.options, copy.from)?;
    let binary = options.format == CopyFormat::Binary;
    if copy.from {
        let started = begin_in(session, copy, options)?;
        let info = CopyInfo { columns: started.names.len(), binary };
        session.copy = Some(started);
        Ok(Executed::CopyIn(info))
    } else {
        let started = begin_out(session, copy, options)?;
        let info = CopyInfo { columns: started.format.names.len(), binary };
        portal.progress = Progress::CopyOut(Box::new(started));
        Ok(Executed::CopyOut(info))
    }
}

fn begin_in(session: &mut Session, copy: &Copy, options: Options) -> Result<CopyIn> {
    let CopyTarget::Into { permissions, target, columns, values, filter } = bind(session, copy)? else {
        return Err(SqlError::internal("COPY FROM needs a table"));
    };
    let text = session.text.clone();
    let active = session.active()?;
    super::portal::refuse_read_only(active.txn.read_only, "COPY FROM")?;
    active.enter_dml()?;
    active.depend_on(&[target.table.oid]);
    active.trail.add(&text, &[target.table.oid]);
    session.permit(&permissions)?;
    let given = columns.iter().filter_map(|number| target.table.column_number(*number));
    let wanted: Vec<(String, Type)> = given.map(|column| (column.name.clone(), column.ty)).collect();
    check_columns(&options, &wanted)?;
    let (names, types) = wanted.into_iter().unzip();
    Ok(CopyIn {
        source: match options.format {
            CopyFormat::Binary => Source::Binary(BinaryReader::default()),
            CopyFormat::Text | CopyFormat::Csv => Source::Lines(Reader::new(options.clone())),
        },
        writer: exec::CopyIn::compile(&target, &values, filter.as_ref())?,
        table: target.table.name.clone(),
        names,
        types,
        header_pending: options.header != Header::No,
        options,
        rows: 0,
    })
}

fn begin_out(session: &mut Session, copy: &Copy, options: Options) -> Result<CopyOut> {
    let CopyTarget::OutOf(bound) = bind(session, copy)? else {
        return Err(SqlError::internal("COPY TO needs a query"));
    };
    let Some(columns) = bound.columns.clone() else {
        return Err(SqlError::unsupported("COPY query must have a RETURNING clause"));
    };
    let compiled = session.compile(*bound)?;
    let running = session.begin_plan(&compiled)?;
    let wanted: Vec<(String, Type)> = columns.into_iter().map(|column| (column.name, column.ty)).collect();
    check_columns(&options, &wanted)?;
    let (names, types) = wanted.into_iter().unzip();
    // The binary format always has its header.
    let header_pending = options.header != Header::No || options.format == CopyFormat::Binary;
    Ok(CopyOut { running, format: RowFormat { names, types, options, header_pending }, rows: 0 })
}

fn bind(session: &mut Session, copy: &Copy) -> Result<CopyTarget> {
    session.with_eval(|session, active, eval| {
        let path = session.search_path(active);
        bind_copy(copy, &session.bind_context(&active.catalog, &path, eval))
    })
}

/// Columns named by options must be copied.
fn check_columns(options: &Options, wanted: &[(String, Type)]) -> Result<()> {
    let lists = [("FORCE_QUOTE", &options.force_quote), ("FORCE_NOT_NULL", &options.force_not_null), ("FORCE_NULL", &options.force_null)];
    for (option, columns) in lists {
        let Columns::Some(names) = columns else { continue };
        if let Some(missing) = names.iter().find(|name| !wanted.iter().any(|(column, _)| column == *name)) {
            let text = format!("{option} column \"{missing}\" not referenced by COPY");
            return Err(SqlError::new(SqlState::INVALID_COLUMN_REFERENCE, text));
        }
    }
    Ok(())
}

impl Session {
    /// Whether the client is sending COPY data.
    #[must_use]
    pub fn is_copying_in(&self) -> bool {
        self.copy.is_some()
    }

    /// A piece of COPY FROM STDIN.
    ///
    /// # Errors
    /// Whatever is wrong with a line, with its number in CONTEXT.
    pub fn copy_data(&mut self, data: &[u8]) -> Result<()> {
        let result = self.take_copy_data(data, false);
        self.checked(result)
    }

    /// The end of COPY FROM STDIN; answers the tag. `ends` as for [`Session::execute`].
    ///
    /// # Errors
    /// As for [`Session::copy_data`], and what a commit may answer.
    pub async fn copy_done(&mut self, ends: bool) -> Result<Executed> {
        let result = self.finish_copy(ends).await;
        self.checked(result)
    }

    /// The client gave up.
    pub fn copy_fail(&mut self, reason: &str) -> SqlError {
        self.abort();
        SqlError::new(SqlState::QUERY_CANCELED, format!("COPY from stdin failed: {reason}"))
    }

    async fn finish_copy(&mut self, ends: bool) -> Result<Executed> {
        self.take_copy_data(&[], true)?;
        self.check_constraints()?;
        let rows = self.copy.take().map_or(0, |copy| copy.rows);
        if ends && self.block == Block::Implicit {
            self.finish_implicit().await?;
        }
        Ok(Executed::Complete(format!("COPY {rows}")))
    }

    fn take_copy_data(&mut self, data: &[u8], last: bool) -> Result<()> {
        let Some(mut copy) = self.copy.take() else {
            return Err(SqlError::new(SqlState::PROTOCOL_VIOLATION, "COPY data outside COPY FROM STDIN"));
        };
        let result = super::portal::blocking(|| {
            copy.push(data)?;
            while let Some(line) = copy.next(last).map_err(|error| copy.in_line(error))? {
                self.copy_line(&mut copy, line)?;
            }
            Ok(())
        });
        self.copy = Some(copy);
        result
    }

    fn copy_line(&mut self, copy: &mut CopyIn, line: Line) -> Result<()> {
        if std::mem::take(&mut copy.header_pending)
            && let Line::Text(names) = &line
        {
            return copy.check_header(names);
        }
        self.interrupt.check()?;
        let limits = self.exec_limits();
        let written = self.with_eval(|session, active, eval| {
            let values = match line {
                Line::Text(fields) => copy.values(fields, eval)?,
                Line::Binary(fields) => copy.binary_values(fields, eval)?,
            };
            let (catalog, bodies) = (active.catalog.clone(), session.bodies(active));
            let env =
                QueryEnv { eval: *eval, params: &[], catalog: &catalog, system: session, routines: &bodies, limits: &limits, depth: 0 };
            let mut rows = Batch::new(values.len());
            rows.push(&values);
            copy.writer.insert(&mut active.txn, &env, &rows).map_err(|error| copy.located(error, None))
        })?;
        copy.rows += written;
        Ok(())
    }

    pub(super) fn run_copy_out(&mut self, copy: &mut CopyOut, values: &[Datum], sink: &mut dyn Sink) -> Result<Executed> {
        if let Some(header) = copy.format.names_line() {
            sink.copy_data(&header);
        }
        let limits = self.exec_limits();
        while !sink.is_full() {
            let more = super::portal::blocking(|| {
                self.with_eval(|session, active, eval| {
                    let (catalog, bodies) = (active.catalog.clone(), session.bodies(active));
                    let env = QueryEnv {
                        eval: *eval,
                        params: values,
                        catalog: &catalog,
                        system: session,
                        routines: &bodies,
                        limits: &limits,
                        depth: 0,
                    };
                    let Some(batch) = copy.running.execution.next_batch(&mut active.txn, &env, crate::exec::BATCH_ROWS)? else {
                        return Ok(false);
                    };
                    for row in batch.rows() {
                        sink.copy_data(&copy.format.line(row, eval)?);
                        copy.rows += 1;
                    }
                    Ok(true)
                })
            })?;
            if !more {
                if let Some(end) = copy.format.end() {
                    sink.copy_data(&end);
                }
                return Ok(Executed::Complete(format!("COPY {}", copy.rows)));
            }
        }
        Ok(Executed::Full)
    }
}

impl RowFormat {
    fn is_binary(&self) -> bool {
        self.options.format == CopyFormat::Binary
    }

    /// The line of names, when it is wanted and not yet written.
    fn names_line(&mut self) -> Option<Vec<u8>> {
        if self.is_binary() || !std::mem::take(&mut self.header_pending) {
            return None;
        }
        let names: Vec<_> = self.names.iter().cloned().map(Some).collect();
        let mut out = Vec::new();
        // FORCE_QUOTE is about values.
        let options = Options { force_quote: Columns::Some(Vec::new()), ..self.options.clone() };
        writer::line(&names, &self.names, &options, &mut out);
        Some(out)
    }

    /// The start of a message in binary format. The file's header stands in one message with what follows it: clients look for it there.
    fn begin_message(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        if std::mem::take(&mut self.header_pending) {
            binary::header(&mut out);
        }
        out
    }

    /// What ends the data, in the format that has such a thing.
    fn end(&mut self) -> Option<Vec<u8>> {
        if !self.is_binary() {
            return None;
        }
        let mut out = self.begin_message();
        binary::trailer(&mut out);
        Some(out)
    }

    fn line(&mut self, row: &[Datum], eval: &EvalContext<'_>) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        if self.is_binary() {
            out = self.begin_message();
            binary::write_row(row, &self.types, &mut out)?;
        } else {
            writer::line(&text_values(row, &self.types, eval)?, &self.names, &self.options, &mut out);
        }
        Ok(out)
    }
}

impl CopyIn {
    fn check_header(&self, fields: &Fields) -> Result<()> {
        if self.options.header != Header::Match {
            return Ok(());
        }
        if fields.len() != self.names.len() {
            let text = format!("wrong number of fields in header line: got {}, expected {}", fields.len(), self.names.len());
            return Err(self.in_line(bad_format(text)));
        }
        for (index, (field, name)) in fields.iter().zip(&self.names).enumerate() {
            let found = field.as_deref().unwrap_or_default();
            if found != name {
                let text = format!("column name mismatch in header line field {}: got \"{found}\", expected \"{name}\"", index + 1);
                return Err(self.in_line(bad_format(text)));
            }
        }
        Ok(())
    }

    fn push(&mut self, data: &[u8]) -> Result<()> {
        match &mut self.source {
            Source::Lines(reader) => reader.push(data),
            Source::Binary(reader) => reader.push(data),
        }
    }

    fn next(&mut self, last: bool) -> Result<Option<Line>> {
        match &mut self.source {
            Source::Lines(reader) => Ok(reader.next(last)?.map(Line::Text)),
            Source::Binary(reader) => Ok(reader.next(self.names.len(), last)?.map(Line::Binary)),
        }
    }

    fn binary_values(&self, fields: RawFields, eval: &EvalContext<'_>) -> Result<Vec<Datum>> {
        let value = |(index, field): (usize, Option<Vec<u8>>)| match field {
            None => Ok(Datum::Null),
            Some(bytes) => borealis_pgtypes::binary::receive(self.types[index], &bytes, eval)
                .map_err(|error| error.context(format!("{}, column {}", self.place(), self.names[index]))),
        };
        fields.into_iter().enumerate().map(value).collect()
    }

    fn values(&self, fields: Fields, eval: &EvalContext<'_>) -> Result<Vec<Datum>> {
        if fields.len() > self.names.len() {
            return Err(self.in_line(bad_format("extra data after last expected column".to_owned())));
        }
        if let Some(missing) = self.names.get(fields.len()) {
            return Err(self.in_line(bad_format(format!("missing data for column \"{missing}\""))));
        }
        let mut values = Vec::with_capacity(fields.len());
        for (index, field) in fields.into_iter().enumerate() {
            let name = &self.names[index];
            let field = match field {
                None if self.options.force_not_null.contains(name) => Some(self.options.null.clone()),
                Some(text) if text == self.options.null && self.options.force_null.contains(name) => None,
                other => other,
            };
            values.push(match field {
                None => Datum::Null,
                Some(text) => borealis_pgtypes::text::input(self.types[index], &text, eval)
                    .map_err(|error| self.located(error, Some((name, &text))))?,
            });
        }
        Ok(values)
    }

    /// An error of a line as a whole, with the line.
    fn in_line(&self, error: SqlError) -> SqlError {
        match &self.source {
            Source::Lines(reader) => error.context(format!("{}: \"{}\"", self.place(), shortened(&reader.text))),
            Source::Binary(_) => self.located(error, None),
        }
    }

    fn located(&self, error: SqlError, column: Option<(&str, &str)>) -> SqlError {
        let column = column.map_or_else(String::new, |(name, value)| format!(", column {name}: \"{}\"", shortened(value)));
        error.context(format!("{}{column}", self.place()))
    }

    fn place(&self) -> String {
        let line = match &self.source {
            Source::Lines(reader) => reader.line,
            Source::Binary(reader) => reader.line,
        };
        format!("COPY {}, line {line}", self.table)
    }
}

/// Values in CONTEXT are cut at 100 bytes, as in PostgreSQL.
fn shortened(value: &str) -> String {
    const BYTES_MAX: usize = 100;
    if value.len() <= BYTES_MAX {
        return value.to_owned();
    }
    let mut end = BYTES_MAX;
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}...", &value[..end])
}

fn text_values(row: &[Datum], types: &[Type], eval: &EvalContext<'_>) -> Result<Vec<Option<String>>> {
    let text = |(value, ty): (&Datum, &Type)| {
        let value = super::reg_output::name(value, ty.oid, eval)?;
        if value.is_null() {
            return Ok(None);
        }
        let mut text = String::new();
        borealis_pgtypes::text::output(&value, ty.oid, eval.settings, &mut text)?;
        Ok(Some(text))
    };
    row.iter().zip(types).map(text).collect()
}

fn bad_format(text: String) -> SqlError {
    SqlError::new(SqlState::BAD_COPY_FILE_FORMAT, text)
}
