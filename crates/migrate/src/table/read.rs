//! Reading a table from the catalog.

use std::collections::HashMap;

use borealis_client::{Outcome, Row};

use super::{Column, Constraint, ConstraintKind, ForeignKey, Identity, Index, Sequence, Statistics, Table, View, ViewColumn, grants};
use crate::error::{MigrateError, Result};
use crate::link::Link;
use crate::sql;

/// The OID of a table by the name that a person gives: `schema.table`, or `table` on the search path.
pub(crate) async fn find(link: &Link<'_>, name: &str) -> Result<u32> {
    let query = format!("SELECT c.oid, c.relkind FROM pg_catalog.pg_class c WHERE c.oid = to_regclass({})", sql::text(name));
    let rows = link.rows("looking for the table", query).await?;
    let Some(row) = rows.first() else {
        return Err(MigrateError::refused(format!("there is no table {name}; name it as in SQL, with its schema when that is not public")));
    };
    match row.get(1) {
        Some("r") => Ok(number(row, 0)),
        _ => Err(MigrateError::refused(format!("{name} is not a table"))),
    }
}

/// The table with this OID.
pub(crate) async fn read(link: &Link<'_>, oid: u32) -> Result<Table> {
    let mut queries = vec![FULL_NAMES.to_owned()];
    queries.extend(queries_for(&oid.to_string()));
    let outcomes = link.snapshot("reading the table's definition", queries).await?;
    assembled(oid, &outcomes[1..])
}

/// The table that a statement would make, which is not made. `name` is its full name.
pub(crate) async fn read_rehearsed(link: &Link<'_>, create: String, name: &str) -> Result<Table> {
    let relation = format!("{}::regclass", sql::text(name));
    let mut statements = vec![create, FULL_NAMES.to_owned(), format!("SELECT {relation}::oid")];
    statements.extend(queries_for(&relation));
    let outcomes = link.rehearse("trying a definition", statements).await?;
    let oid = outcomes.get(2).and_then(|outcome| outcome.rows.first()).map_or(0, |row| number(row, 0));
    assembled(oid, &outcomes[3..])
}

/// Every name in what the server prints is then a full one.
const FULL_NAMES: &str = "SET LOCAL search_path TO ''";

fn assembled(oid: u32, outcomes: &[Outcome]) -> Result<Table> {
    let [
        head,
        columns,
        attributes,
        constraints,
        indexes,
        used,
        keys,
        views,
        own_of_views,
        uses,
        sequences,
        statistics,
        functions,
        defaults,
    ] = outcomes
    else {
        return Err(MigrateError::refused("the catalog did not answer every question about the table"));
    };
    let Some(head) = head.rows.first() else {
        return Err(MigrateError::refused("the table does not exist any more"));
    };
    let names = attribute_names(attributes);
    let own = |numbers: Option<&str>| numbered(&names, oid, numbers.unwrap_or_default());
    let columns: Vec<Column> = columns.rows.iter().map(column).collect();
    let table = sql::qualified(head.get(0).unwrap_or_default(), head.get(1).unwrap_or_default());
    let used: Vec<(String, String)> =
        used.rows.iter().filter_map(|row| Some((text(row, 0), names.get(&(oid, number(row, 1)))?.clone()))).collect();
    let uses = view_columns(uses, &names, oid);
    let keys: Vec<(u32, ForeignKey)> = keys.rows.iter().map(|row| foreign_key(row, &names)).collect();
    Ok(Table {
        oid,
        schema: text(head, 0),
        name: text(head, 1),
        owner: text(head, 2),
        acl: optional(head, 3),
        comment: optional(head, 4),
        constraints: constraints.rows.iter().map(|row| constraint(row, &own(row.get(4)))).collect(),
        indexes: indexes.rows.iter().map(|row| index(row, &table, own(row.get(6)), &used)).collect(),
        references: keys.iter().filter(|(from, _)| *from == oid).map(|(_, key)| key.clone()).collect(),
        referenced_by: keys.iter().filter(|(from, _)| *from != oid).map(|(_, key)| key.clone()).collect(),
        views: views.rows.iter().map(|row| view(row, &uses, own_of_views)).collect(),
        sequences: sequences.rows.iter().map(|row| sequence(row, &names, oid)).collect(),
        statistics: statistics.rows.iter().map(statistics_object).collect(),
        functions: functions.rows.iter().map(|row| text(row, 0)).collect(),
        default_grantees: default_grantees(defaults),
        columns,
    })
}

/// `oid` is a number or another expression for the table.
fn queries_for(oid: &str) -> Vec<String> {
    let over = format!(
        "WITH RECURSIVE over(oid, depth) AS (
           SELECT r.ev_class, 1 FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
            WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refobjid = {oid} AND r.ev_class <> {oid}
           UNION
           SELECT r.ev_class, o.depth + 1 FROM over o JOIN pg_catalog.pg_depend d ON d.refobjid = o.oid
             JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
            WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND r.ev_class <> o.oid)"
    );
    vec![
        format!(
            "SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner), c.relacl::text, obj_description(c.oid, 'pg_class')
               FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = {oid} AND c.relkind = 'r'"
        ),
        format!(
            "SELECT a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), t.typname, a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
                    a.attidentity::text, a.attgenerated::text, CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END,
                    a.attacl::text, col_description(a.attrelid, a.attnum)
               FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
               LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
              WHERE a.attrelid = {oid} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
        ),
        format!(
            "SELECT a.attrelid, a.attnum, a.attname FROM pg_catalog.pg_attribute a WHERE a.attnum > 0 AND NOT a.attisdropped AND
                (a.attrelid = {oid} OR a.attrelid IN (SELECT conrelid FROM pg_catalog.pg_constraint WHERE confrelid = {oid})
                 OR a.attrelid IN (SELECT confrelid FROM pg_catalog.pg_constraint WHERE conrelid = {oid} AND contype = 'f'))"
        ),
        format!(
            "SELECT conname, contype::text, pg_get_constraintdef(oid), convalidated, conkey::text, obj_description(oid, 'pg_constraint')
               FROM pg_catalog.pg_constraint WHERE conrelid = {oid} AND contype IN ('p', 'u', 'c') ORDER BY contype DESC, conname"
        ),
        format!(
            "SELECT c.relname, i.indisunique, i.indisvalid,
                    EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conrelid = {oid} AND k.conindid = i.indexrelid AND k.contype IN ('p', 'u')),
                    pg_get_indexdef(i.indexrelid), i.indpred IS NULL AND i.indexprs IS NULL, i.indkey::text, i.indnkeyatts,
                    obj_description(i.indexrelid, 'pg_class')
               FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = {oid} ORDER BY c.relname"
        ),
        format!(
            "SELECT DISTINCT c.relname, d.refobjsubid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind = 'i'
              WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refobjid = {oid} AND d.refobjsubid > 0"
        ),
        format!(
            "SELECT k.conname, k.conrelid, fn.nspname, f.relname, k.conkey::text, k.confrelid, tn.nspname, t.relname, k.confkey::text,
                    k.confmatchtype::text, k.confupdtype::text, k.confdeltype::text, k.confdelsetcols::text, k.condeferrable, k.condeferred,
                    k.convalidated, obj_description(k.oid, 'pg_constraint')
               FROM pg_catalog.pg_constraint k
               JOIN pg_catalog.pg_class f ON f.oid = k.conrelid JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
               JOIN pg_catalog.pg_class t ON t.oid = k.confrelid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
              WHERE k.contype = 'f' AND (k.conrelid = {oid} OR k.confrelid = {oid}) ORDER BY fn.nspname, f.relname, k.conname"
        ),
        format!(
            "{over}
             SELECT c.oid, n.nspname, c.relname, pg_get_viewdef(c.oid), c.reloptions::text, pg_get_userbyid(c.relowner), c.relacl::text,
                    obj_description(c.oid, 'pg_class')
               FROM (SELECT oid, max(depth) AS depth FROM over GROUP BY oid) o
               JOIN pg_catalog.pg_class c ON c.oid = o.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              ORDER BY o.depth, n.nspname, c.relname"
        ),
        format!(
            "{over}
             SELECT a.attrelid, a.attname, pg_get_expr(d.adbin, d.adrelid), a.attacl::text, col_description(a.attrelid, a.attnum)
               FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
              WHERE a.attrelid IN (SELECT oid FROM over) AND a.attnum > 0 AND NOT a.attisdropped
                AND (d.oid IS NOT NULL OR a.attacl IS NOT NULL OR col_description(a.attrelid, a.attnum) IS NOT NULL)
              ORDER BY a.attrelid, a.attnum"
        ),
        format!(
            "SELECT DISTINCT r.ev_class, d.refobjsubid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
              WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refobjid = {oid} AND d.refobjsubid > 0"
        ),
        format!(
            "SELECT n.nspname, c.relname, d.refobjsubid, d.deptype::text, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
                    c.relacl::text, obj_description(c.oid, 'pg_class')
               FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind = 'S'
               JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
              WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refobjid = {oid} AND d.deptype IN ('a', 'i') ORDER BY c.relname"
        ),
        format!(
            "SELECT n.nspname, s.stxname, pg_get_statisticsobjdef(s.oid) FROM pg_catalog.pg_statistic_ext s
               JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace WHERE s.stxrelid = {oid} ORDER BY s.stxname"
        ),
        format!(
            "SELECT DISTINCT d.objid::regprocedure::text FROM pg_catalog.pg_depend d
              WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.refobjid = {oid}"
        ),
        format!(
            "SELECT d.defaclacl::text FROM pg_catalog.pg_default_acl d JOIN pg_catalog.pg_class c ON c.oid = {oid}
              WHERE d.defaclobjtype = 'r' AND d.defaclnamespace IN (0, c.relnamespace)"
        ),
    ]
}

fn text(row: &Row, column: usize) -> String {
    row.get(column).unwrap_or_default().to_owned()
}

fn optional(row: &Row, column: usize) -> Option<String> {
    row.get(column).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn flag(row: &Row, column: usize) -> bool {
    row.get(column) == Some("t")
}

fn number<N: std::str::FromStr + Default>(row: &Row, column: usize) -> N {
    row.get(column).and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// Column names by relation and number.
type Names = HashMap<(u32, i16), String>;

fn attribute_names(attributes: &Outcome) -> Names {
    attributes.rows.iter().map(|row| ((number(row, 0), number(row, 1)), text(row, 2))).collect()
}

/// The columns that `{1,3}` or `1 3` stands for; a 0 is an expression.
fn numbered(names: &Names, relation: u32, numbers: &str) -> Vec<String> {
    let numbers = numbers.trim_matches(['{', '}']).split([',', ' ']).filter_map(|number| number.parse().ok());
    numbers.filter_map(|number: i16| names.get(&(relation, number)).cloned()).collect()
}

fn default_grantees(defaults: &Outcome) -> Vec<String> {
    let mut roles: Vec<String> =
        defaults.rows.iter().flat_map(|row| grants(row.get(0).unwrap_or_default())).map(|grant| grant.role).collect();
    roles.sort();
    roles.dedup();
    roles
}

fn column(row: &Row) -> Column {
    let (expression, generated) = (optional(row, 5), row.get(7) == Some("s"));
    Column {
        number: number(row, 0),
        name: text(row, 1),
        ty: text(row, 2),
        base: text(row, 3),
        not_null: flag(row, 4),
        default: expression.clone().filter(|_| !generated),
        generated: expression.filter(|_| generated),
        identity: match row.get(6) {
            Some("a") => Some(Identity::Always),
            Some("d") => Some(Identity::ByDefault),
            _ => None,
        },
        storage: optional(row, 8),
        acl: optional(row, 9),
        comment: optional(row, 10),
    }
}

fn constraint(row: &Row, columns: &[String]) -> Constraint {
    let kind = match row.get(1) {
        Some("p") => ConstraintKind::PrimaryKey,
        Some("u") => ConstraintKind::Unique,
        _ => ConstraintKind::Check,
    };
    let printed = text(row, 2);
    let definition = match kind {
        // DSQL prints the INCLUDE list of the clustered index, which is every other column.
        ConstraintKind::PrimaryKey => format!("PRIMARY KEY ({})", sql::names(columns.iter().map(String::as_str))),
        ConstraintKind::Unique | ConstraintKind::Check => printed.strip_suffix(" NOT VALID").unwrap_or(&printed).to_owned(),
    };
    Constraint { name: text(row, 0), kind, definition, columns: columns.to_vec(), validated: flag(row, 3), comment: optional(row, 5) }
}

/// `table` is the table's full name: `CREATE INDEX i ON s.t USING method (keys) …` is what the server prints.
fn index(row: &Row, table: &str, columns: Vec<String>, uses: &[(String, String)]) -> Index {
    let (printed, before) = (text(row, 4), format!(" ON {table} USING "));
    let behind = printed.find(&before).map_or("", |at| &printed[at + before.len()..]);
    let definition = behind.split_once(' ').map(|(_, keys)| keys.to_owned()).unwrap_or_default();
    let name = text(row, 0);
    Index {
        uses: uses.iter().filter(|(index, _)| *index == name).map(|(_, column)| column.clone()).collect(),
        name,
        unique: flag(row, 1),
        valid: flag(row, 2),
        constraint: flag(row, 3),
        definition,
        keys: number::<usize>(row, 7).min(columns.len()),
        columns,
        plain: flag(row, 5),
        comment: optional(row, 8),
    }
}

/// A foreign key, and the OID of the table that has it.
fn foreign_key(row: &Row, names: &Names) -> (u32, ForeignKey) {
    let (from, to): (u32, u32) = (number(row, 1), number(row, 5));
    let mut rules = String::new();
    if row.get(9) == Some("f") {
        rules.push_str(" MATCH FULL");
    }
    rules.push_str(&action("UPDATE", row.get(10), &[]));
    rules.push_str(&action("DELETE", row.get(11), &numbered(names, from, row.get(12).unwrap_or_default())));
    if flag(row, 13) {
        rules.push_str(" DEFERRABLE");
    }
    if flag(row, 14) {
        rules.push_str(" INITIALLY DEFERRED");
    }
    let key = ForeignKey {
        name: text(row, 0),
        from: (text(row, 2), text(row, 3)),
        columns: numbered(names, from, row.get(4).unwrap_or_default()),
        to: (text(row, 6), text(row, 7)),
        to_columns: numbered(names, to, row.get(8).unwrap_or_default()),
        rules,
        validated: flag(row, 15),
        comment: optional(row, 16),
    };
    (from, key)
}

fn action(event: &str, letter: Option<&str>, columns: &[String]) -> String {
    let what = match letter {
        Some("r") => "RESTRICT",
        Some("c") => "CASCADE",
        Some("n") => "SET NULL",
        Some("d") => "SET DEFAULT",
        _ => return String::new(),
    };
    let columns = if columns.is_empty() { String::new() } else { format!(" ({})", sql::names(columns.iter().map(String::as_str))) };
    format!(" ON {event} {what}{columns}")
}

fn view_columns(uses: &Outcome, names: &Names, table: u32) -> HashMap<u32, Vec<String>> {
    let mut columns: HashMap<u32, Vec<String>> = HashMap::new();
    for row in &uses.rows {
        if let Some(name) = names.get(&(table, number(row, 1))) {
            columns.entry(number(row, 0)).or_default().push(name.clone());
        }
    }
    columns
}

fn view(row: &Row, uses: &HashMap<u32, Vec<String>>, own: &Outcome) -> View {
    let definition = text(row, 3);
    let of_view = own.rows.iter().filter(|column| column.get(0) == row.get(0));
    let own = of_view.map(|column| ViewColumn {
        name: text(column, 1),
        default: optional(column, 2),
        acl: optional(column, 3),
        comment: optional(column, 4),
    });
    View {
        schema: text(row, 1),
        name: text(row, 2),
        definition: definition.trim().trim_end_matches(';').to_owned(),
        options: row.get(4).map(|options| format!("({})", options.trim_matches(['{', '}']))),
        owner: text(row, 5),
        acl: optional(row, 6),
        comment: optional(row, 7),
        columns: uses.get(&number(row, 0)).cloned().unwrap_or_default(),
        own: own.collect(),
    }
}

fn sequence(row: &Row, names: &Names, table: u32) -> Sequence {
    let cycle = if flag(row, 9) { " CYCLE" } else { "" };
    Sequence {
        schema: text(row, 0),
        name: text(row, 1),
        column: names.get(&(table, number(row, 2))).cloned().unwrap_or_default(),
        identity: row.get(3) == Some("i"),
        options: format!(
            "START WITH {} INCREMENT BY {} MINVALUE {} MAXVALUE {} CACHE {}{cycle}",
            text(row, 4),
            text(row, 5),
            text(row, 6),
            text(row, 7),
            text(row, 8)
        ),
        acl: optional(row, 10),
        comment: optional(row, 11),
    }
}

fn statistics_object(row: &Row) -> Statistics {
    Statistics { schema: text(row, 0), name: text(row, 1), definition: text(row, 2) }
}
