use super::{KeyColumn, KeyRange, checksum, nth_key, row_checksum};

fn key(name: &str, ty: &str) -> KeyColumn {
    KeyColumn { name: name.to_owned(), ty: ty.to_owned() }
}

#[test]
fn ranges_are_half_open_and_compare_whole_keys() {
    let one = [key("id", "uuid")];
    let two = [key("a", "integer"), key("Order", "text")];
    assert_eq!(KeyRange::default().condition(&one, ""), "true");
    let range = KeyRange { low: Some(vec!["x".into()]), high: Some(vec!["y".into()]) };
    assert_eq!(range.condition(&one, "o."), "o.id > CAST('x' AS uuid) AND o.id <= CAST('y' AS uuid)");
    let range = KeyRange::behind(Some(vec!["5".into(), "it's".into()]));
    assert_eq!(range.condition(&two, ""), "(a, \"Order\") > (CAST('5' AS integer), CAST('it''s' AS text))");
}

#[test]
fn the_nth_key_is_counted_from_one() {
    assert_eq!(
        nth_key("t", &[key("id", "integer")], &KeyRange::behind(Some(vec!["7".into()])), 3),
        "SELECT id::text FROM (SELECT id FROM t WHERE id > CAST('7' AS integer) ORDER BY id LIMIT 1 OFFSET 2) AS k"
    );
}

#[test]
fn a_checksum_is_taken_in_the_order_of_the_key() {
    assert_eq!(
        checksum(&row_checksum("id, v"), &[key("id", "integer"), key("B", "text")]),
        "md5(coalesce(string_agg(md5(ROW(id, v)::text), '' ORDER BY id, \"B\"), ''))"
    );
}
