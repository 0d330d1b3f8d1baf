//! `\d` and its kin: the catalog, asked and laid out as psql 15 does.

use borealis_client::{ClientError, Outcome};

use super::command::complain;
use super::print::{self, Table};
use super::{Flow, NOT_CONNECTED, Shell, write_out};
use crate::Failure;

/// Runs one of the commands that describe.
pub(super) async fn run(shell: &mut Shell, name: &str, pattern: Option<&str>) -> Result<Flow, Failure> {
    match name {
        "l" | "list" => databases(shell, pattern).await,
        "d" => match pattern {
            Some(pattern) => relations_in_detail(shell, pattern).await,
            None => relations(shell, "tvmsE", None).await,
        },
        "dn" => schemas(shell, pattern).await,
        "du" | "dg" => roles(shell, pattern).await,
        _ => {
            let kinds = &name[1..];
            if kinds.chars().all(|kind| "tivsmE".contains(kind)) { relations(shell, kinds, pattern).await } else { Ok(shell.unknown(name)) }
        }
    }
}

/// A pattern as conditions: `schema.name`, `*` and `?` as wild cards, letters folded outside of double quotes.
struct Conditions {
    schema: Option<String>,
    name: String,
}

impl Conditions {
    fn of(pattern: &str) -> Self {
        let (mut parts, mut quoted) = (vec![String::new()], false);
        for letter in pattern.chars() {
            let part = parts.last_mut().expect("there is always one");
            match letter {
                '"' => quoted = !quoted,
                '.' if !quoted => parts.push(String::new()),
                '*' if !quoted => part.push_str(".*"),
                '?' if !quoted => part.push('.'),
                '$' => part.push_str("\\$"),
                _ if quoted && "|*+?()[]{}.^\\".contains(letter) => {
                    part.push('\\');
                    part.push(letter);
                }
                _ if quoted => part.push(letter),
                _ => part.extend(letter.to_lowercase()),
            }
        }
        let name = parts.pop().unwrap_or_default();
        Self { schema: parts.pop().filter(|schema| !schema.is_empty()), name }
    }

    /// Conditions on the columns that hold name and schema, each with AND in front.
    fn sql(&self, name: &str, schema: Option<(&str, &str)>) -> String {
        let matches = |column: &str, regex: &str| match regex {
            ".*" => String::new(),
            _ => format!("\n  AND {column} OPERATOR(pg_catalog.~) {} COLLATE pg_catalog.default", literal(&format!("^({regex})$"))),
        };
        let mut sql = matches(name, &self.name);
        match (&self.schema, schema) {
            (Some(regex), Some((column, _))) => sql.push_str(&matches(column, regex)),
            (None, Some((_, visible))) => sql.push_str(&format!("\n  AND {visible}")),
            (_, None) => {}
        }
        sql
    }
}

fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

impl Shell {
    /// Asks the catalog; an error has been reported.
    async fn catalog(&mut self, sql: &str) -> Result<Result<Outcome, Flow>, Failure> {
        let Some(answered) = self.ask(sql).await else { return Ok(Err(complain(NOT_CONNECTED))) };
        match answered.error {
            Some(error) => Ok(Err(self.fail(&error, sql).await?)),
            None => Ok(answered.outcomes.into_iter().next_back().ok_or_else(|| complain(&lost_answer().to_string()))),
        }
    }

    /// NULL in the catalog is nothing, whatever stands for it in results.
    fn catalog_format(&self) -> print::Format {
        print::Format { null: String::new(), ..self.format.clone() }
    }

    async fn print_catalog(&mut self, sql: &str, title: &str) -> Result<Flow, Failure> {
        match self.catalog(sql).await? {
            Err(flow) => Ok(flow),
            Ok(outcome) => {
                let mut text = String::new();
                print::outcome(&mut text, &outcome, &self.catalog_format(), Some(title));
                write_out(&text)?;
                Ok(Flow::Done)
            }
        }
    }
}

fn lost_answer() -> ClientError {
    ClientError::Protocol("a statement without an answer".to_owned())
}

/// The rows of an answer, or out of the function with what became of it.
macro_rules! rows {
    ($shell:expr, $sql:expr) => {
        match $shell.catalog($sql).await? {
            Ok(outcome) => outcome,
            Err(flow) => return Ok(Err(flow)),
        }
    };
}

async fn relations(shell: &mut Shell, kinds: &str, pattern: Option<&str>) -> Result<Flow, Failure> {
    let relkinds: Vec<&str> = [('t', "'r','p'"), ('v', "'v'"), ('m', "'m'"), ('i', "'i','I'"), ('s', "'S'"), ('E', "'f'")]
        .iter()
        .filter(|(kind, _)| kinds.contains(*kind))
        .map(|(_, relkinds)| *relkinds)
        .collect();
    let conditions = pattern.map_or_else(
        || {
            "\n  AND n.nspname <> 'pg_catalog'\n  AND n.nspname !~ '^pg_toast'\n  AND n.nspname <> 'information_schema'\
             \n  AND pg_catalog.pg_table_is_visible(c.oid)"
                .to_owned()
        },
        |pattern| {
            let toast = "\n  AND n.nspname !~ '^pg_toast'";
            let visible = ("n.nspname", "pg_catalog.pg_table_is_visible(c.oid)");
            format!("{toast}{}", Conditions::of(pattern).sql("c.relname", Some(visible)))
        },
    );
    let (table, joins) = if kinds.contains('i') {
        (
            ",\n  c2.relname as \"Table\"",
            "\n  LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid\n  LEFT JOIN pg_catalog.pg_class c2 ON i.indrelid = c2.oid",
        )
    } else {
        ("", "")
    };
    let sql = format!(
        "SELECT n.nspname as \"Schema\",\n  c.relname as \"Name\",\n  CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' \
         WHEN 'm' THEN 'materialized view' WHEN 'i' THEN 'index' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' \
         WHEN 'p' THEN 'partitioned table' WHEN 'I' THEN 'partitioned index' END as \"Type\",\n  \
         pg_catalog.pg_get_userbyid(c.relowner) as \"Owner\"{table}\nFROM pg_catalog.pg_class c\n  \
         LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace{joins}\nWHERE c.relkind IN ({}){conditions}\nORDER BY 1,2",
        relkinds.join(",")
    );
    match shell.catalog(&sql).await? {
        Err(flow) => Ok(flow),
        Ok(outcome) if outcome.rows.is_empty() && !shell.quiet => Ok(match pattern {
            Some(pattern) => complain(&format!("Did not find any relation named \"{pattern}\".")),
            None => complain("Did not find any relations."),
        }),
        Ok(outcome) => {
            let mut text = String::new();
            print::outcome(&mut text, &outcome, &shell.catalog_format(), Some("List of relations"));
            write_out(&text)?;
            Ok(Flow::Done)
        }
    }
}

async fn schemas(shell: &mut Shell, pattern: Option<&str>) -> Result<Flow, Failure> {
    let conditions = match pattern {
        None => "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'".to_owned(),
        Some(pattern) => format!("true{}", Conditions::of(pattern).sql("n.nspname", None)),
    };
    let sql = format!(
        "SELECT n.nspname AS \"Name\",\n  pg_catalog.pg_get_userbyid(n.nspowner) AS \"Owner\"\nFROM pg_catalog.pg_namespace n\n\
         WHERE {conditions}\nORDER BY 1"
    );
    shell.print_catalog(&sql, "List of schemas").await
}

async fn databases(shell: &mut Shell, pattern: Option<&str>) -> Result<Flow, Failure> {
    let conditions = pattern.map(|pattern| format!("WHERE true{}\n", Conditions::of(pattern).sql("d.datname", None)));
    let sql = format!(
        "SELECT d.datname as \"Name\",\n  pg_catalog.pg_get_userbyid(d.datdba) as \"Owner\",\n  \
         pg_catalog.pg_encoding_to_char(d.encoding) as \"Encoding\",\n  d.datcollate as \"Collate\",\n  d.datctype as \"Ctype\",\n  \
         d.daticulocale as \"ICU Locale\",\n  CASE d.datlocprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' END AS \"Locale Provider\",\n  \
         pg_catalog.array_to_string(d.datacl, E'\\n') AS \"Access privileges\"\nFROM pg_catalog.pg_database d\n{}ORDER BY 1",
        conditions.unwrap_or_default()
    );
    shell.print_catalog(&sql, "List of databases").await
}

async fn roles(shell: &mut Shell, pattern: Option<&str>) -> Result<Flow, Failure> {
    let conditions = match pattern {
        None => "r.rolname !~ '^pg_'".to_owned(),
        Some(pattern) => format!("true{}", Conditions::of(pattern).sql("r.rolname", None)),
    };
    let sql = format!(
        "SELECT r.rolname, r.rolsuper, r.rolinherit,\n  r.rolcreaterole, r.rolcreatedb, r.rolcanlogin,\n  r.rolconnlimit, r.rolvaliduntil,\n  \
         ARRAY(SELECT b.rolname\n        FROM pg_catalog.pg_auth_members m\n        JOIN pg_catalog.pg_roles b ON (m.roleid = b.oid)\n        \
         WHERE m.member = r.oid) as memberof\n, r.rolreplication\n, r.rolbypassrls\nFROM pg_catalog.pg_roles r\nWHERE {conditions}\nORDER BY 1"
    );
    let outcome = match shell.catalog(&sql).await? {
        Ok(outcome) => outcome,
        Err(flow) => return Ok(flow),
    };
    let rows = outcome.rows.iter().map(|row| {
        let get = |column: usize| row.get(column).unwrap_or_default();
        vec![get(0).to_owned(), role_attributes(&get), get(8).to_owned()]
    });
    let table = Table {
        title: Some("List of roles".to_owned()),
        headers: ["Role name", "Attributes", "Member of"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
        ..Table::default()
    };
    let mut text = String::new();
    print::table(&mut text, &table, &shell.format);
    write_out(&text)?;
    Ok(Flow::Done)
}

fn role_attributes<'a>(get: &dyn Fn(usize) -> &'a str) -> String {
    let is = |column: usize, value: &str| get(column) == value;
    let mut attributes: Vec<&str> = Vec::new();
    for (applies, word) in [
        (is(1, "t"), "Superuser"),
        (is(2, "f"), "No inheritance"),
        (is(3, "t"), "Create role"),
        (is(4, "t"), "Create DB"),
        (is(5, "f"), "Cannot login"),
        (is(9, "t"), "Replication"),
        (is(10, "t"), "Bypass RLS"),
    ] {
        if applies {
            attributes.push(word);
        }
    }
    let mut lines = vec![attributes.join(", ")];
    match get(6) {
        "" | "-1" => {}
        "0" => lines.push("No connections".to_owned()),
        "1" => lines.push("1 connection".to_owned()),
        count => lines.push(format!("{count} connections")),
    }
    if !get(7).is_empty() {
        lines.push(format!("Password valid until {}", get(7)));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

async fn relations_in_detail(shell: &mut Shell, pattern: &str) -> Result<Flow, Failure> {
    let visible = ("n.nspname", "pg_catalog.pg_table_is_visible(c.oid)");
    let sql = format!(
        "SELECT c.oid,\n  n.nspname,\n  c.relname,\n  c.relkind\nFROM pg_catalog.pg_class c\n  \
         LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace\nWHERE true{}\nORDER BY 2, 3",
        Conditions::of(pattern).sql("c.relname", Some(visible))
    );
    let found = match shell.catalog(&sql).await? {
        Ok(outcome) => outcome,
        Err(flow) => return Ok(flow),
    };
    if found.rows.is_empty() {
        return Ok(complain(&format!("Did not find any relation named \"{pattern}\".")));
    }
    for row in &found.rows {
        let get = |column: usize| row.get(column).unwrap_or_default();
        let relation = Relation { oid: get(0).to_owned(), name: format!("{}.{}", get(1), get(2)), schema: get(1).to_owned() };
        // Only a sequence is readable as a line for each value.
        let (table, expands) = match get(3) {
            "S" => (sequence(shell, &relation).await?, true),
            "i" | "I" => (index(shell, &relation).await?, false),
            kind => (columns(shell, &relation, kind).await?, false),
        };
        match table {
            Err(flow) => return Ok(flow),
            Ok(table) => {
                let mut text = String::new();
                let format = print::Format { expanded: shell.format.expanded && expands, ..shell.format.clone() };
                print::table(&mut text, &table, &format);
                write_out(&text)?;
            }
        }
    }
    Ok(Flow::Done)
}

struct Relation {
    oid: String,
    /// With its schema.
    name: String,
    schema: String,
}

async fn sequence(shell: &mut Shell, relation: &Relation) -> Result<Result<Table, Flow>, Failure> {
    let sql = format!(
        "SELECT pg_catalog.format_type(seqtypid, NULL) AS \"Type\",\n  seqstart AS \"Start\",\n  seqmin AS \"Minimum\",\n  \
         seqmax AS \"Maximum\",\n  seqincrement AS \"Increment\",\n  CASE WHEN seqcycle THEN 'yes' ELSE 'no' END AS \"Cycles?\",\n  \
         seqcache AS \"Cache\"\nFROM pg_catalog.pg_sequence\nWHERE seqrelid = '{}'",
        relation.oid
    );
    let parameters = rows!(shell, &sql);
    let sql = format!(
        "SELECT pg_catalog.quote_ident(nspname) || '.' ||\n  pg_catalog.quote_ident(relname) || '.' ||\n  \
         pg_catalog.quote_ident(attname),\n  d.deptype\nFROM pg_catalog.pg_class c\nINNER JOIN pg_catalog.pg_depend d ON c.oid=d.refobjid\n\
         INNER JOIN pg_catalog.pg_namespace n ON n.oid=c.relnamespace\nINNER JOIN pg_catalog.pg_attribute a ON (\n a.attrelid=c.oid AND\n \
         a.attnum=d.refobjsubid)\nWHERE d.classid='pg_catalog.pg_class'::pg_catalog.regclass\n \
         AND d.refclassid='pg_catalog.pg_class'::pg_catalog.regclass\n AND d.objid='{}'\n AND d.deptype IN ('a', 'i')",
        relation.oid
    );
    let owners = rows!(shell, &sql);
    let footers = owners.rows.iter().filter_map(|row| match (row.get(0)?, row.get(1)?) {
        (column, "a") => Some(format!("Owned by: {column}")),
        (column, "i") => Some(format!("Sequence for identity column: {column}")),
        _ => None,
    });
    Ok(Ok(Table {
        title: Some(format!("Sequence \"{}\"", relation.name)),
        headers: parameters.columns.iter().map(|column| column.name.clone()).collect(),
        right: vec![false, true, true, true, true, false, true],
        rows: parameters.rows.iter().map(|row| row.iter().map(|value| value.unwrap_or_default().to_owned()).collect()).collect(),
        footers: footers.collect(),
        counted: false,
    }))
}

async fn index(shell: &mut Shell, relation: &Relation) -> Result<Result<Table, Flow>, Failure> {
    let oid = &relation.oid;
    let sql = format!(
        "SELECT a.attname,\n  pg_catalog.format_type(a.atttypid, a.atttypmod),\n  \
         CASE WHEN a.attnum <= (SELECT i.indnkeyatts FROM pg_catalog.pg_index i WHERE i.indexrelid = '{oid}') THEN 'yes' ELSE 'no' END AS is_key,\n  \
         pg_catalog.pg_get_indexdef(a.attrelid, a.attnum, TRUE) AS indexdef\nFROM pg_catalog.pg_attribute a\n\
         WHERE a.attrelid = '{oid}' AND a.attnum > 0 AND NOT a.attisdropped\nORDER BY a.attnum"
    );
    let columns = rows!(shell, &sql);
    let sql = format!(
        "SELECT i.indisunique, i.indisprimary, i.indisvalid, i.indnullsnotdistinct,\n  \
         a.amname, c2.relname, pg_catalog.pg_get_expr(i.indpred, i.indrelid, true)\n\
         FROM pg_catalog.pg_index i, pg_catalog.pg_class c, pg_catalog.pg_class c2, pg_catalog.pg_am a\n\
         WHERE i.indexrelid = c.oid AND c.oid = '{oid}' AND c.relam = a.oid\nAND i.indrelid = c2.oid"
    );
    let properties = rows!(shell, &sql);
    let footers = properties.rows.first().map(|row| {
        let get = |column: usize| row.get(column).unwrap_or_default();
        let unique = match (get(1), get(0), get(3)) {
            ("t", _, _) => "primary key, ",
            (_, "t", "t") => "unique nulls not distinct, ",
            (_, "t", _) => "unique, ",
            _ => "",
        };
        let predicate = if get(6).is_empty() { String::new() } else { format!(", predicate ({})", get(6)) };
        let invalid = if get(2) == "f" { ", invalid" } else { "" };
        format!("{unique}{}, for table \"{}.{}\"{predicate}{invalid}", get(4), relation.schema, get(5))
    });
    Ok(Ok(Table {
        title: Some(format!("Index \"{}\"", relation.name)),
        headers: ["Column", "Type", "Key?", "Definition"].map(str::to_owned).to_vec(),
        rows: columns.rows.iter().map(|row| row.iter().map(|value| value.unwrap_or_default().to_owned()).collect()).collect(),
        footers: footers.into_iter().collect(),
        ..Table::default()
    }))
}

async fn columns(shell: &mut Shell, relation: &Relation, kind: &str) -> Result<Result<Table, Flow>, Failure> {
    let sql = format!(
        "SELECT a.attname,\n  pg_catalog.format_type(a.atttypid, a.atttypmod),\n  \
         (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid, true)\n   FROM pg_catalog.pg_attrdef d\n   \
         WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef),\n  a.attnotnull,\n  \
         (SELECT c.collname FROM pg_catalog.pg_collation c, pg_catalog.pg_type t\n   \
         WHERE c.oid = a.attcollation AND t.oid = a.atttypid AND a.attcollation <> t.typcollation) AS attcollation,\n  \
         a.attidentity,\n  a.attgenerated\nFROM pg_catalog.pg_attribute a\n\
         WHERE a.attrelid = '{}' AND a.attnum > 0 AND NOT a.attisdropped\nORDER BY a.attnum",
        relation.oid
    );
    let columns = rows!(shell, &sql);
    let rows = columns.rows.iter().map(|row| {
        let get = |column: usize| row.get(column).unwrap_or_default();
        let default = match (get(5), get(6)) {
            ("a", _) => "generated always as identity".to_owned(),
            ("d", _) => "generated by default as identity".to_owned(),
            (_, "s") => format!("generated always as ({}) stored", get(2).trim_start_matches('(').trim_end_matches(')')),
            _ => get(2).to_owned(),
        };
        let nullable = if get(3) == "t" { "not null" } else { "" };
        vec![get(0).to_owned(), get(1).to_owned(), get(4).to_owned(), nullable.to_owned(), default]
    });
    let mut table = Table {
        title: Some(format!("{} \"{}\"", if kind == "v" { "View" } else { "Table" }, relation.name)),
        headers: ["Column", "Type", "Collation", "Nullable", "Default"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
        ..Table::default()
    };
    if kind != "v" {
        match footers(shell, &relation.oid).await? {
            Ok(footers) => table.footers = footers,
            Err(flow) => return Ok(Err(flow)),
        }
    }
    Ok(Ok(table))
}

/// Indexes, constraints and statistics of a table.
async fn footers(shell: &mut Shell, oid: &str) -> Result<Result<Vec<String>, Flow>, Failure> {
    let mut footers = Vec::new();
    let sections: [(&str, String, fn(&[&str]) -> String); 5] = [
        (
            "Indexes:",
            format!(
                "SELECT c2.relname, i.indisprimary, i.indisunique, i.indisvalid, pg_catalog.pg_get_indexdef(i.indexrelid, 0, true),\n  \
                 contype\nFROM pg_catalog.pg_class c, pg_catalog.pg_class c2, pg_catalog.pg_index i\n  \
                 LEFT JOIN pg_catalog.pg_constraint con ON (conrelid = i.indrelid AND conindid = i.indexrelid AND contype IN ('p','u','x'))\n\
                 WHERE c.oid = '{oid}' AND c.oid = i.indrelid AND i.indexrelid = c2.oid\nORDER BY i.indisprimary DESC, c2.relname"
            ),
            index_footer,
        ),
        (
            "Check constraints:",
            format!(
                "SELECT r.conname, pg_catalog.pg_get_constraintdef(r.oid, true)\nFROM pg_catalog.pg_constraint r\n\
                 WHERE r.conrelid = '{oid}' AND r.contype = 'c'\nORDER BY 1"
            ),
            |row| format!("    \"{}\" {}", row[0], row[1]),
        ),
        (
            "Foreign-key constraints:",
            format!(
                "SELECT conname, pg_catalog.pg_get_constraintdef(r.oid, true) as condef\nFROM pg_catalog.pg_constraint r\n\
                 WHERE r.conrelid = '{oid}' AND r.contype = 'f'\nORDER BY conname"
            ),
            |row| format!("    \"{}\" {}", row[0], row[1]),
        ),
        (
            "Referenced by:",
            format!(
                "SELECT conname, conrelid::pg_catalog.regclass AS ontable,\n  pg_catalog.pg_get_constraintdef(oid, true) AS condef\n\
                 FROM pg_catalog.pg_constraint c\nWHERE confrelid = '{oid}' AND contype = 'f'\nORDER BY conname"
            ),
            |row| format!("    TABLE \"{}\" CONSTRAINT \"{}\" {}", row[1], row[0], row[2]),
        ),
        (
            "Statistics objects:",
            format!(
                "SELECT stxnamespace::pg_catalog.regnamespace::pg_catalog.text AS nsp, stxname,\n  \
                 pg_catalog.pg_get_statisticsobjdef_columns(oid) AS columns,\n  stxrelid::pg_catalog.regclass,\n  \
                 'd' = any(stxkind) AS ndist_enabled,\n  'f' = any(stxkind) AS deps_enabled,\n  'm' = any(stxkind) AS mcv_enabled\n\
                 FROM pg_catalog.pg_statistic_ext\nWHERE stxrelid = '{oid}'\nORDER BY nsp, stxname"
            ),
            statistics_footer,
        ),
    ];
    for (heading, sql, line) in sections {
        let found = rows!(shell, &sql);
        if !found.rows.is_empty() {
            footers.push(heading.to_owned());
        }
        footers.extend(found.rows.iter().map(|row| line(&row.iter().map(Option::unwrap_or_default).collect::<Vec<_>>())));
    }
    Ok(Ok(footers))
}

/// Name, primary, unique, valid, definition, constraint type.
fn index_footer(row: &[&str]) -> String {
    let standing = match (row[1], row[2], row[5]) {
        ("t", _, _) => " PRIMARY KEY,",
        (_, "t", "u") => " UNIQUE CONSTRAINT,",
        (_, "t", _) => " UNIQUE,",
        _ => "",
    };
    let definition = row[4].split_once(" USING ").map_or(row[4], |(_, behind)| behind);
    let invalid = if row[3] == "f" { " INVALID" } else { "" };
    format!("    \"{}\"{standing} {definition}{invalid}", row[0])
}

/// Schema, name, columns, table, and whether each kind is there; with all three, none is named.
fn statistics_footer(row: &[&str]) -> String {
    let kinds: Vec<&str> =
        [(4, "ndistinct"), (5, "dependencies"), (6, "mcv")].iter().filter(|(at, _)| row[*at] == "t").map(|(_, kind)| *kind).collect();
    let kinds = if kinds.len() == 3 { String::new() } else { format!(" ({})", kinds.join(", ")) };
    format!("    \"{}.{}\"{kinds} ON {} FROM {}", row[0], row[1], row[2], row[3])
}
