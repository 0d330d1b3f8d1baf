//! The skill for coding agents: the guide, configuration and scripts as files of the form that such agents read.
//!
//! Everything comes from the guide's pages; nothing is written twice. This module says which files there are and what is in them; the
//! command line puts them into a folder.

use std::fmt::Write as _;

use serde_json::json;

use crate::{Guide, Page};

/// Name of the skill, and of its folder.
pub const NAME: &str = "borealis-dsql";

/// Agents that read skills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agent {
    /// Claude Code.
    Claude,
    /// Codex.
    Codex,
    /// Gemini CLI.
    Gemini,
    /// Kiro.
    Kiro,
}

impl Agent {
    /// The folder of skills, below the home folder.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::Claude => ".claude/skills",
            Self::Codex => ".codex/skills",
            Self::Gemini => ".gemini/skills",
            Self::Kiro => ".kiro/skills",
        }
    }
}

/// A file of the skill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Relative to the skill's folder, with `/`.
    pub path: String,
    /// Its text.
    pub content: String,
    /// Whether it can be run.
    pub is_script: bool,
}

/// Name, what it does, the command it stands for.
const SCRIPTS: [(&str, &str, &str); 5] = [
    ("create-cluster.sh", "Creates a cluster: --region R, --tags K=V,K=V, --created-by ID, --wait, --json.", "borealis cluster create"),
    ("delete-cluster.sh", "Deletes a cluster and all its data: CLUSTER, --region R, --force, --wait, --json.", "borealis cluster delete"),
    ("list-clusters.sh", "Lists clusters with their status and endpoint: --region R, --json.", "borealis cluster list"),
    ("cluster-info.sh", "Shows a cluster: CLUSTER, --region R, --json.", "borealis cluster info"),
    ("psql-connect.sh", "Opens a session or runs -c SQL; $CLUSTER and $REGION, or --endpoint E, --region R, --user U.", "borealis sql"),
];

/// All files, for one agent.
#[must_use]
pub fn files(guide: &Guide, agent: Agent) -> Vec<File> {
    let text = |path: &str, content: String| File { path: path.to_owned(), content, is_script: false };
    let mut files = vec![text("SKILL.md", skill_page(guide))];
    files.extend(guide.pages().iter().map(|page| text(&format!("references/{}.md", page.id), page.text.to_owned())));
    files.extend(configuration(agent));
    files.extend(SCRIPTS.iter().map(|(name, what, command)| File {
        path: format!("scripts/{name}"),
        content: format!("#!/bin/sh\n# {what}\nexec {command} \"$@\"\n"),
        is_script: true,
    }));
    files
}

/// How the agent starts the MCP server, without a database and with one.
fn configuration(agent: Agent) -> [File; 2] {
    let docs: &[&str] = &["mcp", "--docs-only"];
    let database: &[&str] = &["mcp", "--allow-writes"];
    let (ending, form): (&str, fn(&str, &[&str]) -> String) = if agent == Agent::Codex { ("toml", as_toml) } else { ("json", as_json) };
    let file = |name: &str, content| File { path: format!("mcp/{name}.{ending}"), content, is_script: false };
    [file("docs-only", form("borealis-docs", docs)), file("database", form("borealis", database))]
}

fn as_json(name: &str, arguments: &[&str]) -> String {
    format!("{:#}\n", json!({ "mcpServers": { name: { "command": "borealis", "args": arguments } } }))
}

fn as_toml(name: &str, arguments: &[&str]) -> String {
    format!("[mcp_servers.{name}]\ncommand = \"borealis\"\nargs = {}\n", json!(arguments))
}

const HEAD: &str = "\
Build on Borealis and Aurora DSQL: PostgreSQL-compatible databases with lock-free optimistic concurrency. `borealis` is one binary; `borealis serve` starts a
local cluster that answers as the service does, so try things out there.

## Rules that hold everywhere

- One DDL statement per transaction, and no data changes beside it.
- `CREATE INDEX ASYNC`, then `CALL sys.wait_for_job('<job_id>')`.
- At most 3,000 changed rows per transaction; do more in batches.
- COMMIT may answer 40001: run the whole transaction again.
- Pass values as parameters. With tenants, `tenant_id` in every table and every WHERE.
- Ask a person before DROP, and before DELETE or UPDATE without WHERE.
- When something is refused, ask `borealis docs recommend 'MESSAGE OR STATEMENT'` or the tool `dsql_recommend`.
";

fn skill_page(guide: &Guide) -> String {
    let mut text = format!(
        "---\nname: {NAME}\ndescription: \"Build with Borealis and Aurora DSQL: schemas, migrations, transactions and retries, multi-tenant \
         patterns, access control, MySQL and PostgreSQL migration, troubleshooting. Use for DSQL, Aurora DSQL, Borealis, or a \
         PostgreSQL-compatible database that answers 40001 at COMMIT.\"\n---\n\n# Borealis and Aurora DSQL\n\n{HEAD}"
    );
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(text, "\n## Reference\n\nLoad a file when its subject comes up:\n");
    for page in guide.pages() {
        let _ = writeln!(text, "- [{}](references/{}.md): {}", page.title, page.id, first_sentence(&page.summary));
    }
    text.push_str(
        "\n## Connecting an agent\n\nFiles in `mcp/` start the MCP server: `docs-only` reads the guide and needs no database; `database` may \
         write to the local cluster. For another cluster add `--endpoint HOST --user ROLE`.\n\n## Scripts\n\n",
    );
    for (name, what, command) in SCRIPTS {
        let _ = writeln!(text, "- [{name}](scripts/{name}) (`{command}`): {what}");
    }
    if let Some(page) = guide.page("workflows") {
        text.push('\n');
        text.push_str(&workflows(page));
    }
    text
}

/// The page's sections but the last, with links that start from the skill's folder.
fn workflows(page: &Page) -> String {
    let sections = page.sections.iter().filter(|section| !section.id.is_empty() && section.id != "see-also");
    let text: String = sections.map(|section| page.section_text(section)).collect();
    let mut rest = text.as_str();
    let mut linked = String::with_capacity(text.len());
    while let Some((before, after)) = rest.split_once("](") {
        linked.push_str(before);
        linked.push_str(if after.starts_with('#') || after.contains("://") && after.find("://") < after.find(')') {
            "]("
        } else {
            "](references/"
        });
        rest = after;
    }
    linked.push_str(rest);
    linked
}

fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |at| &text[..=at])
}
