//! What a database's catalog says of the names that a statement may use.

use std::collections::HashMap;

use borealis_client::{Outcome, Row, Statement};
use borealis_sql::guard::{Cascade, Column, Relation, Routine, RoutineText, Schema, Table, View};

const USERS: &str = "n.nspname NOT IN ('pg_catalog', 'information_schema', 'sys', 'borealis', 'pg_toast')";

/// A schema and a name in it.
type Name = (String, String);

/// The relations and functions of a database, as one session sees them.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    path: Vec<String>,
    relations: HashMap<Name, Relation>,
    routines: HashMap<Name, Vec<Routine>>,
}

/// What is asked, in one snapshot. The search path is read before it is emptied, and emptied before texts of views are: so their names are written in full.
pub(crate) fn questions() -> Vec<Statement> {
    let texts = [
        "SELECT unnest(current_schemas(true))".to_owned(),
        "SET LOCAL search_path = ''".to_owned(),
        "SELECT n.nspname, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind <> 'i'"
            .to_owned(),
        format!(
            "SELECT n.nspname, c.relname, a.attnum, a.attname, format_type(a.atttypid, NULL), a.attgenerated <> '' OR a.attidentity = 'a' \
             FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v') AND {USERS} ORDER BY c.oid, a.attnum"
        ),
        format!(
            "SELECT n.nspname, c.relname, pg_get_viewdef(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind = 'v' AND {USERS}"
        ),
        "SELECT pn.nspname, p.relname, n.nspname, c.relname, k.confdeltype, k.confupdtype, k.conkey, k.confkey FROM pg_constraint k \
         JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace \
         WHERE k.contype = 'f' AND (k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd'))"
            .to_owned(),
        format!(
            "SELECT n.nspname, p.proname, l.lanname, p.prosrc, p.prosqlbody IS NOT NULL, pg_get_function_sqlbody(p.oid) FROM pg_proc p \
             JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang WHERE {USERS}"
        ),
    ];
    texts.into_iter().map(Statement::new).collect()
}

impl Facts {
    /// From the answers to [`questions`]; `None` when they have another shape.
    pub(crate) fn of(answers: &[Outcome]) -> Option<Self> {
        let [path, _, relations, columns, views, keys, routines] = answers else { return None };
        let path = path.rows.iter().map(|row| text(row, 0)).collect::<Option<_>>()?;
        let mut facts = Self { path, ..Self::default() };
        let columns = columns_by_relation(&columns.rows)?;
        let views: HashMap<Name, String> = views.rows.iter().map(|row| Some((name(row, 0)?, text(row, 2)?))).collect::<Option<_>>()?;
        for row in &relations.rows {
            let name = name(row, 0)?;
            let relation = relation(&name, row.get(2)?, &columns, &views);
            facts.relations.insert(name, relation);
        }
        for row in &keys.rows {
            facts.add_cascade(row, &columns)?;
        }
        for row in &routines.rows {
            let routine = routine(row)?;
            facts.routines.entry((routine.schema.clone(), routine.name.clone())).or_default().push(routine);
        }
        Some(facts)
    }

    fn add_cascade(&mut self, row: &Row, columns: &HashMap<Name, Vec<(String, Column)>>) -> Option<()> {
        let (parent, child) = (name(row, 0)?, name(row, 2)?);
        let named = |table: &Name, numbers: &str| -> Option<Vec<String>> {
            let columns = columns.get(table)?;
            let found = |number: &str| columns.iter().find(|(own, _)| own == number).map(|(_, column)| column.name.clone());
            numbers.trim_matches(['{', '}']).split(',').map(found).collect()
        };
        let pairs = named(&child, row.get(6)?)?.into_iter().zip(named(&parent, row.get(7)?)?).collect();
        let letter = |column| row.get(column)?.chars().next();
        let cascade = Cascade { schema: child.0, table: child.1, columns: pairs, on_delete: letter(4)?, on_update: letter(5)? };
        if let Some(Relation::Table(table)) = self.relations.get_mut(&parent) {
            table.cascades.push(cascade);
        }
        Some(())
    }

    fn schemas<'f>(&'f self, schema: Option<&'f str>) -> impl Iterator<Item = &'f str> {
        let path = if schema.is_some() { &[][..] } else { &self.path };
        schema.into_iter().chain(path.iter().map(String::as_str))
    }
}

impl Schema for Facts {
    fn relation(&self, schema: Option<&str>, name: &str) -> Option<Relation> {
        self.schemas(schema).find_map(|schema| self.relations.get(&(schema.to_owned(), name.to_owned()))).cloned()
    }

    fn routines(&self, schema: Option<&str>, name: &str) -> Vec<Routine> {
        let found = self.schemas(schema).filter_map(|schema| self.routines.get(&(schema.to_owned(), name.to_owned())));
        found.flatten().cloned().collect()
    }
}

fn text(row: &Row, column: usize) -> Option<String> {
    row.get(column).map(str::to_owned)
}

fn name(row: &Row, column: usize) -> Option<Name> {
    Some((text(row, column)?, text(row, column + 1)?))
}

/// The columns of each relation, each with its number.
fn columns_by_relation(rows: &[Row]) -> Option<HashMap<Name, Vec<(String, Column)>>> {
    let mut columns: HashMap<Name, Vec<(String, Column)>> = HashMap::new();
    for row in rows {
        let column = Column { name: text(row, 3)?, ty: text(row, 4)?, generated: row.get(5)? == "t" };
        columns.entry(name(row, 0)?).or_default().push((text(row, 2)?, column));
    }
    Some(columns)
}

fn relation(name: &Name, kind: &str, columns: &HashMap<Name, Vec<(String, Column)>>, views: &HashMap<Name, String>) -> Relation {
    let (schema, own) = name.clone();
    if matches!(schema.as_str(), "pg_catalog" | "information_schema" | "sys" | "borealis") {
        return Relation::System { schema, name: own };
    }
    let columns = columns.get(name).map(Vec::as_slice).unwrap_or_default().iter().map(|(_, column)| column.clone());
    match (kind, views.get(name)) {
        ("r" | "p", _) => Relation::Table(Table { schema, name: own, columns: columns.collect(), cascades: Vec::new() }),
        ("v", Some(query)) => {
            let columns = columns.map(|column| column.name).collect();
            Relation::View(View { schema, name: own, columns, query: query.clone() })
        }
        ("S", _) => Relation::Other("sequence"),
        _ => Relation::Other("relation of a kind that cannot be looked into"),
    }
}

fn routine(row: &Row) -> Option<Routine> {
    let body = match (row.get(2)?, row.get(4)?, row.get(5), row.get(3)) {
        ("sql", "t", Some(text), _) => RoutineText::Standard(text.to_owned()),
        ("sql", "f", _, Some(text)) => RoutineText::Sql(text.to_owned()),
        _ => RoutineText::Opaque,
    };
    Some(Routine { schema: text(row, 0)?, name: text(row, 1)?, body })
}
