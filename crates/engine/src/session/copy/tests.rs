use borealis_sql::ast::CopyOption;

use super::options::Options;
use super::reader::{Fields, Reader};
use super::writer;

fn options(list: &[(&str, &[&str])], from: bool) -> Result<Options, String> {
    let option = |(name, values): &(&str, &[&str])| CopyOption {
        name: (*name).to_owned(),
        values: values.iter().map(|&value| value.to_owned()).collect(),
        at: -1,
    };
    let list: Vec<_> = list.iter().map(option).collect();
    Options::read(&list, from).map_err(|error| error.to_string())
}

/// Reads `data` in pieces of `size` bytes.
fn read(list: &[(&str, &[&str])], data: &str, size: usize) -> Result<Vec<Fields>, String> {
    let mut reader = Reader::new(options(list, true)?);
    let mut lines = Vec::new();
    let mut drain = |reader: &mut Reader, last| {
        while let Some(fields) = reader.next(last).map_err(|error| error.to_string())? {
            lines.push(fields);
        }
        Ok::<_, String>(())
    };
    for piece in data.as_bytes().chunks(size) {
        reader.push(piece).map_err(|error| error.to_string())?;
        drain(&mut reader, false)?;
    }
    drain(&mut reader, true)?;
    Ok(lines)
}

fn check(list: &[(&str, &[&str])], data: &str, expected: &[&[Option<&str>]]) {
    for size in [1, 2, 3, 7, 4096] {
        let lines = read(list, data, size).expect("well-formed");
        let lines: Vec<Vec<Option<&str>>> = lines.iter().map(|line| line.iter().map(|field| field.as_deref()).collect()).collect();
        assert_eq!(lines, expected, "in pieces of {size}");
    }
}

#[test]
fn text_lines_with_escapes_and_nulls() {
    check(&[], "1\tone\n2\t\\N\n", &[&[Some("1"), Some("one")], &[Some("2"), None]]);
    check(&[], "a\\tb\t\\\\N\t\\101\\x42\n", &[&[Some("a\tb"), Some("\\N"), Some("AB")]]);
    check(&[], "a\\\nb\tc\n", &[&[Some("a\nb"), Some("c")]]);
    check(&[], "x\ty", &[&[Some("x"), Some("y")]]);
    check(&[], "x\ty\r\n\\.\nignored\n", &[&[Some("x"), Some("y")]]);
}

#[test]
fn csv_lines_with_quotes() {
    let csv: &[(&str, &[&str])] = &[("format", &["csv"])];
    check(csv, "1,\"a,b\"\n2,\n3,\"\"\n", &[&[Some("1"), Some("a,b")], &[Some("2"), None], &[Some("3"), Some("")]]);
    check(csv, "\"line\nbreak\",\"say \"\"hi\"\"\"\n", &[&[Some("line\nbreak"), Some("say \"hi\"")]]);
    let other: &[(&str, &[&str])] = &[("format", &["csv"]), ("quote", &["'"]), ("escape", &["\\"]), ("null", &["NULL"])];
    check(other, "'it\\'s',NULL,'NULL'\n", &[&[Some("it's"), None, Some("NULL")]]);
}

#[test]
fn damaged_data_is_refused() {
    let csv: &[(&str, &[&str])] = &[("format", &["csv"])];
    assert_eq!(read(csv, "\"open\n", 4), Err("22P04: unterminated CSV quoted field".to_owned()));
    assert_eq!(read(&[], "\\xff\n", 4), Err("22021: invalid byte sequence for encoding \"UTF8\": 0xff".to_owned()));
}

#[test]
fn options_are_checked() {
    let refused = |list: &[(&str, &[&str])], from| options(list, from).expect_err("refused");
    assert_eq!(refused(&[("format", &["xml"])], true), "22023: COPY format \"xml\" not recognized");
    assert_eq!(refused(&[("delimiter", &["ab"])], true), "0A000: COPY delimiter must be a single one-byte character");
    assert_eq!(refused(&[("delimiter", &["a"])], true), "22023: COPY delimiter cannot be \"a\"");
    assert_eq!(refused(&[("quote", &["'"])], true), "0A000: COPY quote available only in CSV mode");
    assert_eq!(refused(&[("nonsense", &["1"])], true), "42601: option \"nonsense\" not recognized");
    assert_eq!(refused(&[("format", &["csv"]), ("format", &["csv"])], true), "42601: conflicting or redundant options");
    assert_eq!(refused(&[("format", &["csv"]), ("force_quote", &["*"])], true), "0A000: COPY force quote only available using COPY TO");
}

#[test]
fn written_lines_read_back() {
    for list in [&[][..], &[("format", &["csv"][..])][..]] {
        let names = vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let fields = vec![Some("tab\tand \\ and \"quote\"".to_owned()), None, Some("line\nbreak".to_owned())];
        let mut line = Vec::new();
        writer::line(&fields, &names, &options(list, false).expect("valid"), &mut line);
        let text = String::from_utf8(line).expect("text");
        assert_eq!(read(list, &text, 5), Ok(vec![fields]), "{list:?}");
    }
}
