use borealis_base::SeededRandom;

use super::*;

const SECRET: &str = "correct horse battery";

fn id(text: &str) -> Id26 {
    text.parse().expect("an id")
}

struct Rig {
    folder: tempfile::TempDir,
    random: SeededRandom,
}

impl Rig {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), random: SeededRandom::new(7) }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("passwords.json")
    }

    fn set(&self, role: &str, password: Option<&str>) -> Result<bool, PasswordError> {
        let password = password.map(|password| Redacted::new(password.to_owned()));
        Passwords::set(&self.path(), id("aaaaaaaaaaaaaaaaaaaaaaaaaa"), role, password.as_ref(), &self.random)
    }
}

#[test]
fn a_password_belongs_to_one_role_of_one_cluster_and_leaves_when_told_to() {
    let rig = Rig::new();
    let live = LivePasswords::load(&rig.path()).expect("no file is no passwords");
    assert!(!rig.set("app", Some(SECRET)).expect("set"));
    let passwords = live.get();
    assert!(passwords.verifier(id("aaaaaaaaaaaaaaaaaaaaaaaaaa"), "app").is_some(), "it counts at once");
    assert!(passwords.verifier(id("aaaaaaaaaaaaaaaaaaaaaaaaaa"), "App").is_none());
    assert!(passwords.verifier(id("baaaaaaaaaaaaaaaaaaaaaaaaa"), "app").is_none());
    assert!(rig.set("app", Some("another one of them")).expect("replaced"));
    assert_ne!(live.get().verifier(id("aaaaaaaaaaaaaaaaaaaaaaaaaa"), "app"), passwords.verifier(id("aaaaaaaaaaaaaaaaaaaaaaaaaa"), "app"));
    assert!(rig.set("app", None).expect("taken away"));
    assert!(!rig.set("app", None).expect("there is none"));
    assert_eq!(live.get().entries().count(), 0);
}

#[test]
fn the_file_holds_no_password_and_is_its_owners_only() {
    let rig = Rig::new();
    rig.set("app", Some(SECRET)).expect("set");
    let text = fs::read_to_string(rig.path()).expect("a file");
    assert!(!text.contains(SECRET) && text.contains("SCRAM-SHA-256$4096:"), "{text}");
    #[cfg(unix)]
    for file in [rig.path(), rig.path().with_extension("lock")] {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).expect("there").permissions());
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
    assert_eq!(format!("{:?}", Passwords::load(&rig.path()).expect("reads")).matches("redacted").count(), 1);
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let rig = Rig::new();
    assert!(matches!(rig.set("app", Some("elevenchars")), Err(PasswordError::TooShort)));
    assert!(!rig.path().exists());
    rig.set("app", Some(SECRET)).expect("set");
    let live = LivePasswords::load(&rig.path()).expect("reads");
    for damaged in ["", "{}", "{\"version\": 2, \"passwords\": []}", "{\"version\": 1, \"passwords\": [{\"cluster\": \"x\"}]}"] {
        fs::write(rig.path(), damaged).expect("written");
        assert!(matches!(Passwords::load(&rig.path()), Err(PasswordError::Form { .. })), "{damaged}");
        assert!(matches!(rig.set("other", Some(SECRET)), Err(PasswordError::Form { .. })), "{damaged}");
        assert_eq!(live.get().entries().count(), 1, "what was read last stays");
    }
}
