//! The tools, one family a file.

mod clusters;
mod documentation;
mod explain_query;
mod jobs;
mod lint;
mod listing;
mod load;
mod migration;
mod readonly_query;
mod table;
mod transact;

pub(crate) use listing::tables;
pub(crate) use table::describe;

use crate::registry::Registry;
use crate::service::Service;

/// The tools that need no database.
pub(crate) fn register_documentation(registry: &mut Registry, service: &Service) {
    registry.add::<lint::DsqlLint>(service);
    registry.add::<documentation::SearchDocumentation>(service);
    registry.add::<documentation::ReadDocumentation>(service);
    registry.add::<documentation::Recommend>(service);
}

/// The tools that ask the cluster API.
pub(crate) fn register_clusters(registry: &mut Registry, service: &Service) {
    registry.add::<clusters::ListClusters>(service);
    registry.add::<clusters::ClusterInfo>(service);
}

/// The tools that take files from the operator's folder.
pub(crate) fn register_loading(registry: &mut Registry, service: &Service) {
    registry.add::<load::LoadData>(service);
}

/// The tools that change schemas.
pub(crate) fn register_migration(registry: &mut Registry, service: &Service) {
    registry.add::<migration::PlanMigration>(service);
    registry.add::<migration::ApplyMigration>(service);
}

/// The tools that work on a database.
pub(crate) fn register_database(registry: &mut Registry, service: &Service) {
    registry.add::<readonly_query::ReadonlyQuery>(service);
    registry.add::<transact::Transact>(service);
    registry.add::<table::GetSchema>(service);
    registry.add::<table::DescribeTable>(service);
    registry.add::<listing::ListSchemas>(service);
    registry.add::<listing::ListTables>(service);
    registry.add::<explain_query::ExplainQuery>(service);
    registry.add::<jobs::ListJobs>(service);
    registry.add::<jobs::WaitForJob>(service);
}
