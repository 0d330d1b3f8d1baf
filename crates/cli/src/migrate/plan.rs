//! `borealis migrate plan`.

use std::io::Write as _;
use std::path::PathBuf;

use borealis_dialect::Dialect;
use borealis_migrate::{Derived, Goal, Operation};
use clap::{Args, Subcommand};

use crate::connection::Target;
use crate::{Failure, Usage};

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate plan set-not-null orders customer --fill \"'unknown'\" --out plan.json")]
pub(super) struct PlanArguments {
    #[command(subcommand)]
    change: Change,
}

#[derive(Debug, Args)]
struct Common {
    #[command(flatten)]
    target: Target,
    /// Surface of the database: decides which changes have statements of their own
    #[arg(long, value_name = "DATE", default_value_t = Dialect::default())]
    dialect: Dialect,
    /// Write the plan to a file, for `borealis migrate apply`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the plan as JSON
    #[arg(long)]
    json: bool,
    /// The table
    #[arg(value_name = "TABLE")]
    table: String,
}

#[derive(Debug, Subcommand)]
enum Change {
    /// Add a column, with a value for existing rows when it has a default
    AddColumn(AddColumn),
    /// Drop a column
    DropColumn(OneColumn),
    /// Rename a column
    RenameColumn(RenameColumn),
    /// Change the type of a column
    RetypeColumn(RetypeColumn),
    /// Make a column NOT NULL
    SetNotNull(SetNotNull),
    /// Let a column be NULL
    DropNotNull(OneColumn),
    /// Set a column's default
    SetDefault(SetDefault),
    /// Drop a column's default
    DropDefault(OneColumn),
    /// Add a CHECK, UNIQUE or FOREIGN KEY constraint
    AddConstraint(AddConstraint),
    /// Drop a constraint
    DropConstraint(DropConstraint),
    /// Make other columns the primary key
    PrimaryKey(PrimaryKey),
    /// Split a column into several
    SplitColumn(SplitColumn),
    /// Merge columns into one
    MergeColumns(MergeColumns),
    /// Make tables what a file of CREATE TABLE and CREATE INDEX ASYNC says
    Goal(GoalArguments),
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate plan goal schema.sql --out plans && borealis migrate apply plans/*.json")]
struct GoalArguments {
    #[command(flatten)]
    target: Target,
    /// Surface of the database: decides which changes have statements of their own
    #[arg(long, value_name = "DATE", default_value_t = Dialect::default())]
    dialect: Dialect,
    /// Write a plan for each table that differs into a folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print the plans as JSON
    #[arg(long)]
    json: bool,
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate plan add-column orders state text --default \"'new'\" --not-null")]
struct AddColumn {
    #[command(flatten)]
    common: Common,
    /// The column
    #[arg(value_name = "COLUMN")]
    name: String,
    /// Its type
    #[arg(value_name = "TYPE")]
    ty: String,
    /// Its default, which existing rows get too
    #[arg(long, value_name = "EXPRESSION")]
    default: Option<String>,
    /// NOT NULL
    #[arg(long)]
    not_null: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate plan drop-column orders note --dialect 2026-02")]
struct OneColumn {
    #[command(flatten)]
    common: Common,
    /// The column
    #[arg(value_name = "COLUMN")]
    column: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate plan rename-column orders note remark")]
struct RenameColumn {
    #[command(flatten)]
    common: Common,
    /// The column
    #[arg(value_name = "COLUMN")]
    column: String,
    /// Its new name
    #[arg(value_name = "NAME")]
    to: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate plan retype-column orders amount integer --using 'round(amount::numeric)'")]
struct RetypeColumn {
    #[command(flatten)]
    common: Common,
    /// The column
    #[arg(value_name = "COLUMN")]
    column: String,
    /// Its new type
    #[arg(value_name = "TYPE")]
    ty: String,
    /// The new value, an expression over the table's columns [default: a cast]
    #[arg(long, value_name = "EXPRESSION")]
    using: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate plan set-not-null orders customer --fill \"'unknown'\"")]
struct SetNotNull {
    #[command(flatten)]
    common: Common,
    /// The column
    #[arg(value_name = "COLUMN")]
    column: String,
    /// What takes the place of NULL [default: rows with NULL are refused]
    #[arg(long, value_name = "EXPRESSION")]
    fill: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate plan set-default orders created_at 'now()'")]
struct SetDefault {
    #[command(flatten)]
    common: Common,
    /// The column
    #[arg(value_name = "COLUMN")]
    column: String,
    /// Its default
    #[arg(value_name = "EXPRESSION")]
    default: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate plan add-constraint orders amount_positive 'CHECK (amount > 0)'")]
struct AddConstraint {
    #[command(flatten)]
    common: Common,
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    /// CHECK (…), UNIQUE (…) or FOREIGN KEY (…) REFERENCES …
    #[arg(value_name = "DEFINITION")]
    definition: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate plan drop-constraint orders amount_positive")]
struct DropConstraint {
    #[command(flatten)]
    common: Common,
    /// The constraint
    #[arg(value_name = "NAME")]
    name: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate plan primary-key orders tenant id")]
struct PrimaryKey {
    #[command(flatten)]
    common: Common,
    /// Its columns
    #[arg(value_name = "COLUMN", required = true)]
    columns: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate plan split-column person name --into \"first text = split_part(name, ' ', 1)\" \\\n  \
                        --into \"last text = split_part(name, ' ', 2)\"")]
struct SplitColumn {
    #[command(flatten)]
    common: Common,
    /// The column
    #[arg(value_name = "COLUMN")]
    column: String,
    /// A new column: its name, its type, and an expression over the table's columns
    #[arg(long, value_name = "NAME TYPE = EXPRESSION", required = true)]
    into: Vec<String>,
    /// Keep the column
    #[arg(long)]
    keep: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example: borealis migrate plan merge-columns person first last --into \"name varchar(200) = concat_ws(' ', first, last)\""
)]
struct MergeColumns {
    #[command(flatten)]
    common: Common,
    /// The columns
    #[arg(value_name = "COLUMN", required = true)]
    columns: Vec<String>,
    /// The new column: its name, its type, and an expression over the table's columns
    #[arg(long, value_name = "NAME TYPE = EXPRESSION")]
    into: String,
    /// Keep the columns
    #[arg(long)]
    keep: bool,
}

impl Change {
    /// What all have, and the change itself.
    fn parts(&self) -> Result<(&Common, Operation), Failure> {
        Ok(match self {
            Self::Goal(_) => return Err("a goal has no operation of its own".into()),
            Self::AddColumn(AddColumn { common, name, ty, default, not_null }) => {
                (common, Operation::AddColumn { name: name.clone(), ty: ty.clone(), default: default.clone(), not_null: *not_null })
            }
            Self::DropColumn(OneColumn { common, column }) => (common, Operation::DropColumn { column: column.clone() }),
            Self::RenameColumn(RenameColumn { common, column, to }) => {
                (common, Operation::RenameColumn { column: column.clone(), to: to.clone() })
            }
            Self::RetypeColumn(RetypeColumn { common, column, ty, using }) => {
                (common, Operation::RetypeColumn { column: column.clone(), ty: ty.clone(), using: using.clone() })
            }
            Self::SetNotNull(SetNotNull { common, column, fill }) => {
                (common, Operation::SetNotNull { column: column.clone(), fill: fill.clone() })
            }
            Self::DropNotNull(OneColumn { common, column }) => (common, Operation::DropNotNull { column: column.clone() }),
            Self::SetDefault(SetDefault { common, column, default }) => {
                (common, Operation::SetDefault { column: column.clone(), default: default.clone() })
            }
            Self::DropDefault(OneColumn { common, column }) => (common, Operation::DropDefault { column: column.clone() }),
            Self::AddConstraint(AddConstraint { common, name, definition }) => {
                (common, Operation::AddConstraint { name: name.clone(), definition: definition.clone() })
            }
            Self::DropConstraint(DropConstraint { common, name }) => (common, Operation::DropConstraint { name: name.clone() }),
            Self::PrimaryKey(PrimaryKey { common, columns }) => (common, Operation::PrimaryKey { columns: columns.clone() }),
            Self::SplitColumn(SplitColumn { common, column, into, keep }) => {
                let into = into.iter().map(|one| derived(one)).collect::<Result<_, _>>()?;
                (common, Operation::SplitColumn { column: column.clone(), into, keep: *keep })
            }
            Self::MergeColumns(MergeColumns { common, columns, into, keep }) => {
                (common, Operation::MergeColumns { columns: columns.clone(), into: derived(into)?, keep: *keep })
            }
        })
    }
}

/// `name type = expression`.
fn derived(text: &str) -> Result<Derived, Failure> {
    let wrong =
        || Usage::because(format!("--into '{text}': write NAME TYPE = EXPRESSION, such as \"first text = split_part(name, ' ', 1)\""));
    let (column, expression) = text.split_once('=').ok_or_else(wrong)?;
    let (name, ty) = column.trim().split_once(' ').ok_or_else(wrong)?;
    if expression.trim().is_empty() {
        return Err(wrong());
    }
    Ok(Derived { name: name.to_owned(), ty: ty.trim().to_owned(), expression: expression.trim().to_owned() })
}

async fn goal(arguments: &GoalArguments) -> Result<(), Failure> {
    let text = borealis_migrate::files::read_text(&arguments.file)?;
    let plans = borealis_migrate::plan_goal(&super::database(&arguments.target)?, &text, arguments.dialect).await?;
    if let Some(folder) = &arguments.out {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for (number, plan) in plans.iter().enumerate() {
            let path = folder.join(format!("{:02}_{}.json", number + 1, plan.id));
            std::fs::write(&path, plan.to_json() + "\n").map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    let mut out = std::io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&plans)?)?;
    } else {
        plans.iter().try_for_each(|plan| writeln!(out, "{}", plan.describe()))?;
    }
    match plans.len() {
        0 => eprintln!("the tables are what the file says"),
        count => eprintln!("{count} tables differ; nothing has been changed"),
    }
    Ok(())
}

pub(super) async fn run(arguments: &PlanArguments) -> Result<(), Failure> {
    if let Change::Goal(arguments) = &arguments.change {
        return goal(arguments).await;
    }
    let (common, operation) = arguments.change.parts()?;
    let goal = Goal { table: common.table.clone(), operations: vec![operation] };
    let plan = borealis_migrate::plan(&super::database(&common.target)?, &goal, common.dialect).await?;
    if let Some(path) = &common.out {
        std::fs::write(path, plan.to_json() + "\n").map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let mut out = std::io::stdout().lock();
    if common.json {
        writeln!(out, "{}", plan.to_json())?;
    } else {
        write!(out, "{}", plan.describe())?;
    }
    if plan.is_nothing() {
        return Ok(());
    }
    if let Some(path) = &common.out {
        eprintln!("nothing has been changed; `borealis migrate apply {}` does it", path.display());
    } else if !common.json {
        eprintln!("nothing has been changed; --out FILE writes the plan for `borealis migrate apply`");
    }
    Ok(())
}
