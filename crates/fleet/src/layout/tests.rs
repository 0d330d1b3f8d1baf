use borealis_base::{OsRandom, SeededRandom};

use super::*;

fn id(seed: u64) -> Id26 {
    Id26::random(&SeededRandom::new(seed))
}

#[test]
fn cluster_files_are_as_documented() {
    let check = |content, text: &str| {
        assert_eq!(encode(content), format!("{text}\n"));
        assert_eq!(decode(text), Ok(content));
    };
    check(Content::Unmade(Dialect::default()), r#"{"format":1,"store":"unmade","dialect":"2026-09"}"#);
    check(Content::Made, r#"{"format":1,"store":"made"}"#);
    check(Content::Retired, r#"{"format":1,"store":"retired"}"#);
    let other = "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().expect("an id");
    check(Content::Shared(other), r#"{"format":1,"store":"shared","of":"aaaaaaaaaaaaaaaaaaaaaaaaaa"}"#);
}

#[test]
fn other_cluster_files_are_refused() {
    for text in [
        "",
        "{}",
        r#"{"format":2,"store":"made"}"#,
        r#"{"format":1,"store":"half"}"#,
        r#"{"format":1,"store":"unmade"}"#,
        r#"{"format":1,"store":"unmade","dialect":"1999-01"}"#,
        r#"{"format":1,"store":"shared"}"#,
        r#"{"format":1,"store":"shared","of":"../../etc"}"#,
        r#"{"format":1,"store":"made","more":1}"#,
    ] {
        decode(text).expect_err(text);
    }
}

#[test]
fn clusters_come_and_go_whole() {
    let data = tempfile::tempdir().expect("a folder");
    let layout = Layout::open(data.path()).expect("opens");
    layout.create(id(1), Content::Unmade(Dialect::default())).expect("made");
    layout.create(id(2), Content::Shared(id(1))).expect("made");
    let mut expected = vec![(id(1), Content::Unmade(Dialect::default())), (id(2), Content::Shared(id(1)))];
    expected.sort_by_key(|(id, _)| id.to_string());
    assert_eq!(layout.list().expect("lists"), expected);
    layout.mark(id(1), Content::Made).expect("marked");
    assert_eq!(layout.content(id(1)).expect("reads"), Content::Made);
    layout.remove(id(2)).expect("removed");
    layout.remove(id(2)).expect("removing what is not there is fine");
    assert_eq!(layout.list().expect("lists"), [(id(1), Content::Made)]);
    assert_eq!(layout.default_cluster().expect("reads"), None);
    layout.set_default_cluster(Some(id(1))).expect("written");
    assert_eq!(layout.default_cluster().expect("reads"), Some(id(1)));
    layout.set_default_cluster(None).expect("removed");
    assert_eq!(layout.default_cluster().expect("reads"), None);
}

#[test]
fn the_remains_of_a_crash_are_removed_and_nothing_else() {
    let data = tempfile::tempdir().expect("a folder");
    let clusters = data.path().join("clusters");
    for name in [".new-half", ".gone-half", "somebody's", "../credentials"] {
        std::fs::create_dir_all(clusters.join(name)).expect("made");
        std::fs::write(clusters.join(name).join("file"), "x").expect("written");
    }
    let layout = Layout::open(data.path()).expect("opens");
    assert_eq!(layout.list().expect("lists"), []);
    assert_eq!(layout.names().expect("lists"), ["somebody's"]);
    assert!(data.path().join("credentials").join("file").exists());
}

#[test]
fn a_data_folder_has_one_server() {
    let data = tempfile::tempdir().expect("a folder");
    let layout = Layout::open(data.path()).expect("opens");
    let error = Layout::open(data.path()).expect_err("it is in use");
    let expected = format!(
        "data folder {} is in use by process {}; stop that server, or choose another folder with --data",
        data.path().display(),
        std::process::id()
    );
    assert_eq!(error.to_string(), expected);
    drop(layout);
    Layout::open(data.path()).expect("free again");
}

#[test]
fn a_folder_put_there_by_hand_is_a_cluster() {
    let data = tempfile::tempdir().expect("a folder");
    let cluster = Id26::random(&OsRandom);
    std::fs::create_dir_all(data.path().join("clusters").join(cluster.to_string()).join("store")).expect("made");
    let layout = Layout::open(data.path()).expect("opens");
    assert_eq!(layout.list().expect("lists"), [(cluster, Content::Made)]);
}
