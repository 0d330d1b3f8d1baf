//! The join tree of a query level as groups.
//!
//! A group is a set of members joined in whatever order is cheapest, and the conditions on them. A LEFT JOIN adds its right side to the group as a member of
//! kind `Left`, which may be joined to any set of members that has all relations its condition names: (A left join B) join C = (A join C) left join B as
//! long as the condition on C does not look at B, and one that does is applied when both are there. EXISTS and NOT EXISTS add `Semi` and `Anti` members, which
//! only filter. A FULL JOIN stays a unit. The right side of an outer join is a group of its own: what is in it may not leave it.

use std::rc::Rc;

use borealis_pgtypes::{Result, SqlError, SqlState};

use super::strict::rejects_null;
use super::walk;
use crate::ast::JoinKind;
use crate::bound::FromItem;
use crate::expr::{Expr, ExprKind};

/// A set of relations of one query level.
pub(crate) type RelSet = u128;

/// Relations one query level can have, after subqueries were pulled up.
pub(crate) const RELATIONS_MAX: usize = 128;

/// A condition and the relations of its level it reads.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub(crate) struct Qual {
    pub expr: Expr,
    pub rels: RelSet,
}

pub(crate) type QualRef = Rc<Qual>;

/// How a member joins the rest of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub(crate) enum Role {
    Inner,
    Left,
    Semi,
    Anti,
}

/// A member of a group.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) role: Role,
    /// Condition of a member that is not `Inner`.
    pub(crate) on: Vec<QualRef>,
    /// Relations that must have been joined before.
    pub(crate) required: RelSet,
    /// Relations inside.
    pub(crate) rels: RelSet,
    pub(crate) source: Source,
}

/// What a member is.
#[derive(Debug)]
#[allow(missing_docs)]
pub(crate) enum Source {
    Relation(usize),
    Group(Group),
    Full { left: Group, right: Group, on: Vec<QualRef> },
}

/// Members and conditions.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub(crate) struct Group {
    pub members: Vec<Member>,
    pub quals: Vec<QualRef>,
}

/// An EXISTS or IN that became a join.
#[derive(Debug)]
#[allow(missing_docs)]
pub(crate) struct SemiItem {
    pub anti: bool,
    pub from: Vec<FromItem>,
    pub filter: Vec<Expr>,
}

/// The relations of the innermost level that `expr` reads.
pub(crate) fn relations(expr: &Expr) -> RelSet {
    let mut set = 0;
    walk::column_refs(expr, 0, &mut |column, nesting| {
        if column.depth == nesting && column.relation < RELATIONS_MAX {
            set |= 1 << column.relation;
        }
    });
    set
}

/// A condition with its relations.
pub(crate) fn qual(expr: Expr) -> QualRef {
    let rels = relations(&expr);
    Rc::new(Qual { expr, rels })
}

fn quals(condition: Option<Expr>) -> Vec<QualRef> {
    let mut parts = Vec::new();
    if let Some(condition) = condition {
        walk::conjuncts(condition, &mut parts);
    }
    parts.into_iter().filter(|part| !is_true(part)).map(qual).collect()
}

fn is_true(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Const(borealis_pgtypes::Datum::Bool(true)))
}

/// The group of a FROM clause with its WHERE and its semi joins; outer joins are reduced, conditions are where they belong.
///
/// # Errors
/// `54001` for more relations than a set can hold.
pub(crate) fn build(relation_count: usize, items: Vec<FromItem>, filter: Option<Expr>, semis: Vec<SemiItem>) -> Result<Group> {
    if relation_count > RELATIONS_MAX {
        return Err(SqlError::new(
            SqlState::STATEMENT_TOO_COMPLEX,
            format!("a query level cannot join more than {RELATIONS_MAX} relations"),
        ));
    }
    let mut group = Group::default();
    for item in items {
        group.flatten(item);
    }
    group.quals.extend(quals(filter));
    for semi in semis {
        group.add_semi(semi);
    }
    group.reduce(0);
    group.derive_constants();
    group.settle();
    Ok(group)
}

impl Group {
    /// All relations inside.
    pub(crate) fn rels(&self) -> RelSet {
        self.members.iter().fold(0, |set, member| set | member.rels)
    }

    fn of(item: FromItem) -> Self {
        let mut group = Self::default();
        group.flatten(item);
        group
    }

    fn flatten(&mut self, item: FromItem) {
        match item {
            FromItem::Relation(index) => self.push(Role::Inner, Vec::new(), 0, 1 << index, Source::Relation(index)),
            FromItem::Join { kind, left, right, condition } => match kind {
                JoinKind::Inner => {
                    self.flatten(*left);
                    self.flatten(*right);
                    self.quals.extend(quals(condition));
                }
                JoinKind::Left => self.flatten_left(*left, *right, condition),
                JoinKind::Right => self.flatten_left(*right, *left, condition),
                JoinKind::Full => {
                    let (left, right) = (Self::of(*left), Self::of(*right));
                    let rels = left.rels() | right.rels();
                    self.push(Role::Inner, Vec::new(), 0, rels, Source::Full { left, right, on: quals(condition) });
                }
            },
        }
    }

    fn flatten_left(&mut self, left: FromItem, right: FromItem, condition: Option<Expr>) {
        let before = self.rels();
        self.flatten(left);
        let left_rels = self.rels() & !before;
        self.push_outer(Self::of(right), quals(condition), left_rels);
    }

    /// Adds the nullable side of an outer join whose preserved side has `left_rels`.
    fn push_outer(&mut self, right: Self, on: Vec<QualRef>, left_rels: RelSet) {
        let named = on.iter().fold(0, |set, qual| set | qual.rels) & left_rels;
        let required = if named == 0 { left_rels } else { named };
        let rels = right.rels();
        self.push(Role::Left, on, required, rels, right.into_source());
    }

    fn push(&mut self, role: Role, on: Vec<QualRef>, required: RelSet, rels: RelSet, source: Source) {
        self.members.push(Member { role, on, required, rels, source });
    }

    /// A group of one plain member is that member.
    fn into_source(mut self) -> Source {
        if self.members.len() == 1 && self.quals.is_empty() && self.members[0].role == Role::Inner {
            return self.members.pop().map_or_else(|| Source::Group(Self::default()), |member| member.source);
        }
        Source::Group(self)
    }

    fn add_semi(&mut self, semi: SemiItem) {
        let mut inner = Self::default();
        for item in semi.from {
            inner.flatten(item);
        }
        let own = inner.rels();
        let (on, inside): (Vec<_>, Vec<_>) = semi.filter.into_iter().map(qual).partition(|qual| qual.rels & !own != 0);
        inner.quals.extend(inside);
        let required = on.iter().fold(0, |set, qual| set | qual.rels) & !own;
        let role = if semi.anti { Role::Anti } else { Role::Semi };
        self.push(role, on, required, own, inner.into_source());
    }

    /// Turns outer joins into inner ones where a condition above refuses the rows with NULLs. `above`: relations that conditions outside refuse as NULLs.
    fn reduce(&mut self, above: RelSet) {
        loop {
            let refused = self.refused(above);
            let Some(index) = self.members.iter().position(|member| is_reducible(member, refused)) else { break };
            let member = self.members.remove(index);
            self.replace(member, refused);
        }
        for member in &mut self.members {
            let refused = if member.role == Role::Inner { 0 } else { member.on.iter().fold(0, |set, qual| set | rejects_null(&qual.expr)) };
            match &mut member.source {
                Source::Relation(_) => {}
                Source::Group(group) => group.reduce(refused),
                Source::Full { left, right, .. } => {
                    left.reduce(0);
                    right.reduce(0);
                }
            }
        }
    }

    fn refused(&self, above: RelSet) -> RelSet {
        let semi = self.members.iter().filter(|member| member.role == Role::Semi).flat_map(|member| &member.on);
        self.quals.iter().chain(semi).fold(above, |set, qual| set | rejects_null(&qual.expr))
    }

    /// Puts a member back in its reduced form.
    fn replace(&mut self, member: Member, refused: RelSet) {
        match (member.role, member.source) {
            (Role::Left, source) => {
                self.quals.extend(member.on);
                self.splice(source, member.rels);
            }
            (_, Source::Full { left, right, on }) => {
                let (left_rels, right_rels) = (left.rels(), right.rels());
                match (left_rels & refused != 0, right_rels & refused != 0) {
                    (true, true) => {
                        self.quals.extend(on);
                        self.splice(Source::Group(left), left_rels);
                        self.splice(Source::Group(right), right_rels);
                    }
                    (true, false) => {
                        self.splice(Source::Group(left), left_rels);
                        self.push_outer(right, on, left_rels);
                    }
                    _ => {
                        self.splice(Source::Group(right), right_rels);
                        self.push_outer(left, on, right_rels);
                    }
                }
            }
            (role, source) => self.push(role, member.on, member.required, member.rels, source),
        }
    }

    /// Adds what is now inner-joined: the members of a group one by one.
    fn splice(&mut self, source: Source, rels: RelSet) {
        match source {
            Source::Group(group) => {
                self.members.extend(group.members);
                self.quals.extend(group.quals);
            }
            source => self.push(Role::Inner, Vec::new(), 0, rels, source),
        }
    }

    /// Moves conditions on one member into it where that keeps their meaning: WHERE into inner members, ON into the nullable side.
    fn settle(&mut self) {
        let quals = std::mem::take(&mut self.quals);
        for qual in quals {
            let target =
                self.members.iter_mut().find(|member| member.role == Role::Inner && qual.rels != 0 && qual.rels & !member.rels == 0);
            match target {
                Some(Member { source: Source::Group(group), .. }) => group.quals.push(qual),
                _ => self.quals.push(qual),
            }
        }
        for member in &mut self.members {
            member.settle();
        }
    }

    /// `a = b` and `a = constant` give `b = constant`, within the group and across its outer joins' conditions (rows of the nullable side with another
    /// value of `b` could not have matched anyway).
    fn derive_constants(&mut self) {
        if self.members.len() > 1 {
            loop {
                let derived = derived(&self.quals, &self.quals);
                if derived.is_empty() {
                    break;
                }
                self.quals.extend(derived);
            }
            self.drop_pinned();
            let known = &self.quals;
            for member in &mut self.members {
                if member.role != Role::Inner {
                    let mut derived = derived(known, &member.on);
                    derived.retain(|qual| qual.rels & !member.rels == 0);
                    member.on.extend(derived);
                }
            }
        }
        for member in &mut self.members {
            if let Source::Group(group) = &mut member.source {
                group.derive_constants();
            }
        }
    }

    /// Drops `a = b` where both are known to equal the same constant.
    fn drop_pinned(&mut self) {
        let pinned: Vec<(Expr, Expr)> =
            self.quals.iter().filter_map(|qual| pin(&qual.expr)).map(|(column, value)| (column.clone(), value.clone())).collect();
        self.quals.retain(|qual| {
            let Some((a, b)) = column_pair(&qual.expr) else { return true };
            let value = |column: &Expr| pinned.iter().find(|(pinned, _)| super::same::same(pinned, column)).map(|(_, value)| value);
            !matches!((value(a), value(b)), (Some(x), Some(y)) if super::same::same(x, y))
        });
    }
}

impl Member {
    fn settle(&mut self) {
        if self.role != Role::Inner {
            let rels = self.rels;
            let (inside, on): (Vec<_>, Vec<_>) =
                std::mem::take(&mut self.on).into_iter().partition(|qual| qual.rels != 0 && qual.rels & !rels == 0);
            self.on = on;
            self.push_inside(inside);
        }
        match &mut self.source {
            Source::Relation(_) => {}
            Source::Group(group) => group.settle(),
            Source::Full { left, right, .. } => {
                left.settle();
                right.settle();
            }
        }
    }

    fn push_inside(&mut self, quals: Vec<QualRef>) {
        if quals.is_empty() {
            return;
        }
        if let Source::Group(group) = &mut self.source {
            group.quals.extend(quals);
            return;
        }
        let source = std::mem::replace(&mut self.source, Source::Group(Group::default()));
        let mut group = Group { members: Vec::new(), quals };
        group.push(Role::Inner, Vec::new(), 0, self.rels, source);
        self.source = Source::Group(group);
    }
}

fn is_reducible(member: &Member, refused: RelSet) -> bool {
    match (member.role, &member.source) {
        (Role::Left, _) => member.rels & refused != 0,
        (Role::Inner, Source::Full { .. }) => member.rels & refused != 0,
        _ => false,
    }
}

/// Conditions that follow from the constants among `known` and the column equalities among `equalities`, and are not known yet.
fn derived(known: &[QualRef], equalities: &[QualRef]) -> Vec<QualRef> {
    let mut result: Vec<QualRef> = Vec::new();
    for qual in known {
        let Some((column, _)) = pin(&qual.expr) else { continue };
        for equality in equalities {
            let Some((a, b)) = column_pair(&equality.expr) else { continue };
            let other = if super::same::same(a, column) {
                b
            } else if super::same::same(b, column) {
                a
            } else {
                continue;
            };
            let Some(expr) = with_column(&qual.expr, other) else { continue };
            if !known.iter().chain(equalities).chain(&result).any(|known| super::same::same(&known.expr, &expr)) {
                result.push(self::qual(expr));
            }
        }
    }
    result
}

/// `column = value` by a type's own equality, the value free of this level's columns: (column, value).
fn pin(expr: &Expr) -> Option<(&Expr, &Expr)> {
    let (a, b) = equality(expr)?;
    let column = matches!(a.kind, ExprKind::Column(column) if column.depth == 0);
    (column && relations(b) == 0 && !walk::is_volatile(b) && !walk::has_subquery(b)).then_some((a, b))
}

fn column_pair(expr: &Expr) -> Option<(&Expr, &Expr)> {
    let (a, b) = equality(expr)?;
    let is_column = |expr: &Expr| matches!(expr.kind, ExprKind::Column(column) if column.depth == 0);
    (is_column(a) && is_column(b)).then_some((a, b))
}

fn equality(expr: &Expr) -> Option<(&Expr, &Expr)> {
    let ExprKind::Call { operator: Some(operator), args, .. } = &expr.kind else { return None };
    let [a, b] = args.as_slice() else { return None };
    (super::method::is_hashable(operator) && a.ty.oid == b.ty.oid).then_some((a, b))
}

/// `column = value` with another column of the same type.
fn with_column(pin: &Expr, column: &Expr) -> Option<Expr> {
    let mut copy = pin.clone();
    let ExprKind::Call { args, .. } = &mut copy.kind else { return None };
    let first = args.first_mut()?;
    (first.ty.oid == column.ty.oid).then(|| *first = column.clone())?;
    Some(copy)
}
