//! Names that the target can hold: at most 63 bytes, and each relation of a schema its own.

use std::collections::HashSet;

/// PostgreSQL's NAMEDATALEN, without the zero byte.
const NAME_BYTES_MAX: usize = 63;

/// The names of relations, in lower case: tables, indexes, sequences and views share one space in each schema.
#[derive(Default)]
pub(crate) struct Names {
    taken: HashSet<(Option<String>, String)>,
}

impl Names {
    /// Reserves a name that cannot be another; `false` when it is taken.
    pub(crate) fn take(&mut self, schema: Option<&str>, name: &str) -> bool {
        self.taken.insert((schema.map(str::to_owned), name.to_owned()))
    }

    /// A free name: the one wished for, or the same with a number.
    pub(crate) fn free(&mut self, schema: Option<&str>, wish: &str) -> String {
        let first = cut(wish, NAME_BYTES_MAX).to_owned();
        if self.take(schema, &first) {
            return first;
        }
        let mut number = 1_usize;
        loop {
            let suffix = format!("_{number}");
            let name = format!("{}{suffix}", cut(wish, NAME_BYTES_MAX - suffix.len()));
            if self.take(schema, &name) {
                return name;
            }
            number += 1;
        }
    }
}

/// The longest beginning of at most `most` bytes.
fn cut(name: &str, most: usize) -> &str {
    let mut end = name.len().min(most);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

/// The name as the target can hold it.
pub(crate) fn fitting(name: &str) -> &str {
    cut(name, NAME_BYTES_MAX)
}

/// `table_name`, or the name alone when it begins with the table's already.
pub(crate) fn of_table(table: &str, name: &str) -> String {
    let prefixed = name.len() > table.len() && name.starts_with(table);
    if prefixed { name.to_owned() } else { format!("{table}_{name}") }
}
