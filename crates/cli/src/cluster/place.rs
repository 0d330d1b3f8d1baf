//! Which control plane a command calls, and for which cluster.

use std::path::PathBuf;

use borealis_client::{ApiError, ControlPlane, CredentialsSource, Roots};
use clap::Args;

use super::view::View;
use crate::data_folder::{DataFolder, ServerFile};
use crate::{Failure, Usage, local_key};

/// Letters and digits in a cluster's identifier.
const IDENTIFIER_LENGTH: usize = 26;

/// Which control plane a command calls.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Region [default: the local server's, else $AWS_REGION]
    #[arg(long)]
    region: Option<String>,
    /// Control plane to call [default: $AWS_ENDPOINT_URL_DSQL, else the local server's, else the real service's]
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
    /// Call the real service, even while a local server runs
    #[arg(long, conflicts_with = "endpoint_url")]
    aws: bool,
    /// Data folder of the local server
    #[arg(long, value_name = "DIR", env = "BOREALIS_DATA")]
    data: Option<PathBuf>,
}

/// The cluster a command is about.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The cluster: its identifier, endpoint or ARN
    #[arg(value_name = "CLUSTER", env = "CLUSTER")]
    cluster: String,
}

impl Which {
    /// The identifier in what was given.
    pub(crate) fn identifier(&self) -> Result<&str, Failure> {
        let given = self.cluster.as_str();
        let name = given.rsplit_once(":cluster/").map_or(given, |(_, id)| id).split(['.', ':']).next().unwrap_or_default();
        if name.len() == IDENTIFIER_LENGTH && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
            return Ok(name);
        }
        Err(Usage::because(format!("'{given}' is not a cluster: expected an identifier of 26 letters and digits, an endpoint or an ARN")))
    }
}

/// A control plane that can be called.
pub(crate) struct Api {
    pub(crate) client: aws_sdk_dsql::Client,
    pub(crate) region: String,
    address: String,
}

impl Api {
    pub(crate) async fn open(place: &Place) -> Result<Self, Failure> {
        let plane = place.control_plane()?;
        Ok(Self { client: plane.client().await?, address: plane.address_text(), region: plane.region })
    }

    /// One cluster as it is now.
    pub(crate) async fn get(&self, identifier: &str) -> Result<View, ApiError> {
        let cluster = self.client.get_cluster().identifier(identifier).send().await.map_err(ApiError::read)?;
        Ok(View::of(cluster, &self.region))
    }

    /// What a failed call means to the caller.
    pub(crate) fn failure(&self, error: ApiError) -> Failure {
        match error {
            ApiError::Failed(what) => format!("no answer from the control plane at {}: {what}", self.address).into(),
            refused @ ApiError::Refused(_) => refused.into(),
        }
    }
}

impl Place {
    /// The control plane of the local server with this data folder, or else the real service's in that region.
    pub(crate) fn near(data: Option<PathBuf>, region: Option<String>, aws: bool) -> Self {
        Self { region, endpoint_url: None, aws, data }
    }

    pub(crate) fn control_plane(&self) -> Result<ControlPlane, Failure> {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let url = self.endpoint_url.clone().or_else(|| set("AWS_ENDPOINT_URL_DSQL").filter(|_| !self.aws));
        let folder = DataFolder::resolve(self.data.as_deref());
        let server = folder.as_ref().ok().filter(|_| !self.aws).and_then(|folder| folder.server().ok());
        let is_local = |server: &ServerFile| url.is_none() || url == server.control;
        if let (Ok(folder), Some(server)) = (&folder, server.filter(is_local)) {
            return self.local(folder, &server);
        }
        let region = self.region.clone().or_else(|| set("AWS_REGION")).or_else(|| set("REGION")).or_else(|| set("AWS_DEFAULT_REGION"));
        let region = region.ok_or_else(|| match folder.and_then(|folder| folder.server()) {
            Err(no_server) if !self.aws && url.is_none() => format!("{no_server}; for the real service name its --region"),
            _ => "no region: give --region or set AWS_REGION".to_owned(),
        })?;
        Ok(ControlPlane { url, region, credentials: CredentialsSource::Chain, roots: Roots::Environment })
    }

    fn local(&self, folder: &DataFolder, server: &ServerFile) -> Result<ControlPlane, Failure> {
        let control = server.control.clone().ok_or("the local server has no control endpoint; start it with --control ADDR:PORT")?;
        Ok(ControlPlane {
            url: Some(control),
            region: self.region.clone().unwrap_or_else(|| server.region.clone()),
            credentials: local_key::source(folder, None),
            roots: Roots::File(borealis_pgserver::tls::Authority::certificate_path(&folder.tls())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Which;

    #[test]
    fn a_cluster_is_named_by_identifier_endpoint_or_arn() {
        let id = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
        for given in [
            id.to_owned(),
            format!("{id}.dsql.us-east-1.on.aws"),
            format!("{id}.dsql.us-east-1.on.aws:5432"),
            format!("arn:aws:dsql:us-east-1:123456789012:cluster/{id}"),
        ] {
            assert_eq!(Which { cluster: given.clone() }.identifier().expect("a cluster"), id, "{given}");
        }
        for given in ["", "x", "../../etc/passwd", "arn:aws:dsql:us-east-1:123456789012:cluster/"] {
            assert!(Which { cluster: given.to_owned() }.identifier().is_err(), "{given}");
        }
    }
}
