//! The built-in shell: for machines without psql. Statements end with a semicolon at the end of a line.

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use borealis_client::{ClientError, Connection, Endpoint, Outcome, connect};

use crate::Failure;

pub(crate) fn run(endpoint: &Endpoint, command: Option<&str>, file: Option<&Path>) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut connection = connect(endpoint).await?;
        let done = match (command, file) {
            (Some(sql), _) => execute(&mut connection, sql).await?,
            (None, Some(path)) => {
                let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
                execute(&mut connection, &text).await?
            }
            (None, None) => interact(&mut connection).await?,
        };
        connection.close().await;
        Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

async fn interact(connection: &mut Connection) -> Result<bool, Failure> {
    let stdin = std::io::stdin();
    let terminal = stdin.is_terminal();
    let mut pending = String::new();
    let mut all_done = true;
    loop {
        if terminal {
            print!("{}", if pending.is_empty() { "postgres=> " } else { "postgres-> " });
            std::io::stdout().flush()?;
        }
        let mut line = String::new();
        if stdin.lock().read_line(&mut line)? == 0 {
            break;
        }
        if pending.is_empty() && matches!(line.trim(), "\\q" | "exit" | "quit") {
            return Ok(all_done);
        }
        pending.push_str(&line);
        if pending.trim_end().ends_with(';') {
            all_done &= execute(connection, &std::mem::take(&mut pending)).await?;
        }
    }
    if !pending.trim().is_empty() {
        all_done &= execute(connection, &pending).await?;
    }
    Ok(all_done)
}

/// Runs a string and prints what it answers; false when it answered an error.
async fn execute(connection: &mut Connection, sql: &str) -> Result<bool, Failure> {
    match connection.simple(sql).await {
        Ok(outcomes) => {
            let mut out = std::io::stdout().lock();
            for outcome in &outcomes {
                print_outcome(&mut out, outcome)?;
            }
            Ok(true)
        }
        Err(error) if matches!(error, ClientError::Server(_)) && !error.ends_connection() => {
            eprintln!("{error}");
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

fn print_outcome(out: &mut impl Write, outcome: &Outcome) -> std::io::Result<()> {
    if outcome.columns.is_empty() {
        return writeln!(out, "{}", outcome.tag);
    }
    let mut widths: Vec<usize> = outcome.columns.iter().map(|column| column.name.chars().count()).collect();
    for row in &outcome.rows {
        for (width, value) in widths.iter_mut().zip(row.iter()) {
            *width = (*width).max(value.unwrap_or_default().chars().count());
        }
    }
    let names = outcome.columns.iter().map(|column| Some(column.name.as_str()));
    print_line(out, names, &widths)?;
    writeln!(out, "{}", widths.iter().map(|width| "-".repeat(width + 2)).collect::<Vec<_>>().join("+"))?;
    for row in &outcome.rows {
        print_line(out, row.iter(), &widths)?;
    }
    let count = outcome.rows.len();
    writeln!(out, "({count} {})\n", if count == 1 { "row" } else { "rows" })
}

fn print_line<'a>(out: &mut impl Write, values: impl Iterator<Item = Option<&'a str>>, widths: &[usize]) -> std::io::Result<()> {
    let cells: Vec<String> = values.zip(widths).map(|(value, width)| format!(" {:<width$} ", value.unwrap_or_default())).collect();
    writeln!(out, "{}", cells.join("|").trim_end())
}
