//! `dsql_search_documentation`, `dsql_read_documentation` and `dsql_recommend`: the user guide, which needs neither a database nor a network.

use borealis_guide::{HITS_MAX, LENGTH_DEFAULT};
use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::Origin;
use crate::call::Call;
use crate::failure::Failure;
use crate::registry::{Tool, reading};
use crate::service::Service;

const HITS_DEFAULT: usize = 10;
const LENGTH_MAX: usize = 100_000;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchDocumentation {
    #[schemars(description = "Search phrase to use")]
    search_phrase: String,
    #[schemars(description = "Maximum number of results to return [default: 10]", range(min = 1, max = 50))]
    #[serde(default)]
    limit: Option<usize>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Hits {
    results: Vec<Hit>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Hit {
    title: String,
    #[schemars(description = "What dsql_read_documentation takes")]
    url: String,
    snippet: String,
    #[schemars(description = "Greater is nearer; comparable within one answer only")]
    score: f32,
}

impl Tool for SearchDocumentation {
    type Output = Hits;
    const NAME: &'static str = "dsql_search_documentation";
    const TITLE: &'static str = "Search the documentation";
    const DESCRIPTION: &'static str = "Search Aurora DSQL documentation: SQL that is accepted and refused, limits, errors with causes and cures, transactions \
        and retries, access control, migration. Read what was found with dsql_read_documentation.";
    const ORIGIN: Origin = Origin::Guide;

    fn annotations(_: &Service) -> ToolAnnotations {
        reading(Self::TITLE)
    }

    async fn run(self, call: &Call) -> Result<Hits, Failure> {
        let limit = self.limit.unwrap_or(HITS_DEFAULT);
        if limit == 0 || limit > HITS_MAX {
            return Err(Failure::call(format!("limit is from 1 to {HITS_MAX}")));
        }
        let found = call.service.guide.search(&self.search_phrase, limit);
        let results = found.into_iter().map(|hit| Hit { title: hit.title, url: hit.url, snippet: hit.snippet, score: hit.score });
        Ok(Hits { results: results.collect() })
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadDocumentation {
    #[schemars(description = "Specific url to read")]
    url: String,
    #[schemars(description = "Starting character index [default: 0]")]
    #[serde(default)]
    start_index: Option<usize>,
    #[schemars(description = "Maximum number of characters to return [default: 10000]", range(min = 1, max = 100000))]
    #[serde(default)]
    max_length: Option<usize>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Extract {
    title: String,
    url: String,
    #[schemars(description = "First character of this part, from 0")]
    start_index: usize,
    #[schemars(description = "Characters of the whole page")]
    total_length: usize,
    #[schemars(description = "start_index of the next part; null when this is the last")]
    next_index: Option<usize>,
    #[schemars(description = "Markdown")]
    content: String,
}

impl Tool for ReadDocumentation {
    type Output = Extract;
    const NAME: &'static str = "dsql_read_documentation";
    const TITLE: &'static str = "Read the documentation";
    const DESCRIPTION: &'static str = "Read specific DSQL documentation pages, in parts where a page is long. A url is what dsql_search_documentation and \
        dsql_recommend return.";
    const ORIGIN: Origin = Origin::Guide;

    fn annotations(_: &Service) -> ToolAnnotations {
        reading(Self::TITLE)
    }

    async fn run(self, call: &Call) -> Result<Extract, Failure> {
        let length = self.max_length.unwrap_or(LENGTH_DEFAULT);
        if length == 0 || length > LENGTH_MAX {
            return Err(Failure::call(format!("max_length is from 1 to {LENGTH_MAX}")));
        }
        let read = call.service.guide.read(&self.url, self.start_index.unwrap_or(0), length);
        let part = read.map_err(|unknown| Failure::call(unknown.to_string()))?;
        Ok(Extract {
            title: part.title,
            url: part.url,
            start_index: part.start_index,
            total_length: part.total_length,
            next_index: part.next_index,
            content: part.content,
        })
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recommend {
    #[schemars(
        description = "URL of the documentation page to get recommendations for; or an SQLSTATE, the text of an error, or a statement"
    )]
    url: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Recommendations {
    recommendations: Vec<Recommendation>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Recommendation {
    title: String,
    #[schemars(description = "What dsql_read_documentation takes")]
    url: String,
    #[schemars(description = "What it has to do with the question, and what to do")]
    reason: String,
}

impl Tool for Recommend {
    type Output = Recommendations;
    const NAME: &'static str = "dsql_recommend";
    const TITLE: &'static str = "Recommend documentation";
    const DESCRIPTION: &'static str = "Get recommendations for DSQL best practices: what to read and do about a documentation page, an SQLSTATE such as 40001 or \
        OC000, the text of an error, or a statement that was refused.";
    const ORIGIN: Origin = Origin::Guide;

    fn annotations(_: &Service) -> ToolAnnotations {
        reading(Self::TITLE)
    }

    async fn run(self, call: &Call) -> Result<Recommendations, Failure> {
        let found = call.service.guide.recommend(&self.url);
        let recommendations = found.into_iter().map(|one| Recommendation { title: one.title, url: one.url, reason: one.reason });
        Ok(Recommendations { recommendations: recommendations.collect() })
    }
}
