//! Rows that stand in the way, found before anything is made.

use crate::copy::Rows;
use crate::error::{MigrateError, Offender, Result};
use crate::link::Link;
use crate::operations::OFFENDERS_MAX;
use crate::operations::Rule;
use crate::sql::{KeyColumn, Range};

/// Rows that one trial conversion looks at.
const TRIAL_ROWS: u64 = 2_000;

/// Refuses when rows break a rule.
pub(crate) async fn check_rules(
    link: &Link<'_>,
    table: &str,
    key: &[KeyColumn],
    rules: &[Rule],
    value_of: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<()> {
    for rule in rules {
        let Some(query) = rule.offenders(table, key, value_of) else { continue };
        let rows = match link.rows("looking for rows that break a rule", query).await {
            Ok(rows) => rows,
            // Values that cannot even be computed are what the trial conversion names, each with its row.
            Err(error) if error.is_about_data() => continue,
            // A rule about a column that an earlier step of the same plan adds.
            Err(error) if error.code() == Some("42703") => continue,
            Err(error) => return Err(error),
        };
        if rows.is_empty() {
            continue;
        }
        let offender = |row: &borealis_client::Row| Offender {
            key: (0..key.len()).map(|column| row.get(column).unwrap_or("(any)").to_owned()).collect(),
            value: row.get(key.len()).unwrap_or("NULL").to_owned(),
            reason: rule.reason(),
        };
        let more = rows.len() > OFFENDERS_MAX;
        return Err(MigrateError::Offenders { rule: rule.broken(), rows: rows.iter().take(OFFENDERS_MAX).map(offender).collect(), more });
    }
    Ok(())
}

/// Refuses when values cannot be converted: every row is converted once, and a range that fails is halved down to the rows at fault.
pub(crate) async fn check_values(link: &Link<'_>, rows: &Rows<'_>) -> Result<()> {
    if !rows.converts() {
        return Ok(());
    }
    let mut offenders = Vec::new();
    let mut low = None;
    loop {
        let high =
            link.rows("reading keys", rows.nth_key(&Range::behind(low.clone()), TRIAL_ROWS)).await?.first().map(|row| rows.key_values(row));
        let range = Range { low, high: high.clone() };
        collect(link, rows, range, TRIAL_ROWS, &mut offenders).await?;
        if offenders.len() > OFFENDERS_MAX || high.is_none() {
            break;
        }
        low = high;
    }
    if offenders.is_empty() {
        return Ok(());
    }
    let more = offenders.len() > OFFENDERS_MAX;
    offenders.truncate(OFFENDERS_MAX);
    Err(MigrateError::Offenders { rule: "cannot be converted".to_owned(), rows: offenders, more })
}

/// Finds the rows at fault in a range of about `count` rows.
async fn collect(link: &Link<'_>, rows: &Rows<'_>, range: Range, count: u64, offenders: &mut Vec<Offender>) -> Result<()> {
    let mut open = vec![(range, count)];
    while let Some((range, count)) = open.pop() {
        let error = match link.rows("converting rows on trial", rows.trial(&range)).await {
            Ok(_) => continue,
            Err(error) if error.is_about_data() => error,
            Err(error) => return Err(error),
        };
        if count <= 1 {
            offenders.push(named(link, rows, &range, &error).await?);
            if offenders.len() > OFFENDERS_MAX {
                return Ok(());
            }
            continue;
        }
        let half = count.div_ceil(2);
        let middle = link.rows("reading keys", rows.nth_key(&range, half)).await?.first().map(|row| rows.key_values(row));
        match middle {
            // The other half is looked at later: the first offenders are named first.
            Some(middle) => {
                open.push((Range { low: Some(middle.clone()), high: range.high }, count - half));
                open.push((Range { low: range.low, high: Some(middle) }, half));
            }
            // There are fewer rows than thought.
            None => open.push((range, half)),
        }
    }
    Ok(())
}

async fn named(link: &Link<'_>, rows: &Rows<'_>, range: &Range, error: &MigrateError) -> Result<Offender> {
    let found = link.rows("reading a row that cannot be converted", rows.as_text(range)).await?;
    let (key, value) = match found.first() {
        Some(row) => (rows.key_values(row), row.get(rows.key_length()).unwrap_or_default().to_owned()),
        None => (Vec::new(), "(deleted meanwhile)".to_owned()),
    };
    let reason = match error {
        MigrateError::Database { error, .. } => error.error.server().map_or_else(|| error.to_string(), |error| error.message.clone()),
        other => other.to_string(),
    };
    Ok(Offender { key, value, reason })
}
