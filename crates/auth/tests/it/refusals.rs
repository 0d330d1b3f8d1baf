//! Each check, its variant and the words that the client reads.

use borealis_auth::{
    AccessKey, Action, AuthError, Expected, Malformed, TOKEN_BYTES_MAX, TokenError, TokenRequest, make_token, verify_token,
};
use borealis_base::Redacted;

use crate::support::{ARN, AT, HOST, REGION, admin_token, key, request, store, verify_at};

fn hint(token: &str, user: &str, seconds: i64) -> String {
    let error = verify_at(token, user, seconds).expect_err("a refusal");
    assert_eq!(error.message(), "unable to accept connection, access denied");
    error.hint()
}

/// A token signed for something else than [`HOST`] and [`REGION`].
fn token_for(host: &str, region: &str) -> String {
    make_token(&key(None), &TokenRequest { host, region, ..request(Action::DbConnectAdmin) }).expect("valid").expose().clone()
}

#[test]
fn a_good_token_names_its_principal() {
    let principal = verify_at(&admin_token(), "admin", 0).expect("accepted");
    let named = (principal.access_key_id.as_str(), principal.arn.to_string(), principal.region.as_str());
    assert_eq!(named, ("AKIDEXAMPLE", ARN.to_owned(), REGION));
}

#[test]
fn user_and_action_must_fit() {
    assert_eq!(hint(&admin_token(), "app_user", 0), "Wrong user to action mapping. user: app_user, action: DbConnectAdmin");
    let plain = make_token(&key(None), &request(Action::DbConnect)).expect("valid");
    assert_eq!(hint(plain.expose(), "admin", 0), "Wrong user to action mapping. user: admin, action: DbConnect");
    assert!(verify_at(plain.expose(), "app_user", 0).is_ok());
}

#[test]
fn a_token_lives_from_five_minutes_before_its_date_to_its_end() {
    let token = admin_token();
    for seconds in [-300, 0, 900] {
        assert!(verify_at(&token, "admin", seconds).is_ok(), "{seconds}");
    }
    assert_eq!(
        hint(&token, "admin", 901),
        "Signature expired: 20261122T223237Z is now earlier than 20261122T223238Z (20261122T224738Z - 15 min.)"
    );
    assert_eq!(
        hint(&token, "admin", -301),
        "Signature not yet current: 20261122T223237Z is still later than 20261122T223236Z (20261122T222736Z + 5 min.)"
    );
}

#[test]
fn a_life_of_more_than_a_week_is_refused_by_both_sides() {
    let too_long = TokenRequest { expires_in_seconds: 604_801, ..request(Action::DbConnectAdmin) };
    assert_eq!(make_token(&key(None), &too_long), Err(TokenError::ExpiresTooLong(604_801)));
    for expires in ["604801", "4294967296", "99999999999999999999"] {
        let token = admin_token().replace("X-Amz-Expires=900", &format!("X-Amz-Expires={expires}"));
        assert_eq!(hint(&token, "admin", 0), "X-Amz-Expires must be less than a week (in seconds)");
    }
}

#[test]
fn host_region_and_service_must_be_ours() {
    let other = "zzzzzzzzzzzzzzzzzzzzzzzzzz.dsql.us-east-1.on.aws";
    assert_eq!(verify_at(&token_for(other, REGION), "admin", 0), Err(AuthError::WrongHost { host: other.to_owned() }));
    assert_eq!(
        verify_at(&token_for(HOST, "eu-west-1"), "admin", 0),
        Err(AuthError::WrongRegion { region: "eu-west-1".to_owned(), expected: REGION.to_owned() })
    );
    let rds = admin_token().replace("%2Fdsql%2F", "%2Frds-db%2F");
    assert_eq!(verify_at(&rds, "admin", 0), Err(AuthError::WrongService { service: "rds-db".to_owned() }));
    let yesterday = admin_token().replace("%2F20261122%2F", "%2F20261121%2F");
    assert_eq!(verify_at(&yesterday, "admin", 0), Err(AuthError::WrongScopeDate));
}

#[test]
fn any_listed_host_will_do_and_case_is_signed_but_not_compared() {
    let upper = HOST.to_ascii_uppercase();
    let expected = Expected { hosts: &["localhost", HOST], region: REGION, user: "admin", now_unix: AT };
    for host in ["localhost", HOST, &upper, "localhost:5432"] {
        assert!(verify_token(&token_for(host, REGION), &expected, &store(&key(None))).is_ok(), "{host}");
    }
    assert_eq!(verify_at(&admin_token().replacen("abc", "ABC", 1), "admin", 0), Err(AuthError::SignatureMismatch));
}

#[test]
fn unknown_keys_and_wrong_secrets_are_told_apart_without_the_principal() {
    let unknown = admin_token().replace("AKIDEXAMPLE", "AKIDOTHER");
    assert_eq!(verify_at(&unknown, "admin", 0), Err(AuthError::UnknownKey { access_key_id: "AKIDOTHER".to_owned() }));
    let forged = AccessKey { secret: Redacted::new("guess".to_owned()), ..key(None) };
    let token = make_token(&forged, &request(Action::DbConnectAdmin)).expect("valid");
    let error = verify_at(token.expose(), "app", 0).expect_err("a refusal");
    assert_eq!(error, AuthError::SignatureMismatch);
    assert!(!error.to_string().contains(ARN));
}

#[test]
fn session_tokens_must_be_the_issued_ones() {
    let expected = Expected { hosts: &[HOST], region: REGION, user: "admin", now_unix: AT };
    let verify = |signed_with: Option<&str>, issued: Option<&str>| {
        let token = make_token(&key(signed_with), &request(Action::DbConnectAdmin)).expect("valid");
        verify_token(token.expose(), &expected, &store(&key(issued))).map(drop)
    };
    assert_eq!(verify(Some("FwoG+/="), Some("FwoG+/=")), Ok(()));
    for (signed_with, issued) in [(Some("a"), Some("b")), (Some("a"), None), (None, Some("a")), (Some(""), None)] {
        assert_eq!(verify(signed_with, issued), Err(AuthError::InvalidSecurityToken), "{signed_with:?} {issued:?}");
    }
}

#[test]
fn temporary_keys_end_whatever_the_token_says() {
    let expected = Expected { hosts: &[HOST], region: REGION, user: "admin", now_unix: AT + 60 };
    let mut keys = store(&key(None));
    keys.0.expires_unix = Some(AT + 60);
    let refusal = verify_token(&admin_token(), &expected, &keys).expect_err("a refusal");
    assert_eq!(refusal.hint(), "The security token included in the request is expired");
    keys.0.expires_unix = Some(AT + 61);
    assert!(verify_token(&admin_token(), &expected, &keys).is_ok());
}

#[test]
fn what_is_no_token_says_why() {
    let good = admin_token();
    let without = |name: &str| {
        let (authority, query) = good.split_once('?').expect("a query");
        let kept: Vec<&str> = query.split('&').filter(|part| !part.starts_with(name)).collect();
        format!("{authority}?{}", kept.join("&"))
    };
    let long = format!("{good}&x={}", "y".repeat(TOKEN_BYTES_MAX));
    for (token, what) in [
        ("", Malformed::Empty),
        (long.as_str(), Malformed::TooLong),
        ("postgres", Malformed::NotAUrl),
        ("https://host/?Action=DbConnect", Malformed::NotAUrl),
        ("/?Action=DbConnect", Malformed::NotAUrl),
        (&good.replace("us-east-1.on.aws/?", "us-east-1.on.aws/x?"), Malformed::NotAUrl),
        (&good.replace("Action=", "Action=%ff"), Malformed::Encoding),
        (&format!("{good}&Action=DbConnectAdmin"), Malformed::Repeated),
        (&without("Action"), Malformed::Missing("Action")),
        (&without("X-Amz-Algorithm"), Malformed::Missing("X-Amz-Algorithm")),
        (&without("X-Amz-Credential"), Malformed::Missing("X-Amz-Credential")),
        (&without("X-Amz-Date"), Malformed::Missing("X-Amz-Date")),
        (&without("X-Amz-Expires"), Malformed::Missing("X-Amz-Expires")),
        (&without("X-Amz-SignedHeaders"), Malformed::Missing("X-Amz-SignedHeaders")),
        (&without("X-Amz-Signature"), Malformed::Missing("X-Amz-Signature")),
        (&good.replace("DbConnectAdmin", "DbDrop"), Malformed::Value("Action")),
        (&good.replace("HMAC-SHA256", "HMAC-SHA1"), Malformed::Value("X-Amz-Algorithm")),
        (&good.replace("aws4_request", "aws5_request"), Malformed::Value("X-Amz-Credential")),
        (&good.replace("=20261122T", "=20261322T"), Malformed::Value("X-Amz-Date")),
        (&good.replace("Expires=900", "Expires=-1"), Malformed::Value("X-Amz-Expires")),
        (&good.replace("SignedHeaders=host", "SignedHeaders=host%3Bx-a"), Malformed::Value("X-Amz-SignedHeaders")),
    ] {
        assert_eq!(verify_at(token, "admin", 0), Err(AuthError::Malformed(what)), "{token}");
    }
}

#[test]
fn hosts_and_regions_that_no_token_can_carry_are_refused() {
    for host in ["", "https://x", "a/b", "a b", "a?b", "a@b"] {
        let made = make_token(&key(None), &TokenRequest { host, ..request(Action::DbConnect) });
        assert_eq!(made, Err(TokenError::Host(host.to_owned())));
    }
    for region in ["", "us/east", "us east"] {
        let made = make_token(&key(None), &TokenRequest { region, ..request(Action::DbConnect) });
        assert_eq!(made, Err(TokenError::Region(region.to_owned())));
    }
}

#[test]
fn secrets_are_not_printed() {
    let key = key(Some("session-secret"));
    let token = make_token(&key, &request(Action::DbConnect)).expect("valid");
    let printed = format!("{key:?} {token:?} {token} {:?}", store(&key).0);
    for secret in ["wJalr", "session-secret", "X-Amz-Signature"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
