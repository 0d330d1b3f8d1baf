use std::io::{Read as _, Write as _};
use std::path::Path;

use super::{DumpFile, GzipLevel};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_has_its_name_once_it_is_complete() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("d.sql");
    std::fs::write(&path, "before").expect("a file");
    let mut file = DumpFile::create(Some(&path), None).expect("made");
    file.write_all(b"half").and_then(|()| file.flush()).expect("written");
    assert_eq!(std::fs::read(&path).expect("there"), b"before");
    assert!(names(folder.path()).iter().any(|name| name.starts_with(".d.sql") && name.ends_with(".partial")));
    drop(file);
    assert_eq!((names(folder.path()), std::fs::read(&path).expect("there")), (vec!["d.sql".to_owned()], b"before".to_vec()));
    let mut file = DumpFile::create(Some(&path), None).expect("made");
    file.write_all(b"whole").expect("written");
    file.finish().expect("named");
    assert_eq!((names(folder.path()), std::fs::read(&path).expect("there")), (vec!["d.sql".to_owned()], b"whole".to_vec()));
}

#[test]
fn gzip_can_be_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("d.sql.gz");
    for level in [1, 9] {
        let mut file = DumpFile::create(Some(&path), GzipLevel::new(level)).expect("made");
        for _ in 0..1_000 {
            file.write_all(b"the same again\n").and_then(|()| file.flush()).expect("written");
        }
        file.finish().expect("named");
        let bytes = std::fs::read(&path).expect("there");
        assert!(bytes.len() < 500, "{}", bytes.len());
        let mut text = String::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).expect("gzip");
        assert_eq!(text, "the same again\n".repeat(1_000));
    }
    assert_eq!((GzipLevel::new(0), GzipLevel::new(10)), (None, None));
}

#[cfg(unix)]
#[test]
fn links_stay_and_folders_are_no_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, link) = (folder.path().join("d.sql"), folder.path().join("link.sql"));
    std::fs::write(&path, "before").expect("a file");
    std::os::unix::fs::symlink(&path, &link).expect("a link");
    let mut file = DumpFile::create(Some(&link), None).expect("made");
    file.write_all(b"through").expect("written");
    file.finish().expect("named");
    assert_eq!(std::fs::read(&path).expect("there"), b"through");
    assert!(std::fs::symlink_metadata(&link).expect("there").is_symlink());
    assert!(DumpFile::create(Some(folder.path()), None).is_err());
    let mut nowhere = DumpFile::create(Some(Path::new("/dev/null")), None).expect("a device is written to as it is");
    nowhere.write_all(b"x").expect("written");
    nowhere.finish().expect("closed");
}
