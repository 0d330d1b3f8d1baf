//! The store of access keys and principals.

use std::fs;
use std::path::Path;

use borealis_auth::{
    Arn, Context, CredentialsFile, DEFAULT_PRINCIPAL_ARN, Edit, Expected, IdentityPolicy, KeyLookup, KeyStore, KeyStoreError, LiveKeyStore,
    PolicyDocument, PrincipalKind, TokenRequest, make_token, verify_token,
};
use borealis_base::SeededRandom;

use crate::support::{AT, HOST, REGION, request};

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("the test folder is writable");
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn allowing(actions: &[&str]) -> PolicyDocument {
    PolicyDocument::allowing(&texts(actions), &texts(&["*"]))
}

/// A store in a folder of its own, edited at [`AT`].
struct Store {
    folder: tempfile::TempDir,
    random: SeededRandom,
}

impl Store {
    fn new(seed: u64) -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), random: SeededRandom::new(seed) }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("credentials")
    }

    fn edit_at(&self, seconds: i64) -> Edit<'_> {
        KeyStore::edit(&self.path(), &self.random, AT + seconds).expect("readable")
    }

    fn edit(&self) -> Edit<'_> {
        self.edit_at(0)
    }

    fn load(&self) -> KeyStore {
        KeyStore::load(&self.path()).expect("readable")
    }
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).expect("exists").permissions().mode() & 0o777
}

#[test]
fn the_default_key_is_made_once_and_privately() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new/credentials");
    let random = SeededRandom::new(1);
    let key = KeyStore::create_default(&path, &random, AT).expect("made");
    assert!(key.id.starts_with("AKIA") && key.id.len() == 20, "{}", key.id);
    assert_eq!(key.secret.expose().len(), 40);
    assert_eq!(KeyStore::create_default(&path, &random, AT).expect("found"), key);
    let stored = KeyStore::load(&path).expect("readable").find(&key.id).expect("known");
    assert_eq!((stored.key, stored.principal.to_string(), stored.expires_unix), (key, DEFAULT_PRINCIPAL_ARN.to_owned(), None));
    assert_eq!(*stored.permissions, IdentityPolicy::allowing(["dsql:*"]));
    let mut files: Vec<_> = fs::read_dir(folder.path().join("new")).expect("a folder").map(|file| file.expect("a file").path()).collect();
    files.sort();
    assert_eq!(files, [path.clone(), path.with_extension("lock")], "no file is left beside");
    #[cfg(unix)]
    assert_eq!(files.iter().map(|file| mode(file)).collect::<Vec<_>>(), [0o600, 0o600]);
}

#[test]
fn users_are_made_and_removed_with_all_else_kept() {
    let store = Store::new(2);
    let before = "# mine\n[other]\nregion = x\n";
    write(&store.path(), before);
    let mut edit = store.edit();
    let key = edit.create_user("app", &allowing(&["dsql:DbConnect"])).expect("added");
    for (name, refusal) in [("app", "there is a profile [app] already"), ("other", "there is a profile [other] already")] {
        assert_eq!(edit.create_user(name, &allowing(&["dsql:*"])).expect_err("refused").to_string(), refusal);
    }
    for name in ["", "a]b", "a/b", "a b", "ü", &"x".repeat(65)] {
        assert!(matches!(edit.create_user(name, &allowing(&["dsql:*"])), Err(KeyStoreError::Name(_))), "{name}");
    }
    let stored = store.load().find(&key.id).expect("known");
    assert_eq!(stored.principal.to_string(), "arn:aws:iam::000000000000:user/app");
    assert_eq!(*stored.permissions, IdentityPolicy::allowing(["dsql:DbConnect"]));
    edit.delete(PrincipalKind::User, "app").expect("removed");
    for name in ["app", "other"] {
        let refusal = edit.delete(PrincipalKind::User, name).expect_err("nothing to remove");
        assert_eq!(refusal.to_string(), format!("The user with name {name} cannot be found."));
    }
    assert_eq!(edit.store().find(&key.id), None);
    assert_eq!(fs::read_to_string(store.path()).expect("readable").trim_end(), before.trim_end());
}

#[test]
fn a_rotated_key_works_until_its_grace_is_over() {
    let store = Store::new(3);
    let first = store.edit().create_user("app", &allowing(&["dsql:DbConnect"])).expect("made");
    let second = store.edit().rotate("app", Some(AT + 60)).expect("rotated");
    let loaded = store.load();
    let (old, new) = (loaded.find(&first.id).expect("kept"), loaded.find(&second.id).expect("known"));
    assert_eq!((old.expires_unix, new.expires_unix), (Some(AT + 60), None));
    assert_eq!((old.principal, old.permissions), (new.principal, new.permissions));
    let third = store.edit().rotate("app", None).expect("rotated");
    assert_eq!((store.load().find(&second.id), store.load().find(&third.id).is_some()), (None, true));
    // Some time after its end the first is forgotten, at the next edit.
    store.edit_at(60 + 3_600).create_user("b", &allowing(&[])).expect("made");
    assert!(store.load().find(&first.id).is_some());
    store.edit_at(60 + 3_601).create_user("c", &allowing(&[])).expect("made");
    assert_eq!(store.load().find(&first.id), None);
}

#[test]
fn permissions_are_granted_and_revoked_per_cluster() {
    let store = Store::new(4);
    let key = store.edit().create_user("app", &allowing(&["dsql:DbConnect"])).expect("made");
    let one = texts(&["arn:aws:dsql:*:000000000000:cluster/abc"]);
    let mut edit = store.edit();
    edit.change_permissions(PrincipalKind::User, "app", |document| {
        document.allow(&texts(&["dsql:Get*"]), &one);
        document.allow(&texts(&["dsql:UpdateCluster"]), &one);
        Ok(())
    })
    .expect("granted");
    let may = |action: &str, cluster: &str| {
        let stored = store.load().find(&key.id).expect("known");
        let resource = Arn::cluster("us-east-1", "000000000000", cluster);
        let principal = borealis_auth::Principal {
            access_key_id: key.id.clone(),
            arn: stored.principal,
            session_name: None,
            region: REGION.to_owned(),
            permissions: stored.permissions,
        };
        principal.authorize(action, &resource, None, &Context::new()).is_ok()
    };
    assert!(may("dsql:DbConnect", "x") && may("dsql:GetCluster", "abc") && !may("dsql:GetCluster", "x"));
    let mut revoke = |action: &str, on: Option<&[String]>| {
        let changed = edit.change_permissions(PrincipalKind::User, "app", |document| {
            document.withdraw(&texts(&[action]), on).map_err(KeyStoreError::Withdraw)
        });
        changed.map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(
        revoke("dsql:GetCluster", None).expect_err("refused"),
        "dsql:GetCluster is granted by dsql:Get*; revoke that and grant what is to remain"
    );
    assert_eq!(revoke("dsql:DbConnect", Some(&one)).expect_err("refused"), "dsql:DbConnect is not granted there");
    assert_eq!(revoke("dsql:get*", Some(&one)), Ok(()));
    assert!(!may("dsql:GetCluster", "abc") && may("dsql:UpdateCluster", "abc"));
    assert_eq!(revoke("dsql:UpdateCluster", None), Ok(()));
    assert_eq!(revoke("dsql:DbConnect", None), Ok(()));
    assert!(!may("dsql:DbConnect", "x"));
    assert!(fs::read_to_string(store.path()).expect("readable").contains("x_allowed_actions = \n"), "nothing is allowed, and it says so");
}

#[test]
fn a_role_is_assumed_by_whom_it_trusts_for_a_while() {
    let store = Store::new(5);
    let (root, app): (Arn, Arn) = ("arn:aws:iam::000000000000:root".parse().expect("an ARN"), Arn::user("000000000000", "app"));
    let mut edit = store.edit();
    edit.create_user("app", &allowing(&[])).expect("made");
    edit.create_user("other", &allowing(&[])).expect("made");
    let arn = edit.create_role("reporting", &allowing(&["dsql:DbConnect"]), &[app]).expect("made");
    edit.create_role("open", &allowing(&["dsql:DbConnect"]), &[root]).expect("made");
    let refusal = edit.assume("reporting", "other", "s", 3_600).expect_err("refused").to_string();
    assert_eq!(
        refusal,
        format!("User: arn:aws:iam::000000000000:user/other is not authorized to perform: sts:AssumeRole on resource: {arn}")
    );
    assert!(edit.assume("open", "other", "s", 900).is_ok());
    for seconds in [899, 43_201] {
        assert!(matches!(edit.assume("open", "other", "s", seconds), Err(KeyStoreError::SessionSeconds(_))));
    }
    for (role, source) in [("nobody", "app"), ("open", "nobody")] {
        assert!(matches!(edit.assume(role, source, "s", 900), Err(KeyStoreError::NoSuch { .. })), "{role} {source}");
    }
    let (key, end) = edit.assume("reporting", "app", "nightly", 3_600).expect("assumed");
    assert_eq!(end.iso(), "2026-11-22T23:32:37Z");
    assert!(key.id.starts_with("ASIA"), "{}", key.id);
    let token = make_token(&key, &TokenRequest { at: AT + 3_000, ..request(borealis_auth::Action::DbConnect) }).expect("valid");
    let verify = |seconds: i64| {
        let expected = Expected { hosts: &[HOST], region: REGION, user: "app", now_unix: AT + seconds };
        verify_token(token.expose(), &expected, &store.load())
    };
    let principal = verify(3_599).expect("accepted");
    assert_eq!(principal.arn, arn);
    assert_eq!(principal.caller_arn().to_string(), "arn:aws:sts::000000000000:assumed-role/reporting/nightly");
    assert!(principal.authorize("dsql:DbConnect", &Arn::cluster(REGION, "000000000000", "x"), None, &Context::new()).is_ok());
    assert_eq!(verify(3_600).expect_err("refused").hint(), "The security token included in the request is expired");
    edit.delete(PrincipalKind::Role, "reporting").expect("removed");
    assert_eq!(store.load().find(&key.id), None, "its sessions go with the role");
}

#[test]
fn what_a_role_may_do_counts_for_the_sessions_it_has() {
    let store = Store::new(6);
    let mut edit = store.edit();
    edit.create_user("app", &allowing(&[])).expect("made");
    edit.create_role("r", &allowing(&[]), &["arn:aws:iam::000000000000:root".parse().expect("an ARN")]).expect("made");
    let (key, _) = edit.assume("r", "app", "s", 900).expect("assumed");
    let permissions = || store.load().find(&key.id).expect("known").permissions;
    assert_eq!(*permissions(), IdentityPolicy::default());
    edit.change_permissions(PrincipalKind::Role, "r", |document| {
        document.allow(&texts(&["dsql:DbConnect"]), &texts(&["*"]));
        Ok(())
    })
    .expect("granted");
    assert_eq!(*permissions(), IdentityPolicy::allowing(["dsql:DbConnect"]));
}

#[test]
fn edits_by_many_at_once_are_all_kept() {
    let store = Store::new(7);
    let path = store.path();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let random = SeededRandom::new(100 + thread);
                for number in 0..5 {
                    let mut edit = KeyStore::edit(path, &random, AT).expect("readable");
                    edit.create_user(&format!("u{thread}-{number}"), &allowing(&["dsql:DbConnect"])).expect("made");
                }
            });
        }
    });
    assert_eq!(store.load().entries().count(), 20);
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
    let refused = KeyStore::create_default(&path, &SeededRandom::new(3), AT);
    assert!(matches!(refused, Err(KeyStoreError::NoKey { .. })), "{refused:?}");
    assert_eq!(fs::read_to_string(&path).expect("readable"), "[borealis]\nregion = local\n");
}

#[test]
fn a_live_store_follows_its_file() {
    let store = Store::new(8);
    let first = KeyStore::create_default(&store.path(), &store.random, AT).expect("made");
    let live = LiveKeyStore::load(&store.path()).expect("readable");
    let second = store.edit().create_user("second", &allowing(&["dsql:DbConnect"])).expect("added");
    assert!(live.find(&second.id).is_some());
    store.edit().delete(PrincipalKind::User, "borealis").expect("removed");
    assert_eq!(live.find(&first.id), None, "a removed key stops working at once");
    write(&store.path(), "half a li");
    assert!(live.find(&second.id).is_some(), "a broken file locks nobody out");
}
