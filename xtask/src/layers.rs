//! `cargo xtask layers`: the picture in ARCHITECTURE.md, held against the manifests.

use std::path::Path;

/// Crates by layer, lowest first. A crate may depend on crates of lower layers only.
const LAYERS: &[&[&str]] = &[
    &["base", "pgtypes", "dialect"],
    &["catalog", "storage", "auth"],
    &["sql"],
    &["engine"],
    &["pgserver", "client", "control", "guide", "lint", "convert"],
    // Tools that stand on `client` alone.
    &["migrate"],
    // Same height as the server in the picture, but they stand on `client`, or on the server itself.
    &["transfer", "fleet"],
    &["mcp"],
    // Nothing depends on the testbed but tests, which may look wherever they like.
    &["cli", "conformance", "testbed"],
];

/// Edges that would go down but are still wrong: who must not know whom.
const FORBIDDEN: &[(&str, &str, &str)] = &[
    ("storage", "pgtypes", "storage has never heard of a type or an SQLSTATE"),
    ("storage", "catalog", "storage has never heard of a table"),
    ("catalog", "base", "the catalog reads no clock"),
    ("sql", "storage", "a plan depends on its inputs only"),
    ("auth", "pgtypes", "auth knows no SQLSTATE"),
    ("client", "engine", "tools reach a database over the wire only"),
    ("client", "storage", "tools reach a database over the wire only"),
    ("control", "engine", "a cluster's storage is reached through the Hosting trait"),
    ("control", "storage", "a cluster's storage is reached through the Hosting trait"),
    ("control", "pgtypes", "the API knows no SQLSTATE"),
    ("lint", "engine", "what the server refuses is the parser's, the binder's and the dialect table's to say"),
    ("migrate", "engine", "tools reach a database over the wire only"),
    ("migrate", "storage", "tools reach a database over the wire only"),
    ("migrate", "pgserver", "tools reach a database over the wire only"),
    ("mcp", "engine", "tools reach a database over the wire only"),
    ("mcp", "storage", "tools reach a database over the wire only"),
    ("mcp", "pgserver", "tools reach a database over the wire only"),
    ("convert", "engine", "text in, text out"),
    ("convert", "base", "a conversion reads no clock and no randomness"),
    ("transfer", "engine", "tools reach a database over the wire only"),
    ("transfer", "storage", "tools reach a database over the wire only"),
    ("transfer", "pgserver", "tools reach a database over the wire only"),
    ("conformance", "engine", "probes see what a client sees"),
    ("conformance", "pgserver", "probes see what a client sees"),
    ("conformance", "storage", "probes see what a client sees"),
    ("conformance", "dialect", "the table that the server answers from cannot be what its answers are held against"),
    ("pgserver", "storage", "the server knows sessions, not bytes on disk"),
];

/// Names that only one place may spell.
const SPELLED: &[(&str, &str, &str)] = &[("pg_query", "crates/sql/src/parse", "only the parser names a libpg_query type")];

/// All breaches.
pub(crate) fn check(root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    let crates = std::fs::read_dir(root.join("crates")).into_iter().flatten().flatten();
    for entry in crates {
        let name = entry.file_name().to_string_lossy().into_owned();
        let manifest = std::fs::read_to_string(entry.path().join("Cargo.toml")).unwrap_or_default();
        match layer(&name) {
            None => problems.push(format!("crates/{name}: in no layer; add it to xtask/src/layers.rs and ARCHITECTURE.md")),
            Some(layer) => problems.extend(edges(&manifest).filter_map(|edge| breach(&name, layer, &edge))),
        }
    }
    for (word, home, why) in SPELLED {
        problems.extend(spelled_elsewhere(root, word, home, why));
    }
    problems.sort();
    problems
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|crates| crates.contains(&name))
}

/// Workspace crates in a manifest's `[dependencies]` (tests may look wherever they like).
fn edges(manifest: &str) -> impl Iterator<Item = String> + '_ {
    let section = manifest.split("\n[").find(|section| section.starts_with("dependencies]")).unwrap_or_default();
    section.lines().filter_map(|line| Some(line.strip_prefix("borealis-")?.split(['.', ' ', '=']).next()?.to_owned()))
}

fn breach(name: &str, layer: usize, edge: &str) -> Option<String> {
    if let Some((_, _, why)) = FORBIDDEN.iter().find(|(from, to, _)| *from == name && *to == edge) {
        return Some(format!("crates/{name} depends on {edge}: {why}"));
    }
    let below = self::layer(edge)?;
    (below >= layer).then(|| format!("crates/{name} depends on {edge}, which is not below it"))
}

fn spelled_elsewhere(root: &Path, word: &str, home: &str, why: &str) -> Vec<String> {
    let home = root.join(home);
    let mut problems = Vec::new();
    crate::tidy::for_each_source(root, &mut |path, text| {
        // A word in prose is no use of it.
        let used = text.lines().any(|line| line.contains(&format!("{word}::")) && !line.trim_start().starts_with("//"));
        if used && !path.starts_with(&home) && !path.starts_with(root.join("xtask")) {
            problems.push(format!("{}: {why}", path.strip_prefix(root).unwrap_or(path).display()));
        }
    });
    problems
}
