//! `<access key id>/<day>/<region>/<service>/aws4_request`: which key signed, and for what.

use crate::amz_date::AmzDate;
use crate::canonical;
use crate::error::AuthError;
use crate::token::is_region;

/// A credential as a token's `X-Amz-Credential` or a request's `Credential` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) access_key_id: String,
    day: String,
    pub(crate) region: String,
    pub(crate) service: String,
}

impl Credential {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        match parts.as_slice() {
            [id, day, region, service, canonical::TERMINATOR]
                if is_access_key_id(id) && is_region(day) && is_region(region) && is_region(service) =>
            {
                let [access_key_id, day, region, service] = [*id, *day, *region, *service].map(str::to_owned);
                Some(Self { access_key_id, day, region, service })
            }
            _ => None,
        }
    }

    /// Service, region and day must be ours. Without an expected region any will do.
    pub(crate) fn check(&self, signed: AmzDate, region: Option<&str>) -> Result<(), AuthError> {
        if self.service != canonical::SERVICE {
            return Err(AuthError::WrongService { service: self.service.clone() });
        }
        if let Some(expected) = region.filter(|expected| *expected != self.region) {
            return Err(AuthError::WrongRegion { region: self.region.clone(), expected: expected.to_owned() });
        }
        if self.day == signed.day() { Ok(()) } else { Err(AuthError::WrongScopeDate) }
    }
}

fn is_access_key_id(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
