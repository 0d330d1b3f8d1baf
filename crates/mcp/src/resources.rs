//! Resources: the pages of the guide, under `borealis://guide/PAGE`, and the description of each table, under `borealis://TARGET/tables/SCHEMA/TABLE`.

use borealis_pgtypes::functions::compose::quote_identifier;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rmcp::ErrorData;
use rmcp::model::{ReadResourceResult, Resource, ResourceContents, ResourceTemplate};
use serde_json::json;

use crate::answer::{self, NOTICE};
use crate::call::Call;
use crate::failure::Failure;
use crate::service::Service;
use crate::tools::{describe, tables};

const JSON: &str = "application/json";
const MARKDOWN: &str = "text/markdown";

pub(crate) async fn list(mut call: Call) -> Result<Vec<Resource>, ErrorData> {
    let page = |page: &borealis_guide::Page| Resource::new(page.address(), page.title).with_mime_type(MARKDOWN);
    let mut resources: Vec<Resource> = call.service.guide.pages().iter().map(page).collect();
    let targets: Vec<String> = call.service.target_names().into_iter().map(str::to_owned).collect();
    for target in targets {
        call.choose_target(Some(json!(target))).map_err(error)?;
        for table in tables(&call, None).await.map_err(error)?.tables {
            let uri = format!("borealis://{}/tables/{}/{}", encoded(&target), encoded(&table.schema), encoded(&table.table));
            let name = format!("{}.{}", table.schema, table.table);
            let described = format!("Columns, keys, indexes, constraints and sizes of {} {name} of {target}", table.kind);
            resources.push(Resource::new(uri, name).with_description(described).with_mime_type(JSON));
        }
    }
    Ok(resources)
}

pub(crate) fn templates(service: &Service) -> Vec<ResourceTemplate> {
    if service.targets.is_empty() {
        return Vec::new();
    }
    let described =
        format!("Columns, keys, indexes, constraints and sizes of a table; target is one of: {}", service.target_names().join(", "));
    vec![ResourceTemplate::new("borealis://{target}/tables/{schema}/{table}", "table").with_description(described).with_mime_type(JSON)]
}

pub(crate) async fn read(mut call: Call, uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let unknown = || {
        ErrorData::resource_not_found(
            format!("no resource {uri}; they are named borealis://guide/PAGE and borealis://TARGET/tables/SCHEMA/TABLE"),
            None,
        )
    };
    let path = uri.strip_prefix("borealis://").ok_or_else(unknown)?;
    if let Some((page, None)) = call.service.guide.resolve(uri) {
        return Ok(ReadResourceResult::new(vec![ResourceContents::text(page.text, uri).with_mime_type(MARKDOWN)]));
    }
    let parts: Vec<String> = path.split('/').map(decoded).collect::<Option<_>>().ok_or_else(unknown)?;
    let [target, kind, schema, table] = parts.as_slice() else { return Err(unknown()) };
    if kind != "tables" {
        return Err(unknown());
    }
    call.choose_target(Some(json!(target))).map_err(error)?;
    let described = describe(&call, &format!("{}.{}", quote_identifier(schema), quote_identifier(table))).await.map_err(error)?;
    let mut document = answer::value(&described);
    document["notice"] = json!(NOTICE);
    Ok(ReadResourceResult::new(vec![ResourceContents::text(document.to_string(), uri).with_mime_type(JSON)]))
}

fn error(failure: Failure) -> ErrorData {
    ErrorData::resource_not_found(failure.text().to_owned(), None)
}

fn encoded(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string().replace("%5F", "_").replace("%2D", "-")
}

fn decoded(part: &str) -> Option<String> {
    percent_decode_str(part).decode_utf8().ok().map(|text| text.into_owned())
}
