//! `borealis convert`: schemas and dumps of other databases as statements that Aurora DSQL accepts.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use borealis_convert::{AutoIncrement, Choices, Conversion, ConvertError, ForeignKeys, Options, Verdict, ZeroDates};
use borealis_dialect::Dialect;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use crate::{Failure, Usage};

/// Something was lost and `--deny-loss` was given: nothing is written.
const DENIED: u8 = 3;

#[derive(Debug, Args)]
#[command(after_help = "Example: mysqldump shop | borealis convert mysql - -o shop.sql && borealis load shop.sql --with-schema")]
pub(crate) struct Convert {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    /// Convert DDL of MySQL or MariaDB, or what mysqldump wrote
    Mysql(Mysql),
    /// Convert DDL of PostgreSQL, or what pg_dump wrote in plain format
    Postgres(Postgres),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Every statement of the answer is a transaction of its own, and has been bound under the dialect. What is lost is listed on stderr.\n\
                        Exit codes: 0 converted, 1 the source cannot be converted (nothing is written), 2 usage, 3 lost something under --deny-loss.\n\n\
                        Example: borealis convert mysql dump.sql -o shop.sql --auto-increment identity --map timestamp=timestamptz"
)]
struct Mysql {
    #[command(flatten)]
    common: Common,
    /// What AUTO_INCREMENT becomes [default: identity for a file with rows, uuid for one without]
    #[arg(long, value_enum)]
    auto_increment: Option<AutoIncrementName>,
    /// What dates become that do not exist, such as 0000-00-00
    #[arg(long, value_enum, default_value_t = ZeroDatesName::Error)]
    zero_dates: ZeroDatesName,
    /// Put everything into this schema
    #[arg(long, value_name = "SCHEMA")]
    schema: Option<String>,
    /// A type to be mapped otherwise; may be repeated (--help lists them)
    #[arg(long, value_name = "KEY=VALUE", long_help = map_help())]
    map: Vec<String>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Every statement of the answer is a transaction of its own, and has been bound under the dialect. What is lost is listed on stderr.\n\
                        Exit codes: 0 converted, 1 the source cannot be converted (nothing is written), 2 usage, 3 lost something under --deny-loss.\n\n\
                        Example: pg_dump shop | borealis convert postgres - -o shop.sql"
)]
struct Postgres {
    #[command(flatten)]
    common: Common,
    /// What serial columns and identities become
    #[arg(long, value_enum, default_value_t = SerialName::Identity)]
    serial: SerialName,
    /// A type to be mapped otherwise: enum=text, json=text; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    map: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SerialName {
    Identity,
    Sequence,
}

#[derive(Debug, Args)]
struct Common {
    /// The file; - for standard input
    file: PathBuf,
    /// Write to this file, whole or not at all, instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What the target accepts: 2026-09 or 2026-02
    #[arg(long, default_value_t)]
    dialect: Dialect,
    /// CACHE of identities and sequences: 1 counts in order, 65536 or more is fast
    #[arg(long, value_name = "N", default_value_t = Options::CACHE_DEFAULT)]
    cache: u64,
    /// What foreign keys become: kept, a view each of the rows that break it, or nothing [default: keep, or checks where the dialect has none]
    #[arg(long, value_enum)]
    foreign_keys: Option<ForeignKeysName>,
    /// Print a JSON report: statements and losses (without the statements with -o)
    #[arg(long)]
    json: bool,
    /// Write each loss as a comment before the statement that it concerns
    #[arg(long)]
    annotate: bool,
    /// Write nothing and end with code 3 when something is lost
    #[arg(long)]
    deny_loss: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AutoIncrementName {
    Uuid,
    Identity,
    Sequence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ZeroDatesName {
    Error,
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ForeignKeysName {
    Keep,
    Checks,
    Drop,
}

fn map_help() -> String {
    let lines = Choices::KEYS.iter().map(|(key, values)| format!("\n  {key:<10} {}", values.join(" | ")));
    format!("A type to be mapped otherwise; may be repeated. Keys, and their values with the default first:{}", lines.collect::<String>())
}

pub(crate) fn run(arguments: &Convert) -> Result<ExitCode, Failure> {
    match &arguments.source {
        Source::Mysql(mysql) => {
            let mut options = mysql.common.options(&mysql.map)?;
            options.schema.clone_from(&mysql.schema);
            options.auto_increment = mysql.auto_increment.map(|name| match name {
                AutoIncrementName::Uuid => AutoIncrement::Uuid,
                AutoIncrementName::Identity => AutoIncrement::Identity,
                AutoIncrementName::Sequence => AutoIncrement::Sequence,
            });
            options.zero_dates = if mysql.zero_dates == ZeroDatesName::Null { ZeroDates::Null } else { ZeroDates::Error };
            convert(&mysql.common, &options, borealis_convert::mysql::convert)
        }
        Source::Postgres(postgres) => {
            const KEYS: [&str; 2] = ["enum=", "json="];
            if let Some(choice) = postgres.map.iter().find(|choice| !KEYS.iter().any(|key| choice.starts_with(key))) {
                return Err(Usage::because(format!("--map {choice}: a PostgreSQL source has the choices enum and json")));
            }
            let mut options = postgres.common.options(&postgres.map)?;
            options.auto_increment = (postgres.serial == SerialName::Sequence).then_some(AutoIncrement::Sequence);
            convert(&postgres.common, &options, borealis_convert::postgres::convert)
        }
    }
}

impl Common {
    fn options(&self, map: &[String]) -> Result<Options, Failure> {
        let foreign_keys = self.foreign_keys.map(|name| match name {
            ForeignKeysName::Keep => ForeignKeys::Keep,
            ForeignKeysName::Checks => ForeignKeys::Checks,
            ForeignKeysName::Drop => ForeignKeys::Drop,
        });
        let mut options = Options { cache: self.cache, foreign_keys, ..Options::of(self.dialect) };
        for choice in map {
            options.choices.set(choice).map_err(|why| Usage::because(format!("--map {choice}: {why}")))?;
        }
        Ok(options)
    }

    /// How messages call the source.
    fn source(&self) -> String {
        if self.is_stdin() { "standard input".to_owned() } else { self.file.display().to_string() }
    }

    fn is_stdin(&self) -> bool {
        self.file == Path::new("-")
    }

    fn read(&self) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        if self.is_stdin() {
            std::io::stdin().lock().read_to_end(&mut bytes)?;
            return Ok(bytes);
        }
        std::fs::read(&self.file).map_err(|error| format!("{}: {error}", self.file.display()).into())
    }
}

type Converter = fn(&[u8], &Options) -> Result<Conversion, ConvertError>;

fn convert(common: &Common, options: &Options, converter: Converter) -> Result<ExitCode, Failure> {
    options.check().map_err(Usage::because)?;
    let source = common.read()?;
    let conversion = converter(&source, options).map_err(|error| format!("{}: {error}", common.source()))?;
    let denied = common.deny_loss && !conversion.is_lossless();
    if !common.json {
        losses(&conversion);
    }
    if denied {
        eprintln!("borealis convert: something is lost, and --deny-loss was given: nothing is written");
        if common.json {
            print(&report(common, &conversion, false))?;
        }
        return Ok(ExitCode::from(DENIED));
    }
    match &common.output {
        Some(path) => {
            write_whole(path, &conversion.script(common.annotate))?;
            if common.json {
                print(&report(common, &conversion, false))?;
            }
        }
        None if common.json => print(&report(common, &conversion, true))?,
        None => print(&conversion.script(common.annotate))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The losses and their number, on stderr.
fn losses(conversion: &Conversion) {
    let count = |verdict| conversion.losses.iter().filter(|loss| loss.verdict == verdict).count();
    conversion.losses.iter().for_each(|loss| eprintln!("{loss}"));
    eprintln!(
        "{} statements; {} losses, {} things without a counterpart, {} notes",
        conversion.statements.len(),
        count(Verdict::Loss),
        count(Verdict::Impossible),
        count(Verdict::Clean)
    );
}

fn report(common: &Common, conversion: &Conversion, with_statements: bool) -> String {
    let mut report = json!({
        "source": common.source(),
        "dialect": conversion.dialect.name(),
        "lossless": conversion.is_lossless(),
        "losses": conversion.losses,
    });
    if with_statements {
        report["statements"] = json!(conversion.statements);
    }
    format!("{report:#}\n")
}

fn print(text: &str) -> Result<(), Failure> {
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}

/// Writes beside the file and renames: the file is the old one or the new one, never a part.
fn write_whole(path: &Path, text: &str) -> Result<(), Failure> {
    let name = path.file_name().ok_or_else(|| Usage::because(format!("-o {}: this is no file", path.display())))?;
    let beside = path.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
    let written = std::fs::File::create(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    });
    written.map_err(|error| {
        // The error that matters is the one that is reported.
        let _ = std::fs::remove_file(&beside);
        format!("{}: {error}", path.display()).into()
    })
}
