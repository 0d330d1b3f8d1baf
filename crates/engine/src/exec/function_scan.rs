//! Functions in FROM, and the sets they give.

use std::sync::Arc;

use borealis_pgtypes::{Body, CallContext, Datum, Function, Oid, RecordValue, Result, RowSet, SqlError};
use borealis_sql::bound::TableFunction;
use borealis_sql::expr::{Expr, ExprKind};

use super::batch::Batch;
use super::operator::{Node, Operator};
use super::routine;
use super::scan::retain;
use crate::eval::routine::RoutineCode;
use crate::eval::{Code, Compiler, Runtime};

/// A set-returning function ready to be called.
pub(super) enum SetCall {
    /// One of the table.
    Builtin { function: &'static Function, arg_types: Box<[Oid]>, result: Oid, args: Vec<Code> },
    /// One in SQL.
    Routine(RoutineCode),
}

impl SetCall {
    /// The call an expression is, if it is one.
    pub(super) fn compile(compiler: &Compiler<'_>, expr: &Expr) -> Result<Option<Self>> {
        match &expr.kind {
            ExprKind::SetFunction { function, args } => {
                let arg_types = args.iter().map(|arg| arg.ty.oid).collect();
                Ok(Some(Self::Builtin { function, arg_types, result: expr.ty.oid, args: compiler.all(args)? }))
            }
            ExprKind::Routine(call) if call.spec.routine.returns_set => Ok(Some(Self::Routine(compiler.routine(call)?))),
            _ => Ok(None),
        }
    }

    /// Its rows; of a function in SQL as `spread` wants them, taken apart or as one value each.
    pub(super) fn call(&self, rt: &mut Runtime<'_>, row: &[Datum], spread: bool) -> Result<RowSet> {
        match self {
            Self::Builtin { function, arg_types, result, args } => builtin(rt, row, function, arg_types, *result, args),
            Self::Routine(code) => {
                let Some((rows, program)) = code.rows(rt, row)? else { return Ok(Box::new(std::iter::empty())) };
                let one = |row: &[Datum]| if spread { row.to_vec() } else { vec![routine::value(&code.spec, &program, row)] };
                let rows: Vec<Vec<Datum>> = rows.rows().map(one).collect();
                Ok(Box::new(rows.into_iter().map(Ok)))
            }
        }
    }

    /// A row of the set as one value: a function with several columns gives a record.
    pub(super) fn value(&self, mut row: Vec<Datum>) -> Datum {
        match self {
            Self::Builtin { function, arg_types, .. } if function.columns.len() > 1 => {
                let fields = function.columns_of_call(arg_types).map(|(name, oid)| (Arc::from(name), oid)).collect();
                Datum::Record(Arc::new(RecordValue { fields, values: row }))
            }
            _ => row.pop().unwrap_or_default(),
        }
    }
}

fn builtin(rt: &mut Runtime<'_>, row: &[Datum], function: &Function, arg_types: &[Oid], result: Oid, args: &[Code]) -> Result<RowSet> {
    let args = crate::eval::eval_args(rt, args, row)?;
    if function.strict && args.iter().any(Datum::is_null) {
        return Ok(Box::new(std::iter::empty()));
    }
    let call = CallContext { eval: &rt.env.eval, arg_types, result_type: result };
    match function.body {
        Body::Set(body) => body(&call, &args),
        Body::SessionSet(which) => rt.env.eval.host.session_rows(which, &call, &args),
        Body::Scalar(body) => Ok(Box::new(std::iter::once(body(&call, &args).map(|value| vec![value])))),
        Body::Session(_) | Body::Aggregate(_) | Body::Window => Err(SqlError::internal(format!("function {} gives no set", function.name))),
    }
}

/// A function in FROM.
pub(super) struct FromFunction {
    source: FromSource,
    spread: bool,
    width: usize,
}

enum FromSource {
    Set(SetCall),
    Value(Code),
}

impl FromFunction {
    pub(super) fn compile(compiler: &Compiler<'_>, function: &TableFunction) -> Result<Self> {
        let source = match SetCall::compile(compiler, &function.expr)? {
            Some(call) => FromSource::Set(call),
            None => FromSource::Value(compiler.compile(&function.expr)?),
        };
        Ok(Self { source, spread: function.spread, width: function.columns.len() })
    }

    fn open(&self, rt: &mut Runtime<'_>) -> Result<RowSet> {
        match &self.source {
            FromSource::Set(call) => call.call(rt, &[], self.spread),
            FromSource::Value(code) => {
                let value = code.eval(rt, &[])?;
                Ok(Box::new(std::iter::once(Ok(vec![value]))))
            }
        }
    }

    /// Appends a row of the set as `width` values.
    fn push(&self, mut row: Vec<Datum>, out: &mut Batch) {
        if !self.spread {
            let value = match &self.source {
                FromSource::Set(call) => call.value(row),
                FromSource::Value(_) => row.pop().unwrap_or_default(),
            };
            out.push_value(value);
            return;
        }
        let values = match (row.as_slice(), self.width) {
            ([Datum::Record(record)], _) => record.values.as_slice(),
            // A NULL row value is a row of NULLs.
            ([Datum::Null], width) if width != 1 => &[],
            (values, _) => values,
        };
        for column in 0..self.width {
            out.push_value(values.get(column).cloned().unwrap_or_default());
        }
    }
}

/// The description.
pub(super) struct FunctionScanNode {
    pub(super) functions: Vec<FromFunction>,
    pub(super) ordinality: bool,
    pub(super) filter: Option<Code>,
    pub(super) width: usize,
}

struct FunctionScanOperator {
    node: Arc<FunctionScanNode>,
    /// The sets still running; `None` for one that has ended.
    sets: Option<Vec<Option<RowSet>>>,
    given: i64,
}

impl Node for FunctionScanNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(FunctionScanOperator { node: self, sets: None, given: 0 })
    }
}

/// The next row of each set; `None` when all have ended. Those that ended earlier than others give nothing.
pub(super) fn lockstep(sets: &mut [Option<RowSet>]) -> Result<Option<Vec<Option<Vec<Datum>>>>> {
    let mut rows = Vec::with_capacity(sets.len());
    let mut any = false;
    for set in sets {
        let row = set.as_mut().and_then(Iterator::next).transpose()?;
        if row.is_none() {
            *set = None;
        }
        any |= row.is_some();
        rows.push(row);
    }
    Ok(any.then_some(rows))
}

impl FunctionScanOperator {
    fn next_row(&mut self, out: &mut Batch) -> Result<bool> {
        let Some(sets) = &mut self.sets else { return Ok(false) };
        // One function is the usual case and needs no list of rows.
        if let ([set], [function]) = (sets.as_mut_slice(), self.node.functions.as_slice()) {
            let Some(row) = set.as_mut().and_then(Iterator::next).transpose()? else { return Ok(false) };
            function.push(row, out);
        } else {
            let Some(rows) = lockstep(sets)? else { return Ok(false) };
            for (function, row) in self.node.functions.iter().zip(rows) {
                match row {
                    Some(row) => function.push(row, out),
                    None => out.push_nulls(function.width),
                }
            }
        }
        self.given += 1;
        if self.node.ordinality {
            out.push_value(Datum::Int8(self.given));
        }
        out.end_row();
        Ok(true)
    }
}

impl Operator for FunctionScanOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        if self.sets.is_none() {
            let node = Arc::clone(&self.node);
            self.sets = Some(node.functions.iter().map(|function| function.open(rt).map(Some)).collect::<Result<_>>()?);
        }
        loop {
            rt.env.eval.host.check_interrupt()?;
            out.reset(self.node.width);
            while out.len() < max && self.next_row(out)? {}
            if out.is_empty() {
                return Ok(false);
            }
            if let Some(filter) = &self.node.filter {
                retain(rt, out, filter)?;
            }
            if !out.is_empty() {
                return Ok(true);
            }
        }
    }

    fn rewind(&mut self, _rt: &mut Runtime<'_>) -> Result<()> {
        self.sets = None;
        self.given = 0;
        Ok(())
    }
}
