//! Parameters: given types, and types deduced from the first use that needs one (PostgreSQL's variable parameters).

use borealis_catalog::Catalog;
use borealis_pgtypes::{Oid, Result, SqlError, SqlState, Type};

use super::{Binder, Node};
use crate::expr::ExprKind;

/// The greatest parameter number the protocol can bind.
const PARAMETERS_MAX: u32 = 65_535;

/// Types of `$1..`: [`Oid::INVALID`] for a number not met yet, [`Oid::UNKNOWN`] for one met and not typed.
pub(crate) struct Params {
    types: Vec<Type>,
    /// There are no others: they are the parameters of a function.
    fixed: bool,
}

impl Params {
    pub(crate) fn new(given: &[Oid], catalog: &Catalog) -> Self {
        Self { types: given.iter().map(|oid| catalog.type_by_oid(*oid)).collect(), fixed: false }
    }

    /// Takes the parameters of a function for the only ones.
    pub(crate) fn fix(&mut self, types: &[Type]) {
        *self = Self { types: types.to_vec(), fixed: true };
    }

    /// For a statement that may have none.
    pub(crate) fn none() -> Self {
        Self { types: Vec::new(), fixed: true }
    }

    /// All types.
    pub(crate) fn finish(self) -> Result<Vec<Type>> {
        for (index, ty) in self.types.iter().enumerate() {
            if matches!(ty.oid, Oid::INVALID | Oid::UNKNOWN) {
                let message = format!("could not determine data type of parameter ${}", index + 1);
                return Err(SqlError::new(SqlState::INDETERMINATE_DATATYPE, message));
            }
        }
        Ok(self.types)
    }

    fn meet(&mut self, number: u32) -> Option<Type> {
        if number == 0 || number > PARAMETERS_MAX {
            return None;
        }
        let index = number as usize - 1;
        if self.fixed {
            return self.types.get(index).copied();
        }
        if self.types.len() <= index {
            self.types.resize(index + 1, Type::plain(Oid::INVALID));
        }
        if self.types[index].oid == Oid::INVALID {
            self.types[index] = Type::plain(Oid::UNKNOWN);
        }
        Some(self.types[index])
    }
}

impl Binder<'_> {
    pub(crate) fn parameter(&mut self, number: u32, at: i32) -> Result<Node> {
        let Some(ty) = self.params.meet(number) else {
            return Err(SqlError::new(SqlState::UNDEFINED_PARAMETER, format!("there is no parameter ${number}")).at(at));
        };
        if self.params.fixed {
            return Ok(Node::new(ExprKind::Param(number as usize - 1), ty, at));
        }
        // The client's value is of the type that represents a domain; that it is one of the domain's is for the server to check.
        let value = Node::plain(ExprKind::Param(number as usize - 1), ty.oid, at);
        match self.ctx.catalog.domain_by_oid(ty.declared).cloned() {
            Some(domain) => self.coerce_to_domain(Self::apply_typmod(value, ty.typmod, false), &domain),
            None => Ok(value),
        }
    }

    /// Gives an untyped parameter the type its use asks for.
    pub(crate) fn type_parameter(&mut self, index: usize, target: Type, at: i32) -> Result<Node> {
        let target = Type { typmod: if target.declared.is_invalid() { -1 } else { target.typmod }, ..target };
        let known = &mut self.params.types[index];
        if known.oid == Oid::UNKNOWN {
            *known = target;
        } else if *known != target {
            let detail = format!("{} versus {}", self.ctx.type_name(*known), self.ctx.type_name(target));
            let message = format!("inconsistent types deduced for parameter ${}", index + 1);
            return Err(SqlError::new(SqlState::AMBIGUOUS_PARAMETER, message).detail(detail).at(at));
        }
        Ok(Node::plain(ExprKind::Param(index), target.oid, at))
    }
}
