//! Owners, privileges and comments.

use borealis_client::Row;
use borealis_pgtypes::functions::compose::quote_identifier;

use super::Snapshot;
use super::objects::{Id, USER_SCHEMA, function_name, id, qualified};
use crate::error::TransferError;
use crate::name::literal;
use crate::table::text;

/// One entry of a list of privileges.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Who; `None` is everybody.
    pub(super) grantee: Option<String>,
    /// Which, a letter each.
    pub(super) privileges: String,
    /// Which of them may be passed on.
    grantable: String,
}

impl Entry {
    /// `grantee=privileges/grantor`, as `aclitem` prints it.
    pub(super) fn read(item: &str) -> Option<Self> {
        let (grantee, rest) = match item.strip_prefix('"') {
            Some(quoted) => {
                let end = quoted.replace("\"\"", "\0\0").find('"')?;
                (quoted[..end].replace("\"\"", "\""), quoted[end + 1..].strip_prefix('=')?)
            }
            None => item.split_once('=').map(|(grantee, rest)| (grantee.to_owned(), rest))?,
        };
        let letters = rest.split('/').next()?;
        let mut entry = Self { grantee: (!grantee.is_empty()).then_some(grantee), privileges: String::new(), grantable: String::new() };
        for letter in letters.chars() {
            match (letter, entry.privileges.chars().last()) {
                ('*', Some(last)) => entry.grantable.push(last),
                ('*', None) => return None,
                _ => entry.privileges.push(letter),
            }
        }
        Some(entry)
    }
}

/// Kinds of objects that have privileges: what SQL calls them, the letters that there are, and those that everybody has at first.
pub(super) struct Class {
    pub(super) word: &'static str,
    pub(super) all: &'static str,
    pub(super) public: &'static str,
}

pub(super) const TABLE: Class = Class { word: "TABLE", all: "arwdDxt", public: "" };
pub(super) const SEQUENCE: Class = Class { word: "SEQUENCE", all: "rwU", public: "" };
pub(super) const SCHEMA: Class = Class { word: "SCHEMA", all: "UC", public: "" };
pub(super) const FUNCTION: Class = Class { word: "FUNCTION", all: "X", public: "X" };
const DOMAIN: Class = Class { word: "DOMAIN", all: "U", public: "U" };

impl Class {
    /// The entry gives everything that there is.
    pub(super) fn is_all(&self, privileges: &str) -> bool {
        self.all.chars().all(|letter| privileges.contains(letter))
    }
}

fn privilege(letter: char) -> Option<&'static str> {
    Some(match letter {
        'a' => "INSERT",
        'r' => "SELECT",
        'w' => "UPDATE",
        'd' => "DELETE",
        'D' => "TRUNCATE",
        'x' => "REFERENCES",
        't' => "TRIGGER",
        'U' => "USAGE",
        'C' => "CREATE",
        'X' => "EXECUTE",
        'm' => "MAINTAIN",
        _ => return None,
    })
}

/// An object with its owner and its list of privileges: OID, name, owner, list; one row for each entry of the list, or one without.
fn listed(catalog: &str, alias: &str, name: &str, prefix: &str, condition: &str) -> String {
    format!(
        "SELECT {alias}.oid, {name}, pg_get_userbyid({alias}.{prefix}owner), quote_ident(pg_get_userbyid({alias}.{prefix}owner)), \
         {alias}.{prefix}acl IS NULL, (SELECT string_agg(item::text, chr(10) ORDER BY item::text) FROM unnest({alias}.{prefix}acl) item) \
         FROM {catalog} {condition} ORDER BY 2"
    )
}

/// Statements that give objects their owners and privileges.
pub(super) async fn privileges(snapshot: &mut Snapshot, wanted: &dyn Fn(Id) -> bool) -> Result<Vec<String>, TransferError> {
    let mut statements = Vec::new();
    let me = snapshot.rows("SELECT current_user", &[]).await?;
    let me = me.first().map(|row| text(row, 0).to_owned()).unwrap_or_default();
    let relation = |kinds: &str| {
        let condition = format!("JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ({kinds}) AND {USER_SCHEMA}");
        listed("pg_class c", "c", &qualified("c.relname"), "rel", &condition)
    };
    let schema = listed("pg_namespace n", "n", "quote_ident(n.nspname)", "nsp", &format!("WHERE {USER_SCHEMA}"));
    let in_schema = |column: &str| format!("JOIN pg_namespace n ON n.oid = {column} WHERE {USER_SCHEMA}");
    let function = listed("pg_proc p", "p", &function_name(), "pro", &in_schema("p.pronamespace"));
    let domain = listed("pg_type t", "t", &qualified("t.typname"), "typ", &format!("{} AND t.typtype = 'd'", in_schema("t.typnamespace")));
    let all = [(SCHEMA, schema), (DOMAIN, domain), (SEQUENCE, relation("'S'")), (TABLE, relation("'r', 'v'")), (FUNCTION, function)];
    for (class, sql) in all {
        let rows = snapshot.rows(&sql, &[]).await?;
        for row in rows.iter().filter(|row| wanted(id(text(row, 0)))) {
            statements.extend(of_object(&class, row, &me));
        }
    }
    statements.extend(of_columns(snapshot, wanted).await?);
    Ok(statements)
}

fn of_object(class: &Class, row: &Row, me: &str) -> Vec<String> {
    let (name, owner, quoted_owner) = (text(row, 1), text(row, 2), text(row, 3));
    let mut statements = Vec::new();
    // The schema that every cluster has belongs to the system.
    let is_public = class.word == "SCHEMA" && name == "public";
    if owner != me && !is_public {
        statements.push(format!("ALTER {} {name} OWNER TO {quoted_owner}", class.word));
    }
    if text(row, 4) == "t" {
        return statements;
    }
    let entries: Vec<Entry> = text(row, 5).lines().filter_map(Entry::read).collect();
    let given_to = |who: Option<&str>| entries.iter().find(|entry| entry.grantee.as_deref() == who);
    if !class.public.is_empty() && given_to(None).is_none() {
        statements.push(format!("REVOKE ALL ON {} {name} FROM PUBLIC", class.word));
    }
    // What an owner has without being given it may have been taken away.
    let own = given_to(Some(owner)).map_or("", |entry| entry.privileges.as_str());
    if !is_public && !class.is_all(own) {
        statements.push(format!("REVOKE ALL ON {} {name} FROM {quoted_owner}", class.word));
    }
    for entry in &entries {
        let is_own = entry.grantee.as_deref() == Some(owner) && class.is_all(own);
        let is_default = entry.grantee.is_none() && entry.privileges == class.public;
        if is_own || is_default || (is_public && entry.grantee.as_deref().is_none_or(|grantee| grantee == "admin")) {
            continue;
        }
        statements.extend(grants(class, name, entry, ""));
    }
    statements
}

/// Statements that give an entry's privileges.
fn grants(class: &Class, name: &str, entry: &Entry, columns: &str) -> Vec<String> {
    let target = format!("{} {name}", class.word);
    entry.grants(class, columns).map(|(words, to)| format!("GRANT {words} ON {target} {to}")).collect()
}

impl Entry {
    /// Its privileges without and with the right to pass them on: what is given, and `TO …`.
    pub(super) fn grants(&self, class: &Class, columns: &str) -> impl Iterator<Item = (String, String)> {
        let grantee = self.grantee.as_deref().map_or_else(|| "PUBLIC".to_owned(), quote_identifier);
        let (with, without): (String, String) = self.privileges.chars().partition(|letter| self.grantable.contains(*letter));
        let one = move |(letters, option): (String, &str)| {
            let words = letters.chars().filter_map(privilege).map(|word| format!("{word}{columns}")).collect::<Vec<_>>().join(", ");
            let words = if columns.is_empty() && class.is_all(&letters) { "ALL".to_owned() } else { words };
            (!letters.is_empty()).then(|| (words, format!("TO {grantee}{option}")))
        };
        [(without, ""), (with, " WITH GRANT OPTION")].into_iter().filter_map(one)
    }
}

async fn of_columns(snapshot: &mut Snapshot, wanted: &dyn Fn(Id) -> bool) -> Result<Vec<String>, TransferError> {
    let sql = format!(
        "SELECT c.oid, {}, quote_ident(a.attname), (SELECT string_agg(item::text, chr(10) ORDER BY item::text) FROM unnest(a.attacl) item) \
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE a.attacl IS NOT NULL AND {USER_SCHEMA} ORDER BY 2, a.attnum",
        qualified("c.relname")
    );
    let rows = snapshot.rows(&sql, &[]).await?;
    let mut statements = Vec::new();
    for row in rows.iter().filter(|row| wanted(id(text(row, 0)))) {
        let columns = format!(" ({})", text(row, 2));
        for entry in text(row, 3).lines().filter_map(Entry::read) {
            statements.extend(grants(&TABLE, text(row, 1), &entry, &columns));
        }
    }
    Ok(statements)
}

/// `COMMENT ON …` for all kinds of objects that are dumped: (object, statement).
pub(super) async fn comments(snapshot: &mut Snapshot) -> Result<Vec<(Id, String)>, TransferError> {
    let on = |class: &str, join: &str, what: &str, owner: &str| {
        format!(
            "SELECT {owner}, {what}, d.description FROM pg_description d {join} \
             WHERE d.classoid = '{class}'::regclass AND {USER_SCHEMA} ORDER BY 2"
        )
    };
    let relation = "JOIN pg_class c ON c.oid = d.objoid JOIN pg_namespace n ON n.oid = c.relnamespace";
    let word = "CASE c.relkind WHEN 'r' THEN 'TABLE' WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'INDEX' END";
    let column = "LEFT JOIN pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid AND d.objsubid > 0";
    let name = qualified("c.relname");
    let of_relation =
        format!("CASE WHEN d.objsubid > 0 THEN 'COLUMN ' || {name} || '.' || quote_ident(a.attname) ELSE {word} || ' ' || {name} END");
    let queries = [
        on("pg_namespace", "JOIN pg_namespace n ON n.oid = d.objoid", "'SCHEMA ' || quote_ident(n.nspname)", "n.oid"),
        on("pg_class", &format!("{relation} {column}"), &of_relation, "c.oid"),
        on(
            "pg_constraint",
            "JOIN pg_constraint k ON k.oid = d.objoid JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace",
            &format!("'CONSTRAINT ' || quote_ident(k.conname) || ' ON ' || {name}"),
            "c.oid",
        ),
        on(
            "pg_proc",
            "JOIN pg_proc p ON p.oid = d.objoid JOIN pg_namespace n ON n.oid = p.pronamespace",
            &format!("'FUNCTION ' || {}", function_name()),
            "p.oid",
        ),
        on(
            "pg_type",
            "JOIN pg_type t ON t.oid = d.objoid JOIN pg_namespace n ON n.oid = t.typnamespace",
            &format!("'DOMAIN ' || {}", qualified("t.typname")),
            "t.oid",
        ),
    ];
    let mut comments = Vec::new();
    for sql in queries {
        let rows = snapshot.rows(&sql, &[]).await?;
        comments
            .extend(rows.iter().map(|row| (id(text(row, 0)), format!("COMMENT ON {} IS {}", text(row, 1), literal(text(row, 2)).trim()))));
    }
    Ok(comments)
}

#[cfg(test)]
mod tests {
    use super::{Entry, TABLE, grants};

    fn statements(item: &str) -> Vec<String> {
        grants(&TABLE, "t", &Entry::read(item).expect("an entry"), "")
    }

    #[test]
    fn entries_become_grants() {
        assert_eq!(statements("bob=r*w/admin"), ["GRANT UPDATE ON TABLE t TO bob", "GRANT SELECT ON TABLE t TO bob WITH GRANT OPTION"]);
        assert_eq!(statements("user=r/admin"), ["GRANT SELECT ON TABLE t TO \"user\""], "a reserved word is no name by itself");
        assert_eq!(statements("=r/admin"), ["GRANT SELECT ON TABLE t TO PUBLIC"]);
        assert_eq!(statements("\"a=\"\"b\"=arwdDxt/admin"), ["GRANT ALL ON TABLE t TO \"a=\"\"b\""]);
    }
}
