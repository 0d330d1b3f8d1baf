//! Parameters: given types, and types deduced from the first use that needs one (PostgreSQL's variable parameters).

use borealis_pgtypes::{Oid, Result, SqlError, SqlState, Type, types};

use super::{Binder, Node};
use crate::expr::ExprKind;

/// The greatest parameter number the protocol can bind.
const PARAMETERS_MAX: u32 = 65_535;

/// Types of `$1..`: [`Oid::INVALID`] for a number not met yet, [`Oid::UNKNOWN`] for one met and not typed.
pub(crate) struct Params(Vec<Oid>);

impl Params {
    pub(crate) fn new(given: &[Oid]) -> Self {
        Self(given.to_vec())
    }

    /// All types.
    pub(crate) fn finish(self) -> Result<Vec<Type>> {
        for (index, oid) in self.0.iter().enumerate() {
            if matches!(*oid, Oid::INVALID | Oid::UNKNOWN) {
                let message = format!("could not determine data type of parameter ${}", index + 1);
                return Err(SqlError::new(SqlState::INDETERMINATE_DATATYPE, message));
            }
        }
        Ok(self.0.into_iter().map(Type::plain).collect())
    }

    fn meet(&mut self, number: u32) -> Option<Oid> {
        if number == 0 || number > PARAMETERS_MAX {
            return None;
        }
        let index = number as usize - 1;
        if self.0.len() <= index {
            self.0.resize(index + 1, Oid::INVALID);
        }
        if self.0[index] == Oid::INVALID {
            self.0[index] = Oid::UNKNOWN;
        }
        Some(self.0[index])
    }
}

impl Binder<'_> {
    pub(crate) fn parameter(&mut self, number: u32, at: i32) -> Result<Node> {
        let Some(oid) = self.params.meet(number) else {
            return Err(SqlError::new(SqlState::UNDEFINED_PARAMETER, format!("there is no parameter ${number}")).at(at));
        };
        Ok(Node::plain(ExprKind::Param(number as usize - 1), oid, at))
    }

    /// Gives an untyped parameter the type its use asks for.
    pub(crate) fn type_parameter(&mut self, index: usize, target: Oid, at: i32) -> Result<Node> {
        let known = &mut self.params.0[index];
        if *known == Oid::UNKNOWN {
            *known = target;
        } else if *known != target {
            let detail = format!("{} versus {}", types::format_type(Type::plain(*known)), types::format_type(Type::plain(target)));
            let message = format!("inconsistent types deduced for parameter ${}", index + 1);
            return Err(SqlError::new(SqlState::AMBIGUOUS_PARAMETER, message).detail(detail).at(at));
        }
        Ok(Node::plain(ExprKind::Param(index), target, at))
    }
}
