//! The corpus: `tests/corpus/<source>/<name>.sql` and, beside it, what comes out: statements, then losses. The first line of a source may be
//! `-- options: …`. `BLESS=1` writes the answers anew. Whatever comes out must be accepted by Borealis's parser under the dialect it was made for, and the
//! same source must convert under the other dialect too.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use borealis_convert::{AutoIncrement, Conversion, ConvertError, ForeignKeys, Options, ZeroDates};
use borealis_dialect::Dialect;

fn sources() -> Vec<PathBuf> {
    let root = Path::new("tests/corpus");
    let mut files: Vec<PathBuf> = ["mysql", "postgres"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten())
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "there is a corpus");
    files
}

/// The options that the first line asks for.
fn options(text: &[u8]) -> Options {
    let mut options = Options::of(Dialect::default());
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first = String::from_utf8_lossy(first);
    for word in first.strip_prefix("-- options:").unwrap_or_default().split_whitespace() {
        match word.split_once('=').expect("key=value") {
            ("dialect", value) => options.dialect = value.parse().expect("a dialect"),
            ("auto-increment", "uuid") => options.auto_increment = Some(AutoIncrement::Uuid),
            ("auto-increment", "identity") => options.auto_increment = Some(AutoIncrement::Identity),
            ("auto-increment", "sequence") => options.auto_increment = Some(AutoIncrement::Sequence),
            ("zero-dates", "null") => options.zero_dates = ZeroDates::Null,
            ("foreign-keys", "checks") => options.foreign_keys = Some(ForeignKeys::Checks),
            ("foreign-keys", "drop") => options.foreign_keys = Some(ForeignKeys::Drop),
            ("schema", value) => options.schema = Some(value.to_owned()),
            ("cache", value) => options.cache = value.parse().expect("a number"),
            _ => options.choices.set(word).expect("a choice"),
        }
    }
    options
}

fn convert(path: &Path, text: &[u8], options: &Options) -> Result<Conversion, ConvertError> {
    if path.components().any(|part| part.as_os_str() == "postgres") {
        borealis_convert::postgres::convert(text, options)
    } else {
        borealis_convert::mysql::convert(text, options)
    }
}

fn describe(result: &Result<Conversion, ConvertError>) -> String {
    match result {
        Ok(conversion) => {
            let mut out = conversion.script(false);
            out.push_str("---- losses\n");
            conversion.losses.iter().for_each(|loss| {
                let _ = writeln!(out, "{loss}");
            });
            out
        }
        Err(error) => format!("---- error\n{error}\n"),
    }
}

/// Every statement parses under its dialect.
fn accepted(path: &Path, conversion: &Conversion) {
    for statement in &conversion.statements {
        let parsed = borealis_sql::parse::parse(&statement.sql, conversion.dialect);
        let refused = parsed.map(|parsed| parsed.into_iter().find_map(|one| one.statement.err()));
        match refused {
            Ok(None) => {}
            Ok(Some(error)) | Err(error) => panic!("{} under {}: {error}\n{}", path.display(), conversion.dialect, statement.sql),
        }
    }
}

#[test]
fn sources_convert_as_expected() {
    let mut different = Vec::new();
    for path in sources() {
        let text = std::fs::read(&path).expect("a source");
        let result = convert(&path, &text, &options(&text));
        if let Ok(conversion) = &result {
            accepted(&path, conversion);
        }
        let (found, answer) = (describe(&result), path.with_extension("out"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&answer, &found).expect("the answer is written");
        }
        if std::fs::read_to_string(&answer).unwrap_or_default() != found {
            different.push(format!("{}:\n{found}", path.display()));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn every_source_converts_under_every_dialect_and_every_choice() {
    for path in sources() {
        let text = std::fs::read(&path).expect("a source");
        let given = options(&text);
        if convert(&path, &text, &given).is_err() {
            continue;
        }
        for dialect in Dialect::ALL {
            let mut options = Options { dialect, foreign_keys: None, ..given.clone() };
            if options.check().is_err() {
                options.choices = Default::default();
            }
            accepted(&path, &convert(&path, &text, &options).expect("it converts"));
        }
        for auto_increment in [AutoIncrement::Uuid, AutoIncrement::Identity, AutoIncrement::Sequence] {
            for foreign_keys in [ForeignKeys::Keep, ForeignKeys::Checks, ForeignKeys::Drop] {
                let options = Options {
                    dialect: Dialect::D2026_09,
                    auto_increment: Some(auto_increment),
                    foreign_keys: Some(foreign_keys),
                    ..given.clone()
                };
                accepted(&path, &convert(&path, &text, &options).expect("it converts"));
            }
        }
    }
}
