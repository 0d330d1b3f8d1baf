//! One JSON document.

use serde_json::{Value, json};

use super::{FileReport, count, losses};
use crate::finding::Severity;

/// Version of the document's shape.
const VERSION: u32 = 1;

pub(super) fn write(files: &[FileReport]) -> String {
    let file = |file: &FileReport| {
        let mut value = json!({ "file": file.name, "findings": file.report.findings, "applied": file.applied });
        if let Some(text) = &file.fixed {
            value["fixed"] = Value::from(text.as_str());
        }
        value
    };
    let applied: usize = files.iter().map(|file| file.applied.len()).sum();
    let summary = json!({
        "errors": count(files, Severity::Error),
        "warnings": count(files, Severity::Warning),
        "infos": count(files, Severity::Info),
        "fixed": applied,
        "fixed_with_loss": losses(files),
    });
    let document = json!({ "version": VERSION, "files": files.iter().map(file).collect::<Vec<_>>(), "summary": summary });
    format!("{document:#}\n")
}
