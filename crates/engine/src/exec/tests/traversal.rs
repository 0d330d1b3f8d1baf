//! SEARCH and CYCLE with parameters in both terms.

use borealis_pgtypes::{Datum, Oid};

use super::database;

#[test]
fn both_terms_take_parameters() {
    let mut db = database();
    let query = "WITH RECURSIVE r(n) AS (SELECT $1::int UNION ALL SELECT n * $2 % 7 FROM r) \
                 SEARCH BREADTH FIRST BY n SET seq CYCLE n SET again TO 'yes' DEFAULT 'no' USING way \
                 SELECT n, seq::text, again, cardinality(way) FROM r WHERE n <> $3 ORDER BY seq";
    let mut run = |from: i32, by: i32, without: i32| {
        let params = [from, by, without].map(Datum::Int4);
        let answer = db.run_with(query, &[Oid::INT4; 3], &params).expect("the query runs");
        answer.rows.iter().map(|row| format!("{row:?}")).collect::<Vec<_>>()
    };
    let first = run(1, 2, 4);
    assert_eq!(
        first,
        [
            r#"[Int4(1), Text("(0,1)"), Text("no"), Int4(1)]"#,
            r#"[Int4(2), Text("(1,2)"), Text("no"), Int4(2)]"#,
            r#"[Int4(1), Text("(3,1)"), Text("yes"), Int4(4)]"#,
        ]
    );
    assert_eq!(run(6, 6, 0).len(), 3);
    assert_eq!(run(1, 2, 4), first);
}
