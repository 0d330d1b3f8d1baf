//! Window functions and window definitions. After `transformWindowFuncCall` and `transformWindowDefinitions`.

use borealis_pgtypes::{AggregateKind, Body, CastContext, Oid, Result, SqlError, SqlState, Type, types};

use super::call::{Arguments, Callee};
use super::equal::equal;
use super::{Binder, Clause, Node};
use crate::ast::{self, Frame, FrameBound, FrameMode, FunctionCall, Over, WindowSpec};
use crate::expr::{Expr, ExprKind, SortKey, Window, WindowCall};

impl Binder<'_> {
    pub(crate) fn window_call(
        &mut self,
        call: &FunctionCall,
        at: i32,
        arguments: impl FnOnce(&mut Self) -> Result<Arguments>,
    ) -> Result<Node> {
        if self.level().in_window {
            return Err(SqlError::new(SqlState::WINDOWING_ERROR, "window function calls cannot be nested").at(at));
        }
        self.level().in_window = true;
        let parts = self.window_parts(call, at, arguments);
        self.level().in_window = false;
        let (call, ty) = parts?;
        self.level().window_functions.push(at);
        Ok(Node::new(ExprKind::Window(Box::new(call)), ty, at))
    }

    fn window_parts(
        &mut self,
        call: &FunctionCall,
        at: i32,
        arguments: impl FnOnce(&mut Self) -> Result<Arguments>,
    ) -> Result<(WindowCall, Type)> {
        let Arguments { name, values: mut args } = arguments(self)?;
        if call.within_group {
            args = self.within_group_args(call, args, at)?;
        }
        let filter = match &call.filter {
            Some(filter) => Some(self.in_clause(Clause::Filter, |binder| binder.condition(filter, "FILTER"))?),
            None => None,
        };
        let (resolved, args) = match self.resolve_call(call, &name, args, at)? {
            Callee::Function(resolved, args) => (resolved, args),
            Callee::Done(_) | Callee::Routine(..) => return Err(not_a_window_function(&name.join("."), at)),
        };
        let function = resolved.function;
        let is_aggregate = matches!(function.body, Body::Aggregate(_));
        if !is_aggregate && !matches!(function.body, Body::Window) {
            return Err(not_a_window_function(function.name, at));
        }
        check_normal(function, call, at)?;
        if call.distinct {
            return Err(SqlError::unsupported("DISTINCT is not implemented for window functions").at(at));
        }
        if !call.order_by.is_empty() && !call.within_group {
            return Err(SqlError::unsupported("aggregate ORDER BY is not implemented for window functions").at(at));
        }
        if is_aggregate && call.args.is_empty() && !call.star {
            let message = format!("{}(*) must be used to call a parameterless aggregate function", function.name);
            return Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, message).at(at));
        }
        if filter.is_some() && !is_aggregate {
            return Err(SqlError::unsupported("FILTER is not implemented for non-aggregate window functions").at(at));
        }
        self.level().clause.check_window(at)?;
        let window = self.over(call)?;
        let ty = resolved.result;
        Ok((WindowCall { function, args, filter, window, ty }, ty))
    }

    fn over(&mut self, call: &FunctionCall) -> Result<usize> {
        match &call.over {
            Some(Over::Named(name, at)) => self.named_window(name, *at),
            Some(Over::Spec(spec)) => self.window(spec),
            None => Err(SqlError::internal("a window function without OVER")),
        }
    }

    fn named_window(&mut self, name: &str, at: i32) -> Result<usize> {
        let found = self.level().window_names.iter().find(|(known, _)| known == name).map(|(_, index)| *index);
        found.ok_or_else(|| SqlError::new(SqlState::UNDEFINED_OBJECT, format!("window \"{name}\" does not exist")).at(at))
    }

    /// The WINDOW clause. It is bound before the targets that use it.
    pub(crate) fn window_clause(&mut self, windows: &[(String, WindowSpec)]) -> Result<()> {
        for (name, spec) in windows {
            if self.level().window_names.iter().any(|(known, _)| known == name) {
                let message = format!("window \"{name}\" is already defined");
                return Err(SqlError::new(SqlState::WINDOWING_ERROR, message).at(spec.at));
            }
            let index = self.window(spec)?;
            self.level().window_names.push((name.clone(), index));
        }
        Ok(())
    }

    /// A window definition; one that equals a known one is that one.
    fn window(&mut self, spec: &WindowSpec) -> Result<usize> {
        let inside = std::mem::replace(&mut self.level().in_window, false);
        let bound = self.window_definition(spec);
        self.level().in_window = inside;
        let window = bound?;
        let level = self.level();
        if let Some(index) = level.windows.iter().position(|known| same_window(known, &window)) {
            return Ok(index);
        }
        level.windows.push(window);
        Ok(level.windows.len() - 1)
    }

    fn window_definition(&mut self, spec: &WindowSpec) -> Result<Window> {
        let base = match &spec.base {
            Some(name) => Some(self.base_window(name, spec)?),
            None => None,
        };
        let mut partition_by = Vec::with_capacity(spec.partition_by.len());
        for expr in &spec.partition_by {
            let node = self.in_clause(Clause::WindowPartition, |binder| binder.expr(expr))?;
            let node = self.settle(node)?;
            super::order::check_sortable(node.oid(), node.at)?;
            partition_by.push(node.expr);
        }
        let mut order_by = Vec::with_capacity(spec.order_by.len());
        for item in &spec.order_by {
            let node = self.in_clause(Clause::WindowOrder, |binder| binder.expr(&item.expr))?;
            let node = self.settle(node)?;
            order_by.push(self.sort_key(node, item)?);
        }
        if let Some(base) = base {
            partition_by = base.partition_by;
            if order_by.is_empty() {
                order_by = base.order_by;
            }
        }
        let frame = spec.frame.clone();
        let (start_offset, end_offset) = self.frame_offsets(frame.as_ref(), &order_by, spec.at)?;
        Ok(Window { partition_by, order_by, frame, start_offset, end_offset })
    }

    fn base_window(&mut self, name: &str, spec: &WindowSpec) -> Result<Window> {
        let index = self.named_window(name, spec.at)?;
        let base = self.level().windows[index].clone();
        let refusal = if !spec.partition_by.is_empty() {
            Some(format!("cannot override PARTITION BY clause of window \"{name}\""))
        } else if !spec.order_by.is_empty() && !base.order_by.is_empty() {
            Some(format!("cannot override ORDER BY clause of window \"{name}\""))
        } else if base.frame.is_some() {
            Some(format!("cannot copy window \"{name}\" because it has a frame clause"))
        } else {
            None
        };
        let Some(message) = refusal else { return Ok(base) };
        let error = SqlError::new(SqlState::WINDOWING_ERROR, message).at(spec.at);
        // OVER (w) and nothing else is what OVER w would say.
        let bare = spec.partition_by.is_empty() && spec.order_by.is_empty() && spec.frame.is_none();
        Err(if bare && spec.in_over { error.hint("Omit the parentheses in this OVER clause.") } else { error })
    }

    fn frame_offsets(&mut self, frame: Option<&Frame>, order_by: &[SortKey], at: i32) -> Result<(Option<Expr>, Option<Expr>)> {
        let Some(frame) = frame else { return Ok((None, None)) };
        if frame.mode == FrameMode::Groups && order_by.is_empty() {
            return Err(SqlError::new(SqlState::WINDOWING_ERROR, "GROUPS mode requires an ORDER BY clause").at(at));
        }
        let has_offset = |bound: &FrameBound| matches!(bound, FrameBound::Preceding(_) | FrameBound::Following(_));
        if frame.mode == FrameMode::Range && order_by.len() != 1 && (has_offset(&frame.start) || has_offset(&frame.end)) {
            let message = "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column";
            return Err(SqlError::new(SqlState::WINDOWING_ERROR, message).at(at));
        }
        let start = self.frame_offset(frame, &frame.start, order_by)?;
        let end = self.frame_offset(frame, &frame.end, order_by)?;
        Ok((start, end))
    }

    fn frame_offset(&mut self, frame: &Frame, bound: &FrameBound, order_by: &[SortKey]) -> Result<Option<Expr>> {
        let (FrameBound::Preceding(expr) | FrameBound::Following(expr)) = bound else { return Ok(None) };
        let clause = match frame.mode {
            FrameMode::Rows => Clause::WindowRows,
            FrameMode::Range => Clause::WindowRange,
            FrameMode::Groups => Clause::WindowGroups,
        };
        let uses = self.level().uses.len();
        let node = self.in_clause(clause, |binder| binder.expr(expr))?;
        let expr = match frame.mode {
            FrameMode::Rows => self.coerce_to_specific(node, Oid::INT8, "ROWS")?,
            FrameMode::Groups => self.coerce_to_specific(node, Oid::INT8, "GROUPS")?,
            FrameMode::Range => self.range_offset(node, order_by[0].expr.ty.oid)?,
        };
        self.check_no_variables(uses, frame_word(frame.mode))?;
        Ok(Some(expr))
    }

    /// `checkExprIsVarFree`: no column of this level has been read since its `uses` were so many.
    pub(crate) fn check_no_variables(&mut self, uses: usize, construct: &str) -> Result<()> {
        let Some(first) = self.level().uses.get(uses) else { return Ok(()) };
        let message = format!("argument of {construct} must not contain variables");
        Err(SqlError::new(SqlState::INVALID_COLUMN_REFERENCE, message).at(first.at))
    }

    /// The offset of RANGE has the type that the order column's `in_range` support takes: its own type, or `interval` for dates and times.
    fn range_offset(&mut self, node: Node, key: Oid) -> Result<Expr> {
        let target = match key {
            Oid::DATE | Oid::TIMESTAMP | Oid::TIMESTAMPTZ | Oid::TIME | Oid::TIMETZ | Oid::INTERVAL => Oid::INTERVAL,
            Oid::INT2 | Oid::INT4 if node.oid() == Oid::INT8 => Oid::INT8,
            Oid::FLOAT4 => Oid::FLOAT8,
            Oid::INT2 | Oid::INT4 | Oid::INT8 | Oid::FLOAT8 | Oid::NUMERIC => key,
            _ => {
                let name = types::format_type(Type::plain(key));
                let message = format!("RANGE with offset PRECEDING/FOLLOWING is not supported for column type {name}");
                return Err(SqlError::unsupported(message).at(node.at));
            }
        };
        let at = node.at;
        let source = node.oid();
        match self.coerce_to(node, Type::plain(target), CastContext::Implicit)? {
            Some(node) => Ok(node.expr),
            None => {
                let (name, offset) = (types::format_type(Type::plain(key)), types::format_type(Type::plain(source)));
                let message =
                    format!("RANGE with offset PRECEDING/FOLLOWING is not supported for column type {name} and offset type {offset}");
                Err(SqlError::unsupported(message).hint("Cast the offset value to an appropriate type.").at(at))
            }
        }
    }
}

/// Aggregates that sort their input themselves take no window.
fn check_normal(function: &borealis_pgtypes::Function, call: &FunctionCall, at: i32) -> Result<()> {
    let name = function.name;
    match function.aggregate_kind() {
        Some(AggregateKind::OrderedSet | AggregateKind::Hypothetical) if call.within_group => {
            Err(SqlError::unsupported(format!("OVER is not supported for ordered-set aggregate {name}")).at(at))
        }
        Some(AggregateKind::OrderedSet | AggregateKind::Hypothetical) => {
            let message = format!("WITHIN GROUP is required for ordered-set aggregate {name}");
            Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, message).at(at))
        }
        Some(AggregateKind::Normal) if call.within_group => {
            let message = format!("{name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP");
            Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, message).at(at))
        }
        Some(AggregateKind::Normal) | None => Ok(()),
    }
}

fn frame_word(mode: FrameMode) -> &'static str {
    match mode {
        FrameMode::Rows => "ROWS",
        FrameMode::Range => "RANGE",
        FrameMode::Groups => "GROUPS",
    }
}

fn not_a_window_function(name: &str, at: i32) -> SqlError {
    let message = format!("OVER specified, but {name} is not a window function nor an aggregate function");
    SqlError::new(SqlState::WRONG_OBJECT_TYPE, message).at(at)
}

fn same_window(a: &Window, b: &Window) -> bool {
    let exprs = |a: &[Expr], b: &[Expr]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b));
    let keys = |a: &[SortKey], b: &[SortKey]| {
        a.len() == b.len()
            && a.iter().zip(b).all(|(a, b)| a.descending == b.descending && a.nulls_first == b.nulls_first && equal(&a.expr, &b.expr))
    };
    let option = |a: &Option<Expr>, b: &Option<Expr>| match (a, b) {
        (Some(a), Some(b)) => equal(a, b),
        (None, None) => true,
        _ => false,
    };
    exprs(&a.partition_by, &b.partition_by)
        && keys(&a.order_by, &b.order_by)
        && same_frame(a.frame.as_ref(), b.frame.as_ref())
        && option(&a.start_offset, &b.start_offset)
        && option(&a.end_offset, &b.end_offset)
}

/// Frames are compared without the places their offsets stood at; the bound offsets are compared by the caller.
fn same_frame(a: Option<&Frame>, b: Option<&Frame>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => {
            a.mode == b.mode
                && a.exclusion == b.exclusion
                && std::mem::discriminant(&a.start) == std::mem::discriminant(&b.start)
                && std::mem::discriminant(&a.end) == std::mem::discriminant(&b.end)
        }
        (None, None) => true,
        _ => false,
    }
}

impl Binder<'_> {
    /// A condition: bound and made boolean.
    pub(crate) fn condition(&mut self, expr: &ast::Expr, construct: &str) -> Result<Expr> {
        let node = self.expr(expr)?;
        self.coerce_to_boolean(node, construct)
    }
}
