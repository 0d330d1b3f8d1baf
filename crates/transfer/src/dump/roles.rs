//! Roles: who there is, who is whose member, and which IAM identities may log in as whom.

use borealis_pgtypes::Oid;

use super::Snapshot;
use crate::error::TransferError;
use crate::name::literal;
use crate::table::text;

/// The first OID that is not the system's own.
const USER_OID: Oid = Oid::FIRST_USER;

/// Statements that make every role that is not the system's, and tie them together.
pub(super) async fn read(snapshot: &mut Snapshot) -> Result<Vec<String>, TransferError> {
    let mut statements = Vec::new();
    let sql = format!("SELECT quote_ident(r.rolname), r.rolcanlogin FROM pg_roles r WHERE r.oid >= {USER_OID} ORDER BY r.rolname");
    for row in &snapshot.rows(&sql, &[]).await? {
        let login = if text(row, 1) == "t" { " WITH LOGIN" } else { "" };
        statements.push(format!("CREATE ROLE {}{login}", text(row, 0)));
    }
    statements.extend(memberships(snapshot).await?);
    let sql = "SELECT quote_ident(m.pg_role_name), m.arn FROM sys.iam_pg_role_mappings m ORDER BY m.pg_role_name, m.arn";
    let mappings = snapshot.rows(sql, &[]).await?;
    statements.extend(mappings.iter().map(|row| format!("AWS IAM GRANT {} TO {}", text(row, 0), literal(text(row, 1)).trim())));
    let sql = format!(
        "SELECT quote_ident(r.rolname), d.description FROM pg_shdescription d JOIN pg_roles r ON r.oid = d.objoid AND d.classoid = 1260 \
         WHERE r.oid >= {USER_OID} ORDER BY r.rolname"
    );
    let comments = snapshot.rows(&sql, &[]).await?;
    statements.extend(comments.iter().map(|row| format!("COMMENT ON ROLE {} IS {}", text(row, 0), literal(text(row, 1)).trim())));
    Ok(statements)
}

/// Memberships that somebody gave; what a role's maker has from the system comes with the making.
async fn memberships(snapshot: &mut Snapshot) -> Result<Vec<String>, TransferError> {
    let sql = format!(
        "SELECT quote_ident(r.rolname), quote_ident(m.rolname), bool_or(a.admin_option), bool_or(a.inherit_option), bool_or(a.set_option) \
         FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member \
         JOIN pg_roles g ON g.oid = a.grantor WHERE NOT g.rolsuper AND r.oid >= {USER_OID} \
         GROUP BY r.rolname, m.rolname ORDER BY r.rolname, m.rolname"
    );
    let rows = snapshot.rows(&sql, &[]).await?;
    let statement = |row: &borealis_client::Row| {
        let options = [(2, "t", "ADMIN TRUE"), (3, "f", "INHERIT FALSE"), (4, "f", "SET FALSE")];
        let options: Vec<&str> =
            options.into_iter().filter(|(column, value, _)| text(row, *column) == *value).map(|(.., words)| words).collect();
        let with = if options.is_empty() { String::new() } else { format!(" WITH {}", options.join(", ")) };
        format!("GRANT {} TO {}{with}", text(row, 0), text(row, 1))
    };
    Ok(rows.iter().map(statement).collect())
}
