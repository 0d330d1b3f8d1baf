use super::*;

fn written(value: i64) -> String {
    let mut out = String::new();
    integer::write(value, &mut out);
    out
}

#[test]
fn integers_are_written_as_rust_writes_them() {
    for value in [0, 1, -1, 9, 10, 99, 100, i64::from(i32::MIN), i64::MAX, i64::MIN] {
        assert_eq!(written(value), value.to_string());
    }
}

#[test]
fn both_sinks_take_the_same_text() {
    let (mut string, mut bytes) = (String::new(), Vec::new());
    let settings = Settings::default();
    for (datum, oid) in [
        (Datum::Bool(true), Oid::BOOL),
        (Datum::Float8(1.5), Oid::FLOAT8),
        (Datum::text("ü"), Oid::TEXT),
        (Datum::Uuid([7; 16]), Oid::UUID),
    ] {
        output(&datum, oid, &settings, &mut string).expect("text form");
        output(&datum, oid, &settings, &mut bytes).expect("text form");
    }
    assert_eq!(string.as_bytes(), bytes);
}

#[test]
fn shortest_floats_read_back_the_same() {
    let mut bits: u64 = 0x9e37_79b9_7f4a_7c15;
    for _ in 0..20_000 {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (wide, narrow) = (f64::from_bits(bits), f32::from_bits((bits >> 32) as u32));
        if wide.is_finite() {
            let mut text = String::new();
            float::write8(wide, 1, &mut text);
            assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(wide.to_bits()), "{text}");
        }
        if narrow.is_finite() {
            let mut text = String::new();
            float::write4(narrow, 1, &mut text);
            assert_eq!(text.parse::<f32>().map(f32::to_bits), Ok(narrow.to_bits()), "{text}");
        }
    }
}
