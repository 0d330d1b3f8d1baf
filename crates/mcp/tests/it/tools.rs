//! What clients are told about the tools.

use borealis_mcp::Options;

use crate::support::session;

const SNAPSHOT: &str = include_str!("snapshots/tools.json");

/// With `BLESS=1` the snapshot is written anew; read the difference before committing it.
#[tokio::test]
async fn names_descriptions_and_schemas_are_as_recorded() {
    let session = session(Options::new(None)).await;
    let mut tools = session.list_all_tools().await.expect("listed");
    tools.sort_by(|one, other| one.name.cmp(&other.name));
    let listed = serde_json::to_string_pretty(&tools).expect("JSON") + "\n";
    if std::env::var_os("BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/snapshots/tools.json");
        std::fs::write(path, &listed).expect("writable");
    } else {
        assert_eq!(listed, SNAPSHOT);
    }
}

#[tokio::test]
async fn the_server_introduces_itself() {
    let session = session(Options::new(None)).await;
    let info = session.peer_info().expect("introduced");
    assert_eq!(info.server_info.as_ref().map(|server| server.name.as_str()), Some("borealis"));
    assert!(info.capabilities.tools.is_some());
}
