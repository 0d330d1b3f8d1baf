//! Extended statistics objects: which columns and expressions of a table are looked at together.

use borealis_pgtypes::Oid;
use serde::{Deserialize, Serialize};

/// A statistics object of CREATE STATISTICS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ExtendedStatistics {
    pub oid: Oid,
    pub schema: Oid,
    pub name: String,
    pub owner: Oid,
    pub table: Oid,
    /// Columns, in `attnum` order.
    pub columns: Vec<i16>,
    /// Deparsed expressions.
    #[serde(default)]
    pub expressions: Vec<String>,
    /// `stxkind`: letters of d (ndistinct), f (dependencies), m (mcv), e (expressions), in this order.
    pub kinds: String,
    /// `stxstattarget`; -1: the default.
    pub target: i32,
}

impl ExtendedStatistics {
    /// The kinds that a definition names: none where all of them stand.
    #[must_use]
    pub fn named_kinds(&self) -> Vec<&'static str> {
        let named: Vec<&'static str> = KINDS.iter().filter(|(letter, _)| self.kinds.contains(*letter)).map(|(_, name)| *name).collect();
        if named.len() == KINDS.len() { Vec::new() } else { named }
    }
}

/// Kinds of statistics by letter and name, in the order PostgreSQL keeps and lists them.
pub const KINDS: [(char, &str); 3] = [('d', "ndistinct"), ('f', "dependencies"), ('m', "mcv")];
