//! Privileges as the catalog prints them.

/// What one role may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    /// The role; empty for PUBLIC.
    pub(crate) role: String,
    /// The privileges without the right to pass them on.
    pub(crate) plain: Vec<&'static str>,
    /// The privileges with it.
    pub(crate) grantable: Vec<&'static str>,
}

/// The entries of an `aclitem[]` in its text form, such as `{admin=arwdDxt/admin,"odd name"=r*/admin}`.
pub(crate) fn grants(acl: &str) -> Vec<Grant> {
    elements(acl).iter().filter_map(|item| grant(item)).collect()
}

/// The elements of an array of texts, without the array's own quoting.
fn elements(array: &str) -> Vec<String> {
    let inner = array.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(array);
    let (mut elements, mut current, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            '\\' => current.extend(characters.next()),
            ',' if !quoted => elements.push(std::mem::take(&mut current)),
            other => current.push(other),
        }
    }
    if !current.is_empty() {
        elements.push(current);
    }
    elements
}

/// `role=privileges/grantor`, where a role with odd characters is quoted and its quotes are doubled.
fn grant(item: &str) -> Option<Grant> {
    let (role, rest) = match item.strip_prefix('"') {
        Some(quoted) => {
            let end = quoted.find("\"=")?;
            (quoted[..end].replace("\"\"", "\""), &quoted[end + 2..])
        }
        None => item.split_once('=').map(|(role, rest)| (role.to_owned(), rest))?,
    };
    let letters = rest.split_once('/').map_or(rest, |(letters, _)| letters);
    let (mut plain, mut grantable) = (Vec::new(), Vec::new());
    let mut letters = letters.chars().peekable();
    while let Some(letter) = letters.next() {
        let passed_on = letters.next_if_eq(&'*').is_some();
        if let Some(name) = privilege(letter) {
            if passed_on { grantable.push(name) } else { plain.push(name) }
        }
    }
    Some(Grant { role, plain, grantable })
}

fn privilege(letter: char) -> Option<&'static str> {
    Some(match letter {
        'r' => "SELECT",
        'a' => "INSERT",
        'w' => "UPDATE",
        'd' => "DELETE",
        'D' => "TRUNCATE",
        'x' => "REFERENCES",
        't' => "TRIGGER",
        'U' => "USAGE",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Grant, grants};

    #[test]
    fn entries_are_read_whatever_the_role_is_called() {
        let grant = |role: &str, plain: &[&'static str], grantable: &[&'static str]| Grant {
            role: role.to_owned(),
            plain: plain.to_vec(),
            grantable: grantable.to_vec(),
        };
        let read = grants(r#"{admin=arwdDxt/admin,=r/admin,r1=w*a/admin,"\"odd, name\"=r*/admin"}"#);
        assert_eq!(
            read,
            [
                grant("admin", &["INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"], &[]),
                grant("", &["SELECT"], &[]),
                grant("r1", &["INSERT"], &["UPDATE"]),
                grant("odd, name", &[], &["SELECT"]),
            ]
        );
    }
}
