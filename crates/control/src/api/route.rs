//! The sixteen operations: method, path, and what IAM calls them.

use axum::http::Method;
use percent_encoding::percent_decode_str;

use super::error::ApiError;

/// An operation of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    CreateCluster,
    GetCluster,
    UpdateCluster,
    DeleteCluster,
    ListClusters,
    PutClusterPolicy,
    GetClusterPolicy,
    DeleteClusterPolicy,
    GetVpcEndpointServiceName,
    CreateStream,
    GetStream,
    ListStreams,
    DeleteStream,
    TagResource,
    UntagResource,
    ListTagsForResource,
}

impl Operation {
    /// Its name with IAM's prefix: the permission that it needs.
    pub(crate) const fn action(self) -> &'static str {
        match self {
            Self::CreateCluster => "dsql:CreateCluster",
            Self::GetCluster => "dsql:GetCluster",
            Self::UpdateCluster => "dsql:UpdateCluster",
            Self::DeleteCluster => "dsql:DeleteCluster",
            Self::ListClusters => "dsql:ListClusters",
            Self::PutClusterPolicy => "dsql:PutClusterPolicy",
            Self::GetClusterPolicy => "dsql:GetClusterPolicy",
            Self::DeleteClusterPolicy => "dsql:DeleteClusterPolicy",
            Self::GetVpcEndpointServiceName => "dsql:GetVpcEndpointServiceName",
            Self::CreateStream => "dsql:CreateStream",
            Self::GetStream => "dsql:GetStream",
            Self::ListStreams => "dsql:ListStreams",
            Self::DeleteStream => "dsql:DeleteStream",
            Self::TagResource => "dsql:TagResource",
            Self::UntagResource => "dsql:UntagResource",
            Self::ListTagsForResource => "dsql:ListTagsForResource",
        }
    }

    /// Its name alone.
    pub(crate) fn name(self) -> &'static str {
        self.action().trim_start_matches("dsql:")
    }

    /// Whether it changes nothing, and so waits for no disk.
    pub(crate) const fn reads_only(self) -> bool {
        matches!(
            self,
            Self::GetCluster
                | Self::ListClusters
                | Self::GetClusterPolicy
                | Self::GetVpcEndpointServiceName
                | Self::GetStream
                | Self::ListStreams
                | Self::ListTagsForResource
        )
    }
}

/// A part of a path.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// This word.
    Is(&'static str),
    /// One segment, percent-decoded.
    Label,
    /// All that follows, percent-decoded: an ARN, whose slashes some clients encode and some do not.
    Rest,
}

use Part::{Is, Label, Rest};

const ROUTES: [(Method, &[Part], Operation); 16] = [
    (Method::POST, &[Is("cluster")], Operation::CreateCluster),
    (Method::GET, &[Is("cluster")], Operation::ListClusters),
    (Method::GET, &[Is("cluster"), Label], Operation::GetCluster),
    (Method::POST, &[Is("cluster"), Label], Operation::UpdateCluster),
    (Method::DELETE, &[Is("cluster"), Label], Operation::DeleteCluster),
    (Method::POST, &[Is("cluster"), Label, Is("policy")], Operation::PutClusterPolicy),
    (Method::GET, &[Is("cluster"), Label, Is("policy")], Operation::GetClusterPolicy),
    (Method::DELETE, &[Is("cluster"), Label, Is("policy")], Operation::DeleteClusterPolicy),
    (Method::GET, &[Is("clusters"), Label, Is("vpc-endpoint-service-name")], Operation::GetVpcEndpointServiceName),
    (Method::POST, &[Is("stream"), Label], Operation::CreateStream),
    (Method::GET, &[Is("stream"), Label], Operation::ListStreams),
    (Method::GET, &[Is("stream"), Label, Label], Operation::GetStream),
    (Method::DELETE, &[Is("stream"), Label, Label], Operation::DeleteStream),
    (Method::POST, &[Is("tags"), Rest], Operation::TagResource),
    (Method::DELETE, &[Is("tags"), Rest], Operation::UntagResource),
    (Method::GET, &[Is("tags"), Rest], Operation::ListTagsForResource),
];

/// The operation of a request, and the labels in its path in their order.
pub(crate) fn route(method: &Method, path: &str) -> Result<(Operation, Vec<String>), ApiError> {
    let path = path.strip_prefix('/').ok_or(ApiError::UnknownOperation)?;
    let mut known_path = false;
    for (of, parts, operation) in &ROUTES {
        let Some(labels) = labels(parts, path) else { continue };
        if of == method {
            return Ok((*operation, decode(&labels)?));
        }
        known_path = true;
    }
    Err(if known_path { ApiError::MethodNotAllowed } else { ApiError::UnknownOperation })
}

/// The labels of a path, still encoded, when it is of this form.
fn labels<'a>(parts: &[Part], path: &'a str) -> Option<Vec<&'a str>> {
    let mut labels = Vec::new();
    let mut left = Some(path);
    for part in parts {
        let path = left?;
        let (segment, rest) = path.split_once('/').map_or((path, None), |(segment, rest)| (segment, Some(rest)));
        match part {
            Is(word) if *word == segment => left = rest,
            Is(_) => return None,
            Label => {
                labels.push(segment);
                left = rest;
            }
            Rest => {
                labels.push(path);
                left = None;
            }
        }
    }
    // An empty label is a path that ends in a slash: no resource has that name.
    (left.is_none() && labels.iter().all(|label| !label.is_empty())).then_some(labels)
}

fn decode(labels: &[&str]) -> Result<Vec<String>, ApiError> {
    let decoded = labels.iter().map(|label| percent_decode_str(label).decode_utf8().map(|text| text.into_owned()));
    decoded.collect::<Result<_, _>>().map_err(|_| ApiError::cannot_parse("The path is not UTF-8."))
}
