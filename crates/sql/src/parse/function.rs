//! Function calls: arguments, aggregates, windows; and the SQL/JSON functions that PostgreSQL 16 reads as plain calls.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    CoercionForm, FuncCall, JsonExprOp, JsonFuncExpr, JsonParseExpr, JsonScalarExpr, JsonSerializeExpr, JsonValueExpr, Node, Token,
    WindowDef,
};

use super::expr::at;
use super::lower::{Lower, R, non_empty, strings, unexpected};
use crate::ast::{Expr, ExprKind, Frame, FrameBound, FrameExclusion, FrameMode, FunctionArg, FunctionCall, Over, WindowSpec};

/// Bits of `WindowDef.frameOptions` (PostgreSQL, parsenodes.h).
mod frame {
    pub(super) const NON_DEFAULT: i32 = 0x1;
    pub(super) const RANGE: i32 = 0x2;
    pub(super) const ROWS: i32 = 0x4;
    pub(super) const GROUPS: i32 = 0x8;
    pub(super) const START_UNBOUNDED_PRECEDING: i32 = 0x20;
    pub(super) const END_UNBOUNDED_PRECEDING: i32 = 0x40;
    pub(super) const START_UNBOUNDED_FOLLOWING: i32 = 0x80;
    pub(super) const END_UNBOUNDED_FOLLOWING: i32 = 0x100;
    pub(super) const START_CURRENT_ROW: i32 = 0x200;
    pub(super) const END_CURRENT_ROW: i32 = 0x400;
    pub(super) const START_OFFSET_PRECEDING: i32 = 0x800;
    pub(super) const END_OFFSET_PRECEDING: i32 = 0x1000;
    pub(super) const START_OFFSET_FOLLOWING: i32 = 0x2000;
    pub(super) const END_OFFSET_FOLLOWING: i32 = 0x4000;
    pub(super) const EXCLUDE_CURRENT_ROW: i32 = 0x8000;
    pub(super) const EXCLUDE_GROUP: i32 = 0x10000;
    pub(super) const EXCLUDE_TIES: i32 = 0x20000;
}

/// Words that begin a clause of an SQL/JSON function after its plain arguments.
const JSON_CLAUSES: &[Token] = &[
    Token::Passing,
    Token::Returning,
    Token::Format,
    Token::With,
    Token::Without,
    Token::Keep,
    Token::Omit,
    Token::Default,
    Token::ErrorP,
    Token::EmptyP,
    Token::NullP,
];

impl Lower<'_> {
    pub(super) fn function_expr(&self, call: FuncCall) -> R<Expr> {
        let location = call.location;
        Ok(at(location, ExprKind::Function(Box::new(self.function_call(call)?))))
    }

    pub(super) fn function_call(&self, call: FuncCall) -> R<FunctionCall> {
        let sql_syntax = call.funcformat() == CoercionForm::CoerceSqlSyntax;
        let FuncCall {
            funcname,
            args,
            agg_order,
            agg_filter,
            over,
            agg_within_group,
            agg_star,
            agg_distinct,
            func_variadic,
            funcformat: _,
            location: _,
        } = call;
        let name = strings(funcname)?;
        if sql_syntax && args.len() == 1 && name.last().is_some_and(|name| name == "timezone") {
            // AT LOCAL
            return Err(self.not_in_16(0, &[Token::Local]));
        }
        Ok(FunctionCall {
            name,
            args: args.into_iter().map(|arg| self.argument(arg)).collect::<R<_>>()?,
            variadic: func_variadic,
            star: agg_star,
            distinct: agg_distinct,
            order_by: self.order_by(agg_order)?,
            within_group: agg_within_group,
            filter: self.optional(agg_filter)?,
            over: over.map(|over| self.over(*over)).transpose()?,
            sql_syntax,
        })
    }

    fn argument(&self, node: Node) -> R<FunctionArg> {
        match node.node {
            Some(NodeEnum::NamedArgExpr(named)) => Ok(FunctionArg { name: Some(named.name), value: *self.boxed(named.arg)? }),
            tree => Ok(FunctionArg { name: None, value: self.expr(Node { node: tree })? }),
        }
    }

    /// `OVER w` names a window, `OVER (...)` describes one.
    pub(super) fn over(&self, window: WindowDef) -> R<Over> {
        if window.name.is_empty() { Ok(Over::Spec(self.window(window)?)) } else { Ok(Over::Named(window.name, window.location)) }
    }

    pub(super) fn named_window(&self, node: Node) -> R<(String, WindowSpec)> {
        let Some(NodeEnum::WindowDef(window)) = node.node else { return Err(unexpected("WINDOW")) };
        Ok((window.name.clone(), self.window(*window)?))
    }

    fn window(&self, window: WindowDef) -> R<WindowSpec> {
        let WindowDef { name, refname, partition_clause, order_clause, frame_options, start_offset, end_offset, location } = window;
        Ok(WindowSpec {
            base: non_empty(refname),
            partition_by: self.exprs(partition_clause)?,
            order_by: self.order_by(order_clause)?,
            frame: self.frame(frame_options, start_offset, end_offset)?,
            in_over: name.is_empty(),
            at: location,
        })
    }

    fn frame(&self, options: i32, start: Option<Box<Node>>, end: Option<Box<Node>>) -> R<Option<Frame>> {
        if options & frame::NON_DEFAULT == 0 {
            return Ok(None);
        }
        let mode = match options & (frame::RANGE | frame::ROWS | frame::GROUPS) {
            frame::ROWS => FrameMode::Rows,
            frame::RANGE => FrameMode::Range,
            frame::GROUPS => FrameMode::Groups,
            _ => return Err(unexpected("a window frame")),
        };
        Ok(Some(Frame {
            mode,
            start: self.frame_start(options, start)?,
            end: self.frame_end(options, end)?,
            exclusion: exclusion(options)?,
        }))
    }

    fn frame_start(&self, options: i32, offset: Option<Box<Node>>) -> R<FrameBound> {
        const KINDS: i32 = frame::START_UNBOUNDED_PRECEDING
            | frame::START_UNBOUNDED_FOLLOWING
            | frame::START_CURRENT_ROW
            | frame::START_OFFSET_PRECEDING
            | frame::START_OFFSET_FOLLOWING;
        Ok(match options & KINDS {
            frame::START_UNBOUNDED_PRECEDING => FrameBound::UnboundedPreceding,
            frame::START_UNBOUNDED_FOLLOWING => FrameBound::UnboundedFollowing,
            frame::START_CURRENT_ROW => FrameBound::CurrentRow,
            frame::START_OFFSET_PRECEDING => FrameBound::Preceding(self.boxed(offset)?),
            frame::START_OFFSET_FOLLOWING => FrameBound::Following(self.boxed(offset)?),
            _ => return Err(unexpected("a frame's start")),
        })
    }

    fn frame_end(&self, options: i32, offset: Option<Box<Node>>) -> R<FrameBound> {
        const KINDS: i32 = frame::END_UNBOUNDED_PRECEDING
            | frame::END_UNBOUNDED_FOLLOWING
            | frame::END_CURRENT_ROW
            | frame::END_OFFSET_PRECEDING
            | frame::END_OFFSET_FOLLOWING;
        Ok(match options & KINDS {
            frame::END_UNBOUNDED_PRECEDING => FrameBound::UnboundedPreceding,
            frame::END_UNBOUNDED_FOLLOWING => FrameBound::UnboundedFollowing,
            frame::END_CURRENT_ROW => FrameBound::CurrentRow,
            frame::END_OFFSET_PRECEDING => FrameBound::Preceding(self.boxed(offset)?),
            frame::END_OFFSET_FOLLOWING => FrameBound::Following(self.boxed(offset)?),
            _ => return Err(unexpected("a frame's end")),
        })
    }

    /// JSON_EXISTS, JSON_QUERY, JSON_VALUE: keywords of a newer grammar, ordinary names in PostgreSQL 16, where only plain arguments parse.
    pub(super) fn json_function(&self, function: JsonFuncExpr) -> R<Expr> {
        let name = match function.op() {
            JsonExprOp::JsonExistsOp => "json_exists",
            JsonExprOp::JsonQueryOp => "json_query",
            JsonExprOp::JsonValueOp => "json_value",
            JsonExprOp::JsonTableOp | JsonExprOp::Undefined => return Err(unexpected("an SQL/JSON function")),
        };
        let JsonFuncExpr { op: _, column_name: _, context_item, pathspec, passing, output, on_empty, on_error, wrapper, quotes, location } =
            function;
        let plain = passing.is_empty() && output.is_none() && on_empty.is_none() && on_error.is_none() && wrapper <= 1 && quotes <= 1;
        if !plain {
            return Err(self.not_in_16(location, JSON_CLAUSES));
        }
        let args = vec![self.json_value(context_item.map(|item| *item), location)?, *self.boxed(pathspec)?];
        Ok(plain_call(name, args, location))
    }

    pub(super) fn json_parse(&self, parse: JsonParseExpr) -> R<Expr> {
        let JsonParseExpr { expr, output, unique_keys, location } = parse;
        if output.is_some() || unique_keys {
            return Err(self.not_in_16(location, JSON_CLAUSES));
        }
        let value = self.json_value(expr.map(|expr| *expr), location)?;
        Ok(plain_call("json", vec![value], location))
    }

    pub(super) fn json_scalar(&self, scalar: JsonScalarExpr) -> R<Expr> {
        let JsonScalarExpr { expr, output, location } = scalar;
        if output.is_some() {
            return Err(self.not_in_16(location, JSON_CLAUSES));
        }
        Ok(plain_call("json_scalar", vec![*self.boxed(expr)?], location))
    }

    pub(super) fn json_serialize(&self, serialize: JsonSerializeExpr) -> R<Expr> {
        let JsonSerializeExpr { expr, output, location } = serialize;
        if output.is_some() {
            return Err(self.not_in_16(location, JSON_CLAUSES));
        }
        let value = self.json_value(expr.map(|expr| *expr), location)?;
        Ok(plain_call("json_serialize", vec![value], location))
    }

    fn json_value(&self, value: Option<JsonValueExpr>, location: i32) -> R<Expr> {
        let JsonValueExpr { raw_expr, formatted_expr: _, format } = value.ok_or_else(|| unexpected("an SQL/JSON value"))?;
        // FORMAT JSON is the only format with a type other than "default".
        if format.is_some_and(|format| format.format_type > 1) {
            return Err(self.not_in_16(location, JSON_CLAUSES));
        }
        Ok(*self.boxed(raw_expr)?)
    }
}

fn plain_call(name: &str, args: Vec<Expr>, location: i32) -> Expr {
    let call = FunctionCall::plain(vec![name.to_owned()], args);
    at(location, ExprKind::Function(Box::new(call)))
}

fn exclusion(options: i32) -> R<FrameExclusion> {
    Ok(match options & (frame::EXCLUDE_CURRENT_ROW | frame::EXCLUDE_GROUP | frame::EXCLUDE_TIES) {
        0 => FrameExclusion::None,
        frame::EXCLUDE_CURRENT_ROW => FrameExclusion::CurrentRow,
        frame::EXCLUDE_GROUP => FrameExclusion::Group,
        frame::EXCLUDE_TIES => FrameExclusion::Ties,
        _ => return Err(unexpected("a frame's exclusion")),
    })
}
