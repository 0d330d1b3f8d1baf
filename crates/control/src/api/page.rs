//! Pages of a list: a page's token names the last item before the next page. It means something to this module only.

use borealis_base::Id26;
use data_encoding::BASE64URL_NOPAD;

use super::error::ApiError;

/// First byte of a token, so that one of another version is refused and never misread.
const VERSION: u8 = 1;

/// The identifier after which a page begins.
pub(crate) fn after(token: Option<&str>) -> Result<Option<Id26>, ApiError> {
    let Some(token) = token else { return Ok(None) };
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok();
    let id = bytes.as_deref().and_then(|bytes| bytes.strip_prefix(&[VERSION])).and_then(|id| id.try_into().ok());
    let message = "Value at '/nextToken' failed to satisfy constraint: Member must be the nextToken of an earlier page";
    id.map(|id| Some(Id26(id))).ok_or_else(|| ApiError::field("nextToken", message))
}

/// At most `size` of the items that come, in order of their identifiers, and the token of the next page when there is one.
pub(crate) fn page<T>(items: impl Iterator<Item = T>, size: usize, id: impl Fn(&T) -> Id26) -> (Vec<T>, Option<String>) {
    let mut page: Vec<T> = items.take(size + 1).collect();
    let more = page.len() > size;
    page.truncate(size);
    let next = page.last().filter(|_| more).map(|last| BASE64URL_NOPAD.encode(&[&[VERSION], id(last).0.as_slice()].concat()));
    (page, next)
}
