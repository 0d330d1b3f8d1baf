//! `borealis.follow_changes`, `advance_follower`, `unfollow_changes`: from where on the cluster keeps what has changed.

use borealis_pgtypes::{Datum, Result, SqlError};

use super::{Call, wrong};

pub(super) fn cannot_be_followed() -> SqlError {
    SqlError::unsupported("changes cannot be followed here")
}

fn follower(call: &Call<'_>) -> Result<[u8; 16]> {
    match call.arg(0) {
        Datum::Uuid(follower) => Ok(*follower),
        other => Err(wrong(0, other)),
    }
}

pub(super) fn follow(call: &Call<'_>) -> Result<Datum> {
    Ok(Datum::Int8(call.facts.follow_changes(follower(call)?)?))
}

pub(super) fn advance(call: &Call<'_>) -> Result<Datum> {
    let Datum::Int8(position) = call.arg(1) else { return Err(wrong(1, call.arg(1))) };
    call.facts.advance_follower(follower(call)?, *position)?;
    Ok(Datum::text(""))
}

pub(super) fn unfollow(call: &Call<'_>) -> Result<Datum> {
    call.facts.unfollow_changes(follower(call)?)?;
    Ok(Datum::text(""))
}
