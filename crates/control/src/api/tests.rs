//! Scripts of requests with the answers they must get: `tests/*.script`.
//!
//! `> POST /cluster {"tags":{"a":"b"}}` sends a request; the lines after it are the answer: status, exception, and each member of the body. An
//! identifier is written as `<1>`, `<2>`, in the order in which they come up, and a page's token as `<page 1>`. Other commands:
//!
//! | command | what it does |
//! |---|---|
//! | `> region R` | requests are for that Region from now on |
//! | `> account A policy JSON` | the caller is a user of that account with that policy |
//! | `> settle` | waits until every step that is due has been done |
//! | `> advance SECONDS` | moves the clock |
//! | `> restart` | closes the registry's folder and opens it again |
//! | `> hosting refuses`, `unavailable`, `works` | what the hosting answers from now on |
//! | `> storage` | prints which storage there is |
//! | `> open ID`, `> rest ID` | what a cluster's storage is doing |
//! | `> wake ID` | has the steward look at a cluster |
//!
//! `UPDATE_EXPECT=1` writes the answers that come into the scripts.

mod hosting;
mod properties;
mod restoring;
mod script;
mod shapes;
pub(crate) mod world;

use std::path::PathBuf;

use script::check;

#[test]
fn scripts() {
    let folder = PathBuf::from("src/api/tests");
    let mut scripts: Vec<PathBuf> = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
    scripts.retain(|path| path.extension().is_some_and(|extension| extension == "script"));
    scripts.sort();
    assert!(scripts.len() >= 9, "{scripts:?}");
    let failures: Vec<String> = scripts.iter().filter_map(|path| check(path).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
