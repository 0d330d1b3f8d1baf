use super::*;
use crate::{CallContext, EvalContext, Host, SessionFunction, Settings, SqlError, Type};

struct NoSession;

impl Host for NoSession {
    fn clock_timestamp(&self) -> i64 {
        0
    }

    fn random_bytes(&self, _: &mut [u8]) {}

    fn session_function(&self, _: SessionFunction, _: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
        Err(SqlError::internal("no session"))
    }

    fn check_interrupt(&self) -> Result<()> {
        Ok(())
    }
}

fn refused(oid: Oid, bytes: &[u8], expected: &str) {
    let settings = Settings::default();
    let ctx = EvalContext { settings: &settings, transaction_timestamp: 0, statement_timestamp: 0, host: &NoSession };
    let error = receive(Type::plain(oid), bytes, &ctx).expect_err("malformed bytes were taken");
    assert_eq!(error.to_string(), expected);
}

#[test]
fn malformed_bytes_are_refused() {
    refused(Oid::INT4, &[0, 0, 1], "08P01: insufficient data left in message");
    refused(Oid::INT4, &[0, 0, 0, 1, 2], "22P03: incorrect binary data format");
    refused(Oid::TEXT, &[0xff], "22021: invalid byte sequence for encoding \"UTF8\": 0xff");
    refused(Oid::TEXT, &[b'a', 0xc3, 0x28], "22021: invalid byte sequence for encoding \"UTF8\": 0xc3 0x28");
    refused(Oid::TEXT, b"a\0b", "22021: invalid byte sequence for encoding \"UTF8\": 0x00");
    refused(Oid::JSONB, b"\x02{}", "XX000: unsupported jsonb version number 2");
    refused(Oid::TIME, &(-1_i64).to_be_bytes(), "22008: time out of range");
    refused(Oid::TIMESTAMP, &(i64::MAX - 1).to_be_bytes(), "22008: timestamp out of range");
    refused(Oid::DATE, &(i32::MAX - 1).to_be_bytes(), "22008: date out of range");
}

#[test]
fn malformed_arrays_are_refused() {
    let header = |words: &[i32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
    refused(Oid::INT4_ARRAY, &header(&[-1, 0, 23]), "22P03: invalid number of dimensions: -1");
    refused(Oid::INT4_ARRAY, &header(&[1, 7, 23, 1, 1]), "22P03: invalid array flags");
    refused(
        Oid::INT4_ARRAY,
        &header(&[1, 0, 25, 1, 1]),
        "42804: binary data has array element type 25 (text) instead of expected 23 (integer)",
    );
    refused(Oid::INT4_ARRAY, &header(&[1, 0, 23, i32::MAX, 1]), "54000: array lower bound is too large: 1");
    refused(Oid::INT4_ARRAY, &header(&[1, 0, 23, 2, 1, 4, 5]), "08P01: insufficient data left in message");
}
