//! What a MySQL server or the way to it refused, in words that help.

use mysql_async::{DriverError, Error, IoError};

use crate::error::TransferError;

const ACCESS_DENIED: u16 = 1045;
const TABLE_CHANGED: u16 = 1412;

/// An error of what was being done.
pub(super) fn said(doing: &str) -> impl FnOnce(Error) -> TransferError + use<> {
    let doing = doing.to_owned();
    move |error| TransferError::Source(format!("{doing}: {}", words(&error)))
}

fn words(error: &Error) -> String {
    match error {
        Error::Server(error) => {
            let advice = match error.code {
                ACCESS_DENIED => "; the password is the URL's, that of --from-password-file, or MYSQL_PWD's",
                TABLE_CHANGED => "; a table was altered while it was read",
                _ => "",
            };
            format!("{} (MySQL's error {}, SQLSTATE {}){advice}", error.message, error.code, error.state)
        }
        Error::Io(IoError::Tls(error)) => {
            format!(
                "{error}; in the URL, ssl-ca=FILE names the authority to believe, ssl-name=NAME the name in its certificate, and ssl-mode=disabled connects without encryption"
            )
        }
        Error::Io(IoError::Io(error)) => error.to_string(),
        Error::Driver(DriverError::NoClientSslFlagFromServer) => {
            "the server has no encryption; ssl-mode=disabled in the URL connects without".to_owned()
        }
        Error::Driver(DriverError::ConnectionClosed) => "the server has closed the connection".to_owned(),
        other => other.to_string(),
    }
}
