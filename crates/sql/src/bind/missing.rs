//! The errors for names that are not there, with PostgreSQL's guesses at what was meant.

use borealis_pgtypes::{SqlError, SqlState};

use super::Binder;
use super::column::visible;

/// Largest edit distance at which a name is offered as what was meant (PostgreSQL's `MAX_FUZZY_DISTANCE`).
const DISTANCE_MAX: usize = 3;

/// A relation by level and place.
type Entry = (usize, usize);

/// The best guesses so far.
struct Guess {
    distance: usize,
    first: Option<(Entry, String)>,
    second: Option<(Entry, String)>,
    exact: Vec<Entry>,
}

impl Binder<'_> {
    pub(crate) fn missing_column(&self, table: Option<&str>, column: &str, at: i32) -> SqlError {
        let message = match table {
            Some(table) => format!("column {table}.{column} does not exist"),
            None => format!("column \"{column}\" does not exist"),
        };
        let error = SqlError::new(SqlState::UNDEFINED_COLUMN, message).at(at);
        let guess = self.guess_column(table, column);
        match guess.exact.as_slice() {
            [] => self.with_guess(error, &guess),
            [only] => self.explain_hidden(error, table, column, *only),
            _ => {
                let detail = format!(
                    "There are columns named \"{column}\", but they are in tables that cannot be referenced from this part of the query."
                );
                let error = error.detail(detail);
                if table.is_none() { error.hint("Try using a table-qualified name.") } else { error }
            }
        }
    }

    fn with_guess(&self, error: SqlError, guess: &Guess) -> SqlError {
        let name = |(entry, column): &(Entry, String)| format!("\"{}.{column}\"", self.alias(*entry));
        match (&guess.first, &guess.second) {
            (Some(first), Some(second)) => {
                error.hint(format!("Perhaps you meant to reference the column {} or the column {}.", name(first), name(second)))
            }
            (Some(first), None) => error.hint(format!("Perhaps you meant to reference the column {}.", name(first))),
            _ => error,
        }
    }

    fn explain_hidden(&self, error: SqlError, table: Option<&str>, column: &str, entry: Entry) -> SqlError {
        let alias = self.alias(entry);
        let error = error.detail(format!(
            "There is a column named \"{column}\" in table \"{alias}\", but it cannot be referenced from this part of the query."
        ));
        if self.visible_if_lateral(entry) {
            return error.hint("To reference that column, you must mark this subquery with LATERAL.");
        }
        if table.is_none() && self.visible_if_qualified(entry) {
            return error.hint("To reference that column, you must use a table-qualified name.");
        }
        error
    }

    fn alias(&self, (level, relation): Entry) -> &str {
        &self.levels[level].relations[relation].alias
    }

    fn guess_column(&self, table: Option<&str>, column: &str) -> Guess {
        let mut guess = Guess { distance: DISTANCE_MAX + 1, first: None, second: None, exact: Vec::new() };
        for (level, scope) in self.levels.iter().enumerate().rev() {
            for (index, entry) in scope.relations.iter().enumerate() {
                let penalty = table.map_or(0, |table| distance(table, &entry.alias).min(DISTANCE_MAX + 1));
                for known in &entry.columns {
                    if known.name == column && penalty == 0 && guess.exact.len() < 2 {
                        guess.exact.push((level, index));
                    }
                    guess.offer((level, index), &known.name, column, penalty);
                }
            }
        }
        guess
    }

    fn item_of(&self, (level, relation): Entry) -> Option<&super::scope::NsItem> {
        self.levels[level].namespace.iter().find(|item| item.relation == Some(relation))
    }

    fn visible_if_lateral(&self, entry: Entry) -> bool {
        let level = &self.levels[entry.0];
        !level.lateral_active && self.item_of(entry).is_some_and(|item| item.lateral_only && item.lateral_ok)
    }

    fn visible_if_qualified(&self, entry: Entry) -> bool {
        self.item_of(entry).is_some_and(|item| item.name_visible && !item.columns_visible && !item.lateral_only)
    }

    /// `errorMissingRTE`
    pub(crate) fn missing_relation(&self, schema: Option<&str>, table: &str, at: i32) -> SqlError {
        let Some(entry) = self.relation_anywhere(schema, table) else {
            return SqlError::new(SqlState::UNDEFINED_TABLE, format!("missing FROM-clause entry for table \"{table}\"")).at(at);
        };
        let message = format!("invalid reference to FROM-clause entry for table \"{table}\"");
        let error = SqlError::new(SqlState::UNDEFINED_TABLE, message).at(at);
        let alias = self.alias(entry);
        if alias != table && self.is_visible(entry) {
            return error.hint(format!("Perhaps you meant to reference the table alias \"{alias}\"."));
        }
        let error =
            error.detail(format!("There is an entry for table \"{alias}\", but it cannot be referenced from this part of the query."));
        if self.visible_if_lateral(entry) {
            return error.hint("To reference that table, you must mark this subquery with LATERAL.");
        }
        error
    }

    fn is_visible(&self, entry: Entry) -> bool {
        visible(&self.levels[entry.0]).any(|(_, item)| item.relation == Some(entry.1) && item.name_visible)
    }

    /// A relation by its own name or alias in any level, however hidden.
    fn relation_anywhere(&self, schema: Option<&str>, table: &str) -> Option<Entry> {
        let oid = self.find_table(schema, table).map(|found| found.oid);
        for (level, scope) in self.levels.iter().enumerate().rev() {
            for (index, entry) in scope.relations.iter().enumerate() {
                let same_table = match &entry.relation {
                    crate::bound::Relation::Table(known) => Some(known.oid) == oid,
                    _ => false,
                };
                if same_table || schema.is_none() && entry.alias == table {
                    return Some((level, index));
                }
            }
        }
        None
    }
}

impl Guess {
    /// `updateFuzzyAttrMatchState`
    fn offer(&mut self, entry: Entry, known: &str, wanted: &str, penalty: usize) {
        if penalty > self.distance {
            return;
        }
        let edits = distance(known, wanted);
        if edits > wanted.len() / 2 {
            return;
        }
        let total = edits + penalty;
        if total < self.distance {
            self.distance = total;
            self.first = Some((entry, known.to_owned()));
            self.second = None;
        } else if total == self.distance {
            if self.second.is_some() {
                self.first = None;
                self.second = None;
            } else if self.first.is_some() {
                self.second = Some((entry, known.to_owned()));
            } else if self.distance <= DISTANCE_MAX {
                self.first = Some((entry, known.to_owned()));
            }
        }
    }
}

/// Levenshtein distance in characters.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}
