//! What Aurora DSQL answers, statement by statement, and a runner that asks an endpoint the same.
//!
//! The knowledge is data: the files in `probes/`, in the format that [`parse`] reads and `docs/architecture/conformance.md` explains.
//! A probe is a few statements in one or more sessions and what each must answer, down to the command tag, the column names and the
//! words of an error. The runner sends them over the wire, once in the simple and once in the extended protocol, each time in a schema of
//! its own, and compares.
//!
//! Three things keep the score honest:
//!
//! - What a probe claims is backed by a recording of a real cluster or by PostgreSQL 16. A claim that is only inferred is *unproven*:
//!   run, reported with the answer, never counted as passed.
//! - A probe of something that is not built yet is there from the start and reported as *not yet*, with what the server answered. When
//!   it begins to pass it is still not counted, but named, so that somebody promotes it.
//! - A probe that cannot be set up, times out or loses its connection has failed.
//!
//! Probes run one after the other: every DDL commit makes transactions of other sessions answer OC001, so two at once would disturb
//! each other, on our server as on the service.
//!
//! What no single statement can show, the isolation of transactions that run at once, is checked on whole [histories](history).
//!
//! What this crate does not know: the engine, the dialect table, anything but the wire. So it scores our server, the real service
//! and other emulators alike.

mod admission;
pub mod compare;
pub mod differential;
pub mod history;
pub mod parse;
pub mod probe;
pub mod report;
pub mod run;
pub mod samples;
pub mod serve;

use probe::Probe;

/// The probes that come with this version, file by file.
const BUILT_IN: &[(&str, &str)] = &[
    ("environment", include_str!("../probes/environment.probe")),
    ("refused", include_str!("../probes/refused.probe")),
    ("isolation", include_str!("../probes/isolation.probe")),
    ("transactions", include_str!("../probes/transactions.probe")),
    ("conflicts", include_str!("../probes/conflicts.probe")),
    ("types", include_str!("../probes/types.probe")),
    ("sequences", include_str!("../probes/sequences.probe")),
    ("indexes", include_str!("../probes/indexes.probe")),
    ("alter_table", include_str!("../probes/alter_table.probe")),
    ("statements", include_str!("../probes/statements.probe")),
    ("views", include_str!("../probes/views.probe")),
    ("privileges", include_str!("../probes/privileges.probe")),
    ("before_august", include_str!("../probes/before_august.probe")),
    ("queries", include_str!("../probes/queries.probe")),
    ("limits", include_str!("../probes/limits.probe")),
];

/// The probes that come with this version.
///
/// # Errors
/// When one of the files does not keep to the format, which a test rules out.
pub fn built_in() -> Result<Vec<Probe>, parse::SyntaxError> {
    let mut probes = Vec::new();
    for (file, text) in BUILT_IN {
        probes.extend(parse::parse(file, text)?);
    }
    Ok(probes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::{BUILT_IN, built_in};

    #[test]
    fn every_probe_of_the_folder_is_built_in_and_keeps_to_the_format() {
        let folder = Path::new("probes");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
            .collect();
        let listed: BTreeSet<String> = BUILT_IN.iter().map(|(name, _)| format!("{name}.probe")).collect();
        assert_eq!(files, listed);
        assert!(!built_in().unwrap_or_else(|error| panic!("{error}")).is_empty());
    }
}
