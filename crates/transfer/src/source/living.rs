//! Living databases as sources: which one a URL means, and what is told beside it.

use borealis_base::Redacted;
use percent_encoding::percent_decode_str;

use super::Input;
use super::mysql::LiveMysql;
use super::postgres::LivePostgres;
use crate::error::TransferError;

/// A living database and what of it is meant.
#[derive(Debug, Clone, Default)]
pub struct Living {
    /// The password, unless it stands in the URL.
    pub password: Option<Redacted<String>>,
    /// The tables, as they are called there; when empty, the one that is loaded into, or all.
    pub tables: Vec<String>,
    /// Dates of MySQL's that no calendar has, such as `0000-00-00`, become NULL instead of having their rows rejected.
    pub zero_dates_null: bool,
}

impl Input {
    /// A living database, by its URL.
    ///
    /// # Errors
    /// When the URL is not one of a PostgreSQL, a MySQL or a MariaDB.
    pub fn living(url: &str, living: Living) -> Result<Self, TransferError> {
        match url.split_once("://").map(|(scheme, _)| scheme) {
            Some("postgres" | "postgresql") if living.zero_dates_null => {
                Err(TransferError::Request("only MySQL has zero dates, which could become NULL".to_owned()))
            }
            Some("postgres" | "postgresql") => Ok(Self::Postgres(Box::new(LivePostgres::parse(url, living)?))),
            Some("mysql" | "mariadb") => Ok(Self::Mysql(Box::new(LiveMysql::parse(url, living)?))),
            // The URL itself is not repeated: it may hold a password.
            _ => Err(TransferError::Request("the source's URL does not begin with postgres://, mysql:// or mariadb://".to_owned())),
        }
    }
}

/// The parts of `scheme://user:password@host:port/database?option=value`.
#[derive(Debug)]
pub(super) struct LiveUrl<'u> {
    pub(super) user: String,
    pub(super) password: Option<Redacted<String>>,
    /// The host, with `:port` if there is one.
    pub(super) host: &'u str,
    pub(super) database: Option<String>,
    /// Names and values.
    pub(super) options: Vec<(String, String)>,
}

impl<'u> LiveUrl<'u> {
    /// `form` says how such a URL is written, for messages.
    pub(super) fn parse(url: &'u str, form: &str) -> Result<Self, TransferError> {
        let (_, rest) = url.split_once("://").ok_or_else(|| refused("has no scheme", form))?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, host) = authority.rsplit_once('@').ok_or_else(|| refused("names no user", form))?;
        let (user, password) = login.split_once(':').map_or((login, None), |(user, password)| (user, Some(password)));
        let plain = |text: &str| percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned);
        let plain = |text: &str| plain(text).map_err(|_| refused("is not UTF-8", form));
        let options = query.split('&').filter(|option| !option.is_empty()).map(|option| {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            Ok((plain(name)?, plain(value)?))
        });
        Ok(Self {
            user: plain(user)?,
            password: password.map(plain).transpose()?.map(Redacted::new),
            host,
            database: if database.is_empty() { None } else { Some(plain(database)?) },
            options: options.collect::<Result<_, TransferError>>()?,
        })
    }
}

/// What is wrong with a URL, which is not repeated: it may hold a password.
pub(super) fn refused(why: &str, form: &str) -> TransferError {
    TransferError::Request(format!("the source's URL {why}: write {form}"))
}

/// Tables in an order in which every one comes behind those that it refers to; those in a circle at last, by name. Each has a name, an
/// identity, and the identities that it refers to.
pub(super) fn referred_first(mut left: Vec<(String, String, Vec<String>)>) -> Vec<String> {
    let mut sorted = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let is_ready = |refers: &[String]| !refers.iter().any(|other| left.iter().any(|(_, identity, _)| identity == other));
        let next = left.iter().position(|(_, _, refers)| is_ready(refers)).unwrap_or(0);
        sorted.push(left.remove(next).0);
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::{Input, Living, referred_first};

    #[test]
    fn a_url_says_what_the_source_is_and_a_message_never_repeats_it() {
        assert!(matches!(Input::living("mariadb://me@localhost/shop", Living::default()), Ok(Input::Mysql(_))));
        assert!(matches!(Input::living("postgresql://me@localhost/shop", Living::default()), Ok(Input::Postgres(_))));
        for url in ["oracle://me:secret@host/shop", "mysql:me:secret@host", "secret"] {
            let error = Input::living(url, Living::default()).expect_err(url).to_string();
            assert_eq!(error, "the source's URL does not begin with postgres://, mysql:// or mariadb://");
        }
        let zero_dates = Living { zero_dates_null: true, ..Living::default() };
        assert!(Input::living("postgres://me@localhost", zero_dates).is_err());
    }

    #[test]
    fn what_is_referred_to_comes_first() {
        let table = |name: &str, oid: &str, refers: &[&str]| {
            (name.to_owned(), oid.to_owned(), refers.iter().map(|oid| (*oid).to_owned()).collect())
        };
        let tables = vec![
            table("a", "1", &["3"]),
            table("b", "2", &["1", "99"]),
            table("c", "3", &[]),
            table("d", "4", &["5"]),
            table("e", "5", &["4"]),
        ];
        assert_eq!(referred_first(tables), ["c", "a", "b", "d", "e"]);
    }
}
