//! `borealis lint`: what Aurora DSQL would refuse of SQL files, and what would hurt.

use std::fs;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use borealis_dialect::Dialect;
use borealis_lint::output::{self, FileReport, Format};
use borealis_lint::{CONFIGURATION_FILE, IdentityCache, Linter, Options, Report, Selector, Severity, Verdict};
use clap::{Args, ValueEnum};

use crate::file_order::by_number;
use crate::{Failure, Usage};

/// What standard input is called in reports.
const STDIN: &str = "<stdin>";

#[derive(Debug, Args)]
#[command(
    after_help = "Exit code 0: no errors, or all of them mended without a loss. 1: errors are left, or a file cannot be read. 2: a wrong command line or \
configuration. 3: all mended, some with a loss that is named. Warnings do not fail unless --deny-warnings is given.\n\n\
A comment `-- borealis-lint: disable=RULE[,RULE]` holds for the next statement, `-- borealis-lint: disable-file=RULE` for its file.\n\n\
Example: borealis lint migrations/ --fix"
)]
pub(crate) struct Lint {
    /// Files in the order in which they run, folders of .sql files, or - for standard input
    #[arg(required_unless_present_any = ["list_rules", "explain"])]
    files: Vec<PathBuf>,
    /// Mend what can be mended, in the files themselves; standard input is printed mended
    #[arg(long)]
    fix: bool,
    /// Apply only fixes that lose nothing
    #[arg(long, requires = "fix")]
    no_loss: bool,
    /// Print the mended text instead of writing files; the report goes to stderr
    #[arg(long, requires = "fix")]
    stdout: bool,
    /// How to report
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
    /// Fail on warnings too
    #[arg(long)]
    deny_warnings: bool,
    #[command(flatten)]
    choice: Choice,
    /// Name all rules
    #[arg(long)]
    list_rules: bool,
    /// Explain a rule
    #[arg(long, value_name = "RULE")]
    explain: Option<String>,
}

/// What to look for; shared with the language server.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Choice {
    /// The dialect that the SQL is meant for [default: the newest]
    #[arg(long)]
    dialect: Option<Dialect>,
    /// Look for these rules only: a rule, a family such as `index`, or `all`
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = Selector::new)]
    select: Vec<Selector>,
    /// Do not look for these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = Selector::new)]
    ignore: Vec<Selector>,
    /// Give a rule another severity: error, warning, info or off
    #[arg(long, value_name = "RULE=LEVEL", value_delimiter = ',', value_parser = severity)]
    severity: Vec<(Selector, Severity)>,
    /// The column that every table must have
    #[arg(long, value_name = "NAME")]
    tenant_column: Option<String>,
    /// Take a table, column or function that the files do not make for an error
    #[arg(long)]
    strict_schema: bool,
    /// CACHE of identity columns and sequences where a fix chooses one [default: 1]
    #[arg(long, value_name = "N", value_parser = identity_cache)]
    identity_cache: Option<IdentityCache>,
    /// Read this configuration instead of looking for .borealis-lint.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Read no configuration
    #[arg(long, conflicts_with = "config")]
    no_config: bool,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum ReportFormat {
    #[default]
    Text,
    Json,
    Sarif,
    #[value(name = "github")]
    GitHub,
    #[value(name = "gitlab")]
    GitLab,
}

impl From<ReportFormat> for Format {
    fn from(format: ReportFormat) -> Self {
        match format {
            ReportFormat::Text => Self::Text,
            ReportFormat::Json => Self::Json,
            ReportFormat::Sarif => Self::Sarif,
            ReportFormat::GitHub => Self::GitHub,
            ReportFormat::GitLab => Self::GitLab,
        }
    }
}

fn severity(text: &str) -> Result<(Selector, Severity), String> {
    let (rule, level) = text.split_once('=').ok_or("a severity is given as RULE=LEVEL")?;
    Ok((Selector::new(rule)?, level.parse()?))
}

fn identity_cache(text: &str) -> Result<IdentityCache, String> {
    let size = text.parse().map_err(|_| format!("{text} is not a number"))?;
    IdentityCache::new(size).ok_or_else(|| borealis_lint::cache_refused(size))
}

impl Choice {
    /// Configuration and command line together; the command line is right.
    pub(crate) fn options(&self, folder: &Path) -> Result<Options, Failure> {
        let mut options = self.configuration(folder)?;
        if let Some(dialect) = self.dialect {
            options.dialect = dialect;
        }
        if !self.select.is_empty() {
            options.select.clone_from(&self.select);
        }
        options.ignore.extend(self.ignore.iter().cloned());
        options.severity.extend(self.severity.iter().cloned());
        options.strict_schema |= self.strict_schema;
        if self.tenant_column.is_some() {
            options.tenant_column.clone_from(&self.tenant_column);
        }
        options.identity_cache = self.identity_cache.unwrap_or(options.identity_cache);
        Ok(options)
    }

    fn configuration(&self, folder: &Path) -> Result<Options, Failure> {
        let path = match &self.config {
            Some(path) => path.clone(),
            None if self.no_config => return Ok(Options::default()),
            None => match folder.ancestors().map(|folder| folder.join(CONFIGURATION_FILE)).find(|path| path.is_file()) {
                Some(path) => path,
                None => return Ok(Options::default()),
            },
        };
        let text = fs::read_to_string(&path).map_err(|error| Usage::because(format!("{}: {error}", path.display())))?;
        Options::from_toml(&text).map_err(|problem| Usage::because(format!("{}: {problem}", path.display())))
    }
}

pub(crate) fn run(arguments: &Lint) -> Result<ExitCode, Failure> {
    if let Some(rule) = &arguments.explain {
        return explain(arguments, rule);
    }
    let files = files(&arguments.files)?;
    let first = files.iter().chain(&arguments.files).find(|path| !is_stdin(path));
    let options = arguments.choice.options(&folder_of(first))?;
    if arguments.list_rules {
        return list_rules(arguments, &options);
    }
    let mut linter = Linter::new(options);
    let mut reports = Vec::new();
    for path in &files {
        reports.push(one(arguments, path, &mut linter)?);
    }
    report(arguments, &reports)?;
    Ok(exit_code(arguments, &reports))
}

/// The folder in which the search for a configuration begins: of the first file, or the current one.
fn folder_of(file: Option<&PathBuf>) -> PathBuf {
    let file = file.and_then(|file| fs::canonicalize(file).ok());
    let folder = file.map(|file| if file.is_dir() { file } else { file.parent().map(Path::to_path_buf).unwrap_or_default() });
    folder.or_else(|| std::env::current_dir().ok()).unwrap_or_default()
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Folders become their .sql files, by name with numbers by their value, and with those of folders inside.
fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in named {
        if path.is_dir() {
            let before = files.len();
            walk(path, &mut files)?;
            if files.len() == before {
                return Err(format!("{}: the folder has no .sql files", path.display()).into());
            }
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let failed = |error: io::Error| format!("{}: {error}", folder.display());
    let mut entries = fs::read_dir(folder)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    entries.sort_by(|a, b| by_number(a, b));
    for path in entries {
        if path.is_dir() && !path.is_symlink() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql")) {
            files.push(path);
        }
    }
    Ok(())
}

/// Lints one file; with --fix, mends it.
fn one(arguments: &Lint, path: &Path, linter: &mut Linter) -> Result<FileReport, Failure> {
    let stdin = is_stdin(path);
    let name = if stdin { STDIN.to_owned() } else { path.display().to_string() };
    let bytes = if stdin { read_stdin()? } else { fs::read(path).map_err(|error| format!("{name}: {error}"))? };
    let report = linter.lint_bytes(&bytes);
    if !arguments.fix {
        return Ok(FileReport { name, report, applied: Vec::new(), fixed: None });
    }
    let fixed = report.fix(arguments.no_loss);
    let prints = stdin || arguments.stdout;
    if !prints && !fixed.applied.is_empty() {
        replace(path, &fixed.text).map_err(|error| format!("{name}: {error}"))?;
    }
    let changed: Option<String> = prints.then_some(fixed.text);
    Ok(FileReport { name, report: fixed.remaining, applied: fixed.applied, fixed: changed })
}

fn read_stdin() -> Result<Vec<u8>, Failure> {
    if io::stdin().is_terminal() {
        return Err(Usage::because("standard input is a terminal: name files, or pipe SQL into -".to_owned()));
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes beside the file and renames, so that a reader sees the old text or the new one. A link goes on pointing to what it points to.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let target = fs::canonicalize(path)?;
    let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = target.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = (|| {
        let mut file = fs::File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.set_permissions(fs::metadata(&target)?.permissions())?;
        file.sync_all()?;
        fs::rename(&beside, &target)
    })();
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// The mended text is data and goes to stdout; then the report is for people.
fn report(arguments: &Lint, reports: &[FileReport]) -> Result<(), Failure> {
    let text = output::write(reports, arguments.format.into());
    let fixed: Vec<&str> = reports.iter().filter_map(|file| file.fixed.as_deref()).collect();
    let in_document = matches!(arguments.format, ReportFormat::Json);
    if fixed.is_empty() || in_document {
        return print(&text);
    }
    print(&fixed.concat())?;
    Ok(io::stderr().lock().write_all(text.as_bytes())?)
}

fn exit_code(arguments: &Lint, reports: &[FileReport]) -> ExitCode {
    let least = if arguments.deny_warnings { Severity::Warning } else { Severity::Error };
    let fails = |report: &Report| report.findings.iter().any(|finding| finding.severity >= least);
    if reports.iter().any(|file| fails(&file.report)) {
        return ExitCode::FAILURE;
    }
    let lost = reports.iter().flat_map(|file| &file.applied).any(|fix| fix.verdict == Verdict::Loss);
    if lost { ExitCode::from(3) } else { ExitCode::SUCCESS }
}

fn explain(arguments: &Lint, rule: &str) -> Result<ExitCode, Failure> {
    let dialect = arguments.choice.dialect.unwrap_or_default();
    match borealis_lint::explain(rule, dialect) {
        Some(text) => {
            print(&text)?;
            Ok(ExitCode::SUCCESS)
        }
        None => Err(Usage::because(Selector::new(rule).err().unwrap_or_else(|| format!("\"{rule}\" is a family: name one of its rules")))),
    }
}

fn list_rules(arguments: &Lint, options: &Options) -> Result<ExitCode, Failure> {
    let rules = borealis_lint::rules(options.dialect);
    let text = if matches!(arguments.format, ReportFormat::Json) {
        format!("{}\n", serde_json::to_string_pretty(&rules)?)
    } else {
        let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
        let line = |rule: &borealis_lint::RuleInfo| {
            format!("{:width$}  {:7}  {:3}  {}\n", rule.id, rule.severity.name(), if rule.fixes { "fix" } else { "" }, rule.summary)
        };
        rules.iter().map(line).collect()
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// A reader that has seen enough, as `head` has, is no failure.
fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}
