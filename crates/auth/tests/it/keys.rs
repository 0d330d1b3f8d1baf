//! The store of access keys.

use std::fs;
use std::path::Path;

use borealis_auth::{CredentialsFile, DEFAULT_PRINCIPAL_ARN, IdentityPolicy, KeyLookup, KeyStore, KeyStoreError, LiveKeyStore};
use borealis_base::SeededRandom;

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("the test folder is writable");
}

#[test]
fn the_default_key_is_made_once_and_privately() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new/credentials");
    let random = SeededRandom::new(1);
    let key = KeyStore::create_default(&path, &random).expect("made");
    assert!(key.id.starts_with("AKIA") && key.id.len() == 20, "{}", key.id);
    assert_eq!(key.secret.expose().len(), 40);
    assert_eq!(KeyStore::create_default(&path, &random).expect("found"), key);
    let stored = KeyStore::load(&path).expect("readable").find(&key.id).expect("known");
    assert_eq!((stored.key, stored.principal.to_string(), stored.expires_unix), (key, DEFAULT_PRINCIPAL_ARN.to_owned(), None));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).expect("exists").permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::read_dir(folder.path().join("new")).expect("a folder").count(), 1, "no file is left beside");
}

#[test]
fn keys_are_added_and_removed_with_all_else_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("credentials");
    let before = "# mine\n[other]\nregion = x\n";
    write(&path, before);
    let random = SeededRandom::new(2);
    let mut store = KeyStore::load(&path).expect("readable");
    let key = store.add("app", "arn:aws:iam::000000000000:role/app", &["dsql:DbConnect"], &random).expect("added");
    assert!(matches!(store.add("app", "x", &[], &random), Err(KeyStoreError::ProfileExists(_))));
    assert!(matches!(store.add("a]b", "x", &[], &random), Err(KeyStoreError::Name(_))));
    assert!(matches!(store.add("b", "x\ny", &[], &random), Err(KeyStoreError::Name(_))));
    assert!(matches!(store.add("other", "x", &[], &random), Err(KeyStoreError::ProfileExists(_))));
    let stored = KeyStore::load(&path).expect("readable").find(&key.id).expect("known");
    assert_eq!(*stored.permissions, IdentityPolicy::allowing(["dsql:DbConnect"]));
    assert!(store.remove("app", &random).expect("removed"));
    assert!(!store.remove("app", &random).expect("nothing to remove"));
    assert_eq!(store.find(&key.id), None);
    assert_eq!(fs::read_to_string(&path).expect("readable").trim_end(), before.trim_end());
}

#[test]
fn settings_of_ours_are_read_or_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("credentials");
    let key = "[p]\naws_access_key_id = A1\nAWS_SECRET_ACCESS_KEY = s=1\n";
    write(&path, &format!("{key}x_security_token_expires = 2026-11-22T22:32:37+00:00\nx_allowed_actions = dsql:DbConnectAdmin\n"));
    let stored = KeyStore::load(&path).expect("readable").find("A1").expect("known");
    assert_eq!(stored.expires_unix, Some(1_795_386_757));
    assert_eq!(*stored.permissions, IdentityPolicy::allowing(["dsql:DbConnectAdmin"]));
    assert_eq!(stored.key.secret.expose(), "s=1");
    assert_eq!(stored.principal.to_string(), "arn:aws:iam::000000000000:user/p");
    for (line, setting) in [
        ("x_security_token_expires = soon", "x_security_token_expires"),
        ("x_allowed_actions = all", "x_allowed_actions"),
        ("x_allowed_actions = s3:Get*", "x_allowed_actions"),
        ("x_principal_arn = app", "x_principal_arn"),
        ("x_policy = {}", "x_policy"),
    ] {
        write(&path, &format!("{key}{line}\n"));
        let error = KeyStore::load(&path).expect_err("refused").to_string();
        assert!(error.ends_with(&format!("profile [p]: {setting} has an invalid value")), "{error}");
    }
}

#[test]
fn a_broken_line_is_named_but_not_shown() {
    let error = CredentialsFile::parse("[a]\nx = 1\nsecret-without-equals\n").expect_err("refused");
    assert_eq!(error.to_string(), "line 3: expected [profile], key = value or a comment");
    assert!(CredentialsFile::parse("x = 1\n").is_err(), "a setting needs a profile");
    let file = CredentialsFile::parse("[a]\nx = 1\n[b]\nx = 2\n[a]\nx = 3\n; end").expect("readable");
    assert_eq!(file.profile("a").and_then(|profile| profile.get("x")), Some("3"));
    assert_eq!(file.profile("b").and_then(|profile| profile.get("x")), Some("2"));
    assert!(!format!("{file:?}").contains('3'), "values may be secrets");
}

#[test]
fn a_profile_without_a_key_is_never_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("credentials");
    write(&path, "[borealis]\nregion = local\n");
    let refused = KeyStore::create_default(&path, &SeededRandom::new(3));
    assert!(matches!(refused, Err(KeyStoreError::NoKey { .. })), "{refused:?}");
    assert_eq!(fs::read_to_string(&path).expect("readable"), "[borealis]\nregion = local\n");
}

#[test]
fn a_live_store_follows_its_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("credentials");
    let random = SeededRandom::new(4);
    let first = KeyStore::create_default(&path, &random).expect("made");
    let live = LiveKeyStore::load(&path).expect("readable");
    let mut writer = KeyStore::load(&path).expect("readable");
    let second = writer.add("second", "arn:aws:iam::000000000000:user/second", &["dsql:DbConnect"], &random).expect("added");
    assert!(live.find(&second.id).is_some());
    assert!(writer.remove("borealis", &random).expect("removed"));
    assert_eq!(live.find(&first.id), None, "a removed key stops working at once");
    write(&path, "half a li");
    assert!(live.find(&second.id).is_some(), "a broken file locks nobody out");
}
