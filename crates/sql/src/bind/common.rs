//! The common type of several expressions: UNION columns, CASE and COALESCE results, VALUES columns, ARRAY elements. After `select_common_type`.

use borealis_pgtypes::{CastContext, Oid, Result, SqlError, SqlState, Type};

use super::coerce::{can_coerce, category, is_preferred, type_text};
use super::{Binder, Node};

/// Two types that have nothing in common: the index of the second, the first type, the second type.
pub(crate) struct Mismatch {
    pub(crate) index: usize,
    pub(crate) first: Oid,
    pub(crate) second: Oid,
}

/// The type all of `oids` can become. Only unknowns: `text`.
pub(crate) fn common_oid(oids: &[Oid]) -> std::result::Result<Oid, Mismatch> {
    let Some((&first, rest)) = oids.split_first() else { return Ok(Oid::TEXT) };
    if first != Oid::UNKNOWN && rest.iter().all(|oid| *oid == first) {
        return Ok(first);
    }
    let mut chosen = first;
    for (index, &next) in rest.iter().enumerate() {
        if next == Oid::UNKNOWN || next == chosen {
            continue;
        }
        if chosen == Oid::UNKNOWN {
            chosen = next;
        } else if category(next) != category(chosen) {
            return Err(Mismatch { index: index + 1, first: chosen, second: next });
        } else if !is_preferred(chosen) && implicit(chosen, next) && !implicit(next, chosen) {
            chosen = next;
        }
    }
    Ok(if chosen == Oid::UNKNOWN { Oid::TEXT } else { chosen })
}

fn implicit(source: Oid, target: Oid) -> bool {
    can_coerce(source, target, CastContext::Implicit)
}

/// The common type of nodes, or the error in the name of `context`.
pub(crate) fn common_type(nodes: &[Node], context: &str) -> Result<Oid> {
    let oids: Vec<Oid> = nodes.iter().map(Node::oid).collect();
    common_oid(&oids).map_err(|mismatch| {
        let message = format!("{context} types {} and {} cannot be matched", type_text(mismatch.first), type_text(mismatch.second));
        SqlError::new(SqlState::DATATYPE_MISMATCH, message).at(nodes[mismatch.index].at)
    })
}

/// The common type with the modifier and the declaration that they all have, where they have one.
pub(crate) fn common_form<'a>(types: impl IntoIterator<Item = &'a Type>, common: Oid) -> Type {
    let mut types = types.into_iter();
    let Some(first) = types.next().filter(|first| first.oid == common) else { return Type::plain(common) };
    types.fold(*first, |form, ty| {
        let same = |same: bool, declared: Oid| if same { declared } else { Oid::INVALID };
        let typmod = if ty.oid == common && ty.typmod == form.typmod { form.typmod } else { -1 };
        Type::new(common, typmod).declared_as(same(ty.declared == form.declared, form.declared))
    })
}

impl Binder<'_> {
    /// Gives a node the common type.
    pub(crate) fn coerce_to_common(&mut self, node: Node, target: Oid, context: &str) -> Result<Node> {
        if node.oid() == target {
            return Ok(node);
        }
        if !can_coerce(node.oid(), target, CastContext::Implicit) {
            let message = format!("{context} could not convert type {} to {}", type_text(node.oid()), type_text(target));
            return Err(SqlError::new(SqlState::CANNOT_COERCE, message).at(node.at));
        }
        self.coerce(node, target, CastContext::Implicit)
    }

    /// Gives all nodes their common type.
    pub(crate) fn unify(&mut self, nodes: Vec<Node>, context: &str) -> Result<(Vec<Node>, Oid)> {
        let target = common_type(&nodes, context)?;
        let nodes = nodes.into_iter().map(|node| self.coerce_to_common(node, target, context)).collect::<Result<Vec<_>>>()?;
        Ok((nodes, target))
    }
}
