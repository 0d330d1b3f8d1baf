use super::*;

fn table(number: u32) -> Address {
    Address::relation(Oid(number))
}

fn rule(number: u32) -> Address {
    Address::new(Class::Rule, Oid(number))
}

fn edge(dependent: Address, on: Address, strength: Strength) -> Edge {
    Edge { dependent, on, strength }
}

/// Table 1, view 2 with rule 3 on the table's column 1, view 4 with rule 5 on view 2.
fn two_views() -> Vec<Edge> {
    vec![
        edge(rule(3), table(2), Strength::Internal),
        edge(rule(3), Address::column(Oid(1), 1), Strength::Normal),
        edge(rule(5), table(4), Strength::Internal),
        edge(rule(5), table(2), Strength::Normal),
    ]
}

fn spoken(edges: &[Edge], roots: &[Address]) -> Vec<(Address, Option<Address>)> {
    let doomed = deletion(edges, roots).expect("no root is a part");
    doomed.iter().rev().filter(|doomed| !doomed.silent).map(|doomed| (doomed.object, doomed.because_of)).collect()
}

#[test]
fn a_rule_stands_for_its_view() {
    assert_eq!(spoken(&two_views(), &[table(1)]), [(table(2), Some(table(1))), (table(4), Some(table(2)))]);
}

#[test]
fn another_column_is_nobodys_concern() {
    assert_eq!(spoken(&two_views(), &[Address::column(Oid(1), 2)]), []);
    assert_eq!(spoken(&two_views(), &[Address::column(Oid(1), 1)]).len(), 2);
}

#[test]
fn a_part_is_not_dropped_alone() {
    assert_eq!(deletion(&two_views(), &[rule(3)]), Err(Blocked { object: rule(3), owner: table(2) }));
}

#[test]
fn dependent_objects_come_first() {
    let order: Vec<Address> = deletion(&two_views(), &[table(1)]).expect("a table").iter().map(|doomed| doomed.object).collect();
    let place = |object: Address| order.iter().position(|known| *known == object).expect("goes");
    assert!(place(table(4)) < place(table(2)) && place(table(2)) < place(table(1)), "{order:?}");
}

#[test]
fn what_is_named_is_not_told() {
    assert_eq!(spoken(&two_views(), &[table(1), table(2), table(4)]), []);
}

#[test]
fn a_circle_ends() {
    let circle = [edge(table(1), table(2), Strength::Normal), edge(table(2), table(1), Strength::Normal)];
    assert_eq!(deletion(&circle, &[table(1)]).expect("both").len(), 2);
}
