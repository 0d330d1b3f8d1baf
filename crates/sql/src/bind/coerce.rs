//! Type coercion: which casts there are between two types, and applying one to an expression. After PostgreSQL's `parse_coerce.c`.

use borealis_catalog::snapshot::DeclaredType;
use borealis_pgtypes::{CastContext, CastMethod, Datum, Function, Oid, Result, SqlError, SqlState, Type, cast, functions, text, types};

use super::{Binder, Node};
use crate::expr::{Coercion, Expr, ExprKind};

/// A way from one type to another.
#[derive(Clone, Copy)]
pub(crate) enum Pathway {
    Relabel,
    Function(&'static Function),
    InOut,
    Array,
}

/// The way from `source` to `target` that the context allows.
pub(crate) fn pathway(source: Oid, target: Oid, context: CastContext) -> Option<Pathway> {
    if source == target {
        return Some(Pathway::Relabel);
    }
    if let Some(cast) = cast::find(source, target) {
        if context < cast.context {
            return None;
        }
        return match cast.method {
            CastMethod::Function(oid) => functions::by_oid(oid).map(Pathway::Function),
            CastMethod::Binary => Some(Pathway::Relabel),
            CastMethod::InOut => Some(Pathway::InOut),
        };
    }
    // A vector may become an array, an array no vector.
    if types::element_of(source).is_some() && is_array(target) {
        let (from, to) = (types::element_of(source)?, types::element_of(target)?);
        return pathway(from, to, context).map(|_| Pathway::Array);
    }
    let through_text =
        context >= CastContext::Assignment && category(target) == 'S' || context >= CastContext::Explicit && category(source) == 'S';
    through_text.then_some(Pathway::InOut)
}

/// A true array, not one of the vectors.
pub(crate) fn is_array(oid: Oid) -> bool {
    types::by_oid(oid).is_some_and(|info| info.is_array()) || oid == Oid::RECORD_ARRAY
}

/// `typcategory`; a type without a row counts as composite.
pub(crate) fn category(oid: Oid) -> char {
    types::by_oid(oid).map_or('C', |info| info.category)
}

/// `typispreferred`
pub(crate) fn is_preferred(oid: Oid) -> bool {
    types::by_oid(oid).is_some_and(|info| info.preferred)
}

/// `TypeCategory` and preference of the second in the first's category.
pub(crate) fn is_preferred_in(category_wanted: char, oid: Oid) -> bool {
    types::by_oid(oid).is_some_and(|info| info.category == category_wanted && info.preferred)
}

/// Whether a type is one of the polymorphic pseudo-types.
pub(crate) fn is_polymorphic(oid: Oid) -> bool {
    matches!(
        oid,
        Oid::ANYELEMENT
            | Oid::ANYARRAY
            | Oid::ANYNONARRAY
            | Oid::ANYENUM
            | Oid::ANYCOMPATIBLE
            | Oid::ANYCOMPATIBLEARRAY
            | Oid::ANYCOMPATIBLENONARRAY
    )
}

/// Whether values of all `sources` can become the `targets`, which may be polymorphic.
pub(crate) fn can_coerce_all(sources: &[Oid], targets: &[Oid], context: CastContext) -> bool {
    let mut generic = false;
    for (&source, &target) in sources.iter().zip(targets) {
        if source == target || target == Oid::ANY {
            continue;
        }
        if is_polymorphic(target) {
            generic = true;
            continue;
        }
        if source == Oid::UNKNOWN || pathway(source, target, context).is_some() {
            continue;
        }
        return false;
    }
    !generic || super::polymorphic::consistent(sources, targets)
}

/// Whether a value of `source` can become `target`.
pub(crate) fn can_coerce(source: Oid, target: Oid, context: CastContext) -> bool {
    can_coerce_all(&[source], &[target], context)
}

/// The type's name in messages.
pub(crate) fn type_text(oid: Oid) -> String {
    types::format_type(Type::plain(oid))
}

impl Binder<'_> {
    /// Gives a node the target type; the way there must exist in the context ([`can_coerce`] said so).
    pub(crate) fn coerce(&mut self, node: Node, target: Oid, context: CastContext) -> Result<Node> {
        self.coerce_with(node, Type::plain(target), context)
    }

    fn coerce_with(&mut self, node: Node, target: Type, context: CastContext) -> Result<Node> {
        if node.oid() == target.oid || target.oid == Oid::ANY || is_polymorphic(target.oid) {
            return Ok(node);
        }
        if node.is_unknown() {
            return self.coerce_unknown(node, target);
        }
        if matches!(target.oid, Oid::RECORD) && category(node.oid()) == 'C' {
            return Ok(relabel(node, target.oid));
        }
        let Some(way) = pathway(node.oid(), target.oid, context) else {
            return Err(SqlError::internal(format!("no coercion from {} to {}", type_text(node.oid()), type_text(target.oid))));
        };
        self.follow(way, node, target.oid, context)
    }

    fn follow(&mut self, way: Pathway, node: Node, target: Oid, context: CastContext) -> Result<Node> {
        Ok(match way {
            Pathway::Relabel => relabel(node, target),
            Pathway::InOut => wrap(node, Coercion::InOut, target),
            Pathway::Function(function) => cast_call(function, node, target, context),
            Pathway::Array => {
                let (from, to) = (types::element_of(node.oid()).unwrap_or_default(), types::element_of(target).unwrap_or_default());
                let element = Node::plain(ExprKind::CaseArg, from, -1);
                let inner = self.coerce(element, to, context)?;
                wrap(node, Coercion::ArrayElements(Box::new(inner.expr)), target)
            }
        })
    }

    /// A literal is read by the type's input function; a parameter takes the type.
    fn coerce_unknown(&mut self, node: Node, target: Type) -> Result<Node> {
        match node.expr.kind {
            ExprKind::Const(Datum::Null) => Ok(Node::plain(ExprKind::Const(Datum::Null), target.oid, node.at)),
            ExprKind::Const(Datum::Text(written)) => {
                // Only interval's input function looks at the modifier; all others have it applied afterwards.
                let typmod = if target.oid == Oid::INTERVAL { target.typmod } else { -1 };
                let ty = Type::new(target.oid, typmod);
                let value = self.input(ty, &written).map_err(|error| error.at(node.at))?;
                Ok(Node::plain(ExprKind::Const(value), target.oid, node.at))
            }
            ExprKind::Param(index) => self.type_parameter(index, target, node.at),
            kind => Ok(wrap(Node { expr: Expr::new(kind, Type::plain(Oid::TEXT)), at: node.at }, Coercion::InOut, target.oid)),
        }
    }

    fn input(&self, ty: Type, written: &str) -> Result<Datum> {
        let info = types::by_oid(ty.oid);
        if info.is_some_and(|info| info.kind == 'p' && !matches!(ty.oid, Oid::RECORD | Oid::CSTRING | Oid::UNKNOWN | Oid::VOID)) {
            return Err(SqlError::unsupported(format!("cannot accept a value of type {}", type_text(ty.oid))));
        }
        if info.is_some_and(|info| !info.has_values()) {
            return Err(SqlError::unsupported(format!("datatype {} not supported", type_text(ty.oid))));
        }
        text::input(ty, written, self.ctx.eval)
    }

    /// `coerce_to_target_type`: with the modifier; `None` when there is no way.
    pub(crate) fn coerce_to(&mut self, node: Node, target: Type, context: CastContext) -> Result<Option<Node>> {
        let source = node.expr.ty;
        // A value that is declared as the target's type is that already.
        if !target.declared.is_invalid() && source.declared == target.declared && source.oid == target.oid {
            return Ok(Some(node));
        }
        if !self.can_coerce_node(&node, target.oid, context) {
            return Ok(None);
        }
        let coerced = self.coerce_with(node, target, context)?;
        let coerced = Self::apply_typmod(coerced, target.typmod, context == CastContext::Explicit);
        self.declare(coerced, target, context)
    }

    fn can_coerce_node(&self, node: &Node, target: Oid, context: CastContext) -> bool {
        if target == Oid::RECORD && category(node.oid()) == 'C' {
            return true;
        }
        can_coerce(node.oid(), target, context)
    }

    /// Applies the target's modifier, if it has one that the value does not have already.
    pub(crate) fn apply_typmod(node: Node, typmod: i32, explicit: bool) -> Node {
        if typmod < 0 || node.expr.ty.typmod == typmod {
            return node;
        }
        let ty = Type::new(node.oid(), typmod);
        let at = node.at;
        if let Some(element) = types::element_of(node.oid()).filter(|_| is_array(node.oid())) {
            let inner = Node::plain(ExprKind::CaseArg, element, -1);
            let inner = Self::apply_typmod(inner, typmod, explicit);
            let coercion = Coercion::ArrayElements(Box::new(inner.expr));
            return Node::new(ExprKind::Coerce { arg: Box::new(node.expr), coercion }, ty, at);
        }
        // An interval literal was read with its modifier already.
        if ty.oid == Oid::INTERVAL && matches!(node.expr.kind, ExprKind::Const(Datum::Interval(_))) && !explicit {
            return Node::new(node.expr.kind, ty, at);
        }
        Node::new(ExprKind::Coerce { arg: Box::new(node.expr), coercion: Coercion::Typmod { explicit } }, ty, at)
    }

    /// Makes a value of the target's representation one that is declared as the target is; `None` when there is no way.
    fn declare(&mut self, node: Node, target: Type, context: CastContext) -> Result<Option<Node>> {
        if node.expr.ty.declared == target.declared {
            return Ok(Some(node));
        }
        match self.ctx.catalog.declared_type(target.declared) {
            None if context == CastContext::Explicit => {
                let (ty, at) = (node.expr.ty.undeclared(), node.at);
                Ok(Some(Node::new(ExprKind::Coerce { arg: Box::new(node.expr), coercion: Coercion::Relabel }, ty, at)))
            }
            None => Ok(Some(node.undeclared())),
            Some(DeclaredType::Domain(domain)) => {
                let domain = domain.clone();
                self.coerce_to_domain(node, &domain).map(Some)
            }
            Some(DeclaredType::DomainArray(domain)) => {
                let domain = domain.clone();
                let element = Node::new(ExprKind::CaseArg, domain.base, -1);
                let element = self.coerce_to_domain(element, &domain)?;
                let at = node.at;
                let coercion = Coercion::ArrayElements(Box::new(element.expr));
                Ok(Some(Node::new(ExprKind::Coerce { arg: Box::new(node.expr), coercion }, target, at)))
            }
            Some(DeclaredType::Row(table)) => {
                let table = table.clone();
                self.coerce_to_row_type(node, &table, context)
            }
            Some(DeclaredType::RowArray(_)) => Ok(None),
        }
    }

    /// What a condition must be.
    pub(crate) fn coerce_to_boolean(&mut self, node: Node, construct: &str) -> Result<Expr> {
        self.coerce_to_specific(node, Oid::BOOL, construct)
    }

    /// `coerce_to_specific_type`: an assignment cast, no set.
    pub(crate) fn coerce_to_specific(&mut self, node: Node, target: Oid, construct: &str) -> Result<Expr> {
        let (source, at) = (node.oid(), node.at);
        if source == target {
            return Ok(node.expr);
        }
        match self.coerce_to(node, Type::plain(target), CastContext::Assignment)? {
            Some(node) => Ok(node.expr),
            None => {
                let message = format!("argument of {construct} must be type {}, not type {}", type_text(target), type_text(source));
                Err(SqlError::new(SqlState::DATATYPE_MISMATCH, message).at(at))
            }
        }
    }

    /// Gives `unknown` its last resort, `text`.
    pub(crate) fn settle(&mut self, node: Node) -> Result<Node> {
        if node.is_unknown() { self.coerce(node, Oid::TEXT, CastContext::Implicit) } else { Ok(node) }
    }

    /// An explicit cast.
    pub(crate) fn explicit_cast(&mut self, node: Node, target: Type, at: i32) -> Result<Node> {
        let (source, place) = (node.expr.ty, node.at);
        if target.row_type().is_some() {
            return self.cast_to_row(node, target, at);
        }
        if let Some(refused) = types::by_oid(target.oid).filter(|info| !info.has_values() && source.oid != Oid::UNKNOWN) {
            return Err(SqlError::unsupported(format!("datatype {} not supported", refused.display)).at(at));
        }
        match self.coerce_to(node, target, CastContext::Explicit)? {
            Some(node) => Ok(node.leftmost(at)),
            None => {
                let message = format!("cannot cast type {} to {}", self.ctx.type_name(source), self.ctx.type_name(target));
                Err(SqlError::new(SqlState::CANNOT_COERCE, message).at(if at >= 0 { at } else { place }))
            }
        }
    }
}

fn relabel(node: Node, target: Oid) -> Node {
    if node.oid() == target {
        return node;
    }
    wrap(node, Coercion::Relabel, target)
}

fn wrap(node: Node, coercion: Coercion, target: Oid) -> Node {
    let at = node.at;
    Node::plain(ExprKind::Coerce { arg: Box::new(node.expr), coercion }, target, at)
}

/// A call of a function that implements a cast, with the modifier and explicitness arguments it may want.
fn cast_call(function: &'static Function, node: Node, target: Oid, context: CastContext) -> Node {
    let at = node.at;
    let mut args = vec![node.expr];
    if function.args.len() > 1 {
        args.push(Expr::constant(Datum::Int4(-1), Type::plain(Oid::INT4)));
    }
    if function.args.len() > 2 {
        args.push(Expr::constant(Datum::Bool(context == CastContext::Explicit), Type::plain(Oid::BOOL)));
    }
    // `int4(smallint)` also implements the way from smallint to oid: what it gives is the target in all but name.
    relabel(Node::plain(ExprKind::Call { function, operator: None, args }, function.result, at), target)
}
