//! What is no script.

use super::{Dump, text_of};

/// What the first bytes are, for which command, and the words of the advice.
#[test]
fn what_is_no_script_is_named_with_its_advice() {
    let tar = |first: &str| [first.as_bytes(), &[0; 300][first.len()..257], b"ustar"].concat();
    let cases = [
        (vec![0x1F, 0x8B, 8], Dump::Postgres, "compressed (gzip)", "gunzip -c FILE | borealis convert postgres -"),
        (vec![0x1F, 0x8B, 8], Dump::Mysql, "compressed (gzip)", "gunzip -c FILE | borealis convert mysql -"),
        (b"BZh9".to_vec(), Dump::Mysql, "compressed (bzip2)", "bunzip2 -c FILE | borealis convert mysql -"),
        (b"PGDMP\x01".to_vec(), Dump::Mysql, "custom format", "pg_restore -f - FILE | borealis convert postgres -"),
        (tar("toc.dat"), Dump::Postgres, "tar format", "pg_restore -f - FILE | borealis convert postgres -"),
        (tar("shop.sql"), Dump::Mysql, "a tar archive", "tar -xOf FILE | borealis convert mysql -"),
        (vec![0xFF, 0xFE, b'a', 0], Dump::Postgres, "UTF-16", "pg_dump --file=FILE"),
    ];
    for (bytes, dump, what, advice) in cases {
        let error = text_of(&bytes, dump).expect_err("no script").to_string();
        assert!(error.contains(what) && error.contains(advice), "{error}");
    }
    assert_eq!(text_of(b"\xEF\xBB\xBFSELECT", Dump::Mysql), Ok(&b"SELECT"[..]));
}
