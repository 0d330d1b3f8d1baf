//! The local certificate authority. The server's own certificate is made at each start and judged by connecting to it.

use borealis_base::{Clock, SystemClock};
use borealis_pgserver::tls::Authority;
use x509_parser::pem::parse_x509_pem;

use super::Finding;
use super::files::quoted;
use crate::data_folder::DataFolder;

const CHECK: &str = "certificate";
const DAY_SECONDS: i64 = 24 * 60 * 60;
/// How long before its end a certificate is worth a word.
const DAYS_MIN: i64 = 30;

/// Nothing before the first start.
pub(super) fn authority(folder: &DataFolder) -> Option<Finding> {
    let path = Authority::certificate_path(&folder.tls());
    let shown = path.display();
    let renew = format!(
        "stop the server, `rm -r {}` and start it again: it makes a new authority, whose ca.pem clients need",
        quoted(&folder.tls())
    );
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return Some(Finding::problem(CHECK, format!("{shown}: {error}"), "make it readable")),
    };
    let Some((from, until)) = validity(&text) else {
        return Some(Finding::problem(CHECK, format!("{shown} is not a certificate"), renew));
    };
    let now = SystemClock::default().unix_micros().div_euclid(1_000_000);
    let days = (until - now).div_euclid(DAY_SECONDS);
    Some(match () {
        () if now < from => Finding::problem(CHECK, format!("{shown} is not good yet: this machine's clock may be wrong"), "set the clock"),
        () if now >= until => Finding::problem(CHECK, format!("{shown} has ended"), renew),
        () if days < DAYS_MIN => Finding::warning(CHECK, format!("{shown} ends in {days} days"), renew),
        () => Finding::ok(CHECK, format!("{shown} is good for {days} days")),
    })
}

/// Both ends in seconds since 1970.
fn validity(pem: &[u8]) -> Option<(i64, i64)> {
    let (_, pem) = parse_x509_pem(pem).ok()?;
    let certificate = pem.parse_x509().ok()?;
    let validity = certificate.validity();
    Some((validity.not_before.timestamp(), validity.not_after.timestamp()))
}
