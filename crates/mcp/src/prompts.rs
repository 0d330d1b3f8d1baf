//! Prompts: the workflows that people come with, as a text that tells the agent which tools to call in which order, and what can go wrong.

use rmcp::ErrorData;
use rmcp::model::{GetPromptResult, JsonObject, Prompt, PromptArgument, PromptMessage, Role};
use serde_json::Value;

use crate::service::Service;

struct Workflow {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    /// Name, meaning, and whether it must be given.
    arguments: &'static [(&'static str, &'static str, bool)],
    /// Arguments stand in it as `{name}`.
    text: &'static str,
}

const WORKFLOWS: [Workflow; 5] = [
    Workflow {
        name: "create_multi_tenant_schema",
        title: "Create a multi-tenant table",
        description: "Make a table whose rows belong to tenants, with the indexes that its queries need",
        arguments: &[
            ("table", "The table to make", true),
            ("columns", "Its columns, in words or SQL", true),
            ("query_patterns", "How it will be queried", false),
        ],
        text: include_str!("prompts/create_multi_tenant_schema.md"),
    },
    Workflow {
        name: "safe_data_migration",
        title: "Add a column and fill it",
        description: "Add a column to a table that has rows, and fill it in batches that can be resumed",
        arguments: &[
            ("table", "The table", true),
            ("column", "The new column's name and type", true),
            ("value", "What to fill it with: an expression", true),
        ],
        text: include_str!("prompts/safe_data_migration.md"),
    },
    Workflow {
        name: "referential_integrity",
        title: "Keep rows and what they refer to together",
        description: "Insert children and delete parents without leaving orphans",
        arguments: &[("parent", "The table that is referred to", true), ("child", "The table that refers to it", true)],
        text: include_str!("prompts/referential_integrity.md"),
    },
    Workflow {
        name: "tenant_isolation",
        title: "Query within one tenant",
        description: "Answer a question about one tenant's rows without touching another's",
        arguments: &[("tenant", "The tenant's id", true), ("question", "What to find out or change", true)],
        text: include_str!("prompts/tenant_isolation.md"),
    },
    Workflow {
        name: "scoped_role",
        title: "Give an application a role of its own",
        description: "Make a database role with no more rights than an application needs, and let an IAM principal use it",
        arguments: &[
            ("role", "The database role to make", true),
            ("schema", "The schema that the application works in", true),
            ("principal", "The ARN of the IAM role that will connect", true),
        ],
        text: include_str!("prompts/scoped_role.md"),
    },
];

/// The workflows that can be followed with what is offered: all but one write.
fn offered(service: &Service) -> impl Iterator<Item = &'static Workflow> {
    let (reads, writes) = (!service.targets.is_empty(), service.allows_writes());
    WORKFLOWS.iter().filter(move |workflow| writes || reads && workflow.name == "tenant_isolation")
}

pub(crate) fn list(service: &Service) -> Vec<Prompt> {
    offered(service)
        .map(|workflow| {
            let argument = |(name, description, required): &(&str, &str, bool)| {
                PromptArgument::new(*name).with_description(*description).with_required(*required)
            };
            let arguments = workflow.arguments.iter().map(argument).collect();
            Prompt::new(workflow.name, Some(workflow.description), Some(arguments)).with_title(workflow.title)
        })
        .collect()
}

pub(crate) fn get(service: &Service, name: &str, arguments: &JsonObject) -> Result<GetPromptResult, ErrorData> {
    let bad = |what: String| ErrorData::invalid_params(what, None);
    let workflow = offered(service).find(|workflow| workflow.name == name).ok_or_else(|| bad(format!("there is no prompt {name}")))?;
    let known = |given: &String| workflow.arguments.iter().any(|(name, _, _)| name == given);
    if let Some((unknown, _)) = arguments.iter().find(|(given, _)| !known(given)) {
        return Err(bad(format!("the prompt {name} has no argument {unknown}")));
    }
    let mut text = workflow.text.to_owned();
    for (argument, _, required) in workflow.arguments {
        let value = match arguments.get(*argument) {
            Some(Value::String(value)) => value.as_str(),
            Some(_) => return Err(bad(format!("{argument} is a text"))),
            None if *required => return Err(bad(format!("the prompt {name} needs the argument {argument}"))),
            None => "not known yet: ask",
        };
        text = text.replace(&format!("{{{argument}}}"), value);
    }
    Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)]).with_description(workflow.description))
}
