//! Default privileges: what objects that are yet to be made will give to whom.

use borealis_client::Row;

use super::Snapshot;
use super::acl::{Class, Entry, FUNCTION, SCHEMA, SEQUENCE, TABLE};
use crate::error::TransferError;
use crate::table::text;

const TYPE: Class = Class { word: "TYPE", all: "U", public: "U" };

/// Role, quoted and plain; schema, quoted; kind of objects; list.
const DEFAULTS: &str = "SELECT quote_ident(r.rolname), r.rolname, quote_ident(n.nspname), d.defaclobjtype, \
     (SELECT string_agg(item::text, chr(10) ORDER BY item::text) FROM unnest(d.defaclacl) item) \
     FROM pg_default_acl d JOIN pg_roles r ON r.oid = d.defaclrole LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace \
     ORDER BY 1, n.nspname NULLS FIRST, d.defaclobjtype";

/// `ALTER DEFAULT PRIVILEGES …` for everything that is not as it is without any.
pub(super) async fn read(snapshot: &mut Snapshot) -> Result<Vec<String>, TransferError> {
    Ok(snapshot.rows(DEFAULTS, &[]).await?.iter().flat_map(of_list).collect())
}

fn class(kind: &str) -> Option<Class> {
    Some(match kind {
        "r" => TABLE,
        "S" => SEQUENCE,
        "f" => FUNCTION,
        "T" => TYPE,
        "n" => SCHEMA,
        _ => return None,
    })
}

fn of_list(row: &Row) -> Vec<String> {
    let Some(class) = class(text(row, 3)) else { return Vec::new() };
    let entries: Vec<Entry> = text(row, 4).lines().filter_map(Entry::read).collect();
    let list = List { class, role: text(row, 0), owner: text(row, 1), schema: row.get(2), entries };
    list.statements()
}

/// The default privileges of one role's future objects of a kind, in one schema or in all.
struct List<'r> {
    class: Class,
    /// Quoted.
    role: &'r str,
    owner: &'r str,
    /// Quoted. What a schema has comes on top of what holds everywhere.
    schema: Option<&'r str>,
    entries: Vec<Entry>,
}

impl List<'_> {
    fn statements(&self) -> Vec<String> {
        let schema = self.schema.map(|schema| format!(" IN SCHEMA {schema}")).unwrap_or_default();
        let start = format!("ALTER DEFAULT PRIVILEGES FOR ROLE {}{schema}", self.role);
        let objects = format!("{}S", self.class.word);
        let mut statements = Vec::new();
        let of = |who: Option<&str>| self.entries.iter().find(|entry| entry.grantee.as_deref() == who);
        let own = of(Some(self.owner)).map_or("", |entry| entry.privileges.as_str());
        if self.schema.is_none() && !self.class.is_all(own) {
            statements.push(format!("{start} REVOKE ALL ON {objects} FROM {}", self.role));
        }
        if self.schema.is_none() && !self.class.public.is_empty() && of(None).is_none() {
            statements.push(format!("{start} REVOKE ALL ON {objects} FROM PUBLIC"));
        }
        for entry in self.entries.iter().filter(|entry| !self.is_built_in(entry)) {
            statements.extend(entry.grants(&self.class, "").map(|(words, to)| format!("{start} GRANT {words} ON {objects} {to}")));
        }
        statements
    }

    /// The entry is there without being given.
    fn is_built_in(&self, entry: &Entry) -> bool {
        let built_in = match entry.grantee.as_deref() {
            None => self.class.public,
            Some(grantee) if grantee == self.owner => self.class.all,
            Some(_) => "",
        };
        self.schema.is_none() && !built_in.is_empty() && entry.privileges == built_in
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, List, class};

    fn statements(kind: &str, schema: Option<&str>, items: &[&str]) -> Vec<String> {
        let entries = items.iter().filter_map(|item| Entry::read(item)).collect();
        List { class: class(kind).expect("a kind"), role: "\"Own\"", owner: "Own", schema, entries }.statements()
    }

    #[test]
    fn what_is_given_everywhere_and_in_a_schema() {
        let start = "ALTER DEFAULT PRIVILEGES FOR ROLE \"Own\"";
        let given = statements("r", None, &["Own=arwdDxt/Own", "bob=r*w/Own"]);
        assert_eq!(
            given,
            [format!("{start} GRANT UPDATE ON TABLES TO bob"), format!("{start} GRANT SELECT ON TABLES TO bob WITH GRANT OPTION")]
        );
        assert_eq!(statements("S", Some("s"), &["=rwU/Own"]), [format!("{start} IN SCHEMA s GRANT ALL ON SEQUENCES TO PUBLIC")]);
        assert_eq!(statements("f", Some("s"), &["Own=X/Own"]), [format!("{start} IN SCHEMA s GRANT ALL ON FUNCTIONS TO \"Own\"")]);
    }

    #[test]
    fn what_is_taken_away() {
        let start = "ALTER DEFAULT PRIVILEGES FOR ROLE \"Own\"";
        assert_eq!(statements("f", None, &["Own=X/Own"]), [format!("{start} REVOKE ALL ON FUNCTIONS FROM PUBLIC")]);
        assert_eq!(
            statements("r", None, &["Own=r/Own"]),
            [format!("{start} REVOKE ALL ON TABLES FROM \"Own\""), format!("{start} GRANT SELECT ON TABLES TO \"Own\"")]
        );
        assert_eq!(statements("T", None, &["=U/Own"]), [format!("{start} REVOKE ALL ON TYPES FROM \"Own\"")]);
    }
}
