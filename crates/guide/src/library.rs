//! The pages, in reading order.

macro_rules! pages {
    ($($id:literal),* $(,)?) => {
        /// Id and text of every page.
        pub(crate) const PAGES: &[(&str, &str)] = &[$(($id, include_str!(concat!("../../../docs/guide/", $id, ".md")))),*];
    };
}

pages![
    "concepts",
    "onboarding",
    "development-guide",
    "authentication",
    "transactions",
    "retry-patterns",
    "schema-design",
    "data-types",
    "indexes-and-jobs",
    "foreign-keys",
    "ddl-migrations",
    "linting",
    "table-recreation",
    "multi-tenant",
    "access-control",
    "dsql-examples",
    "query-plans",
    "testing",
    "errors",
    "troubleshooting",
    "limits",
    "sql-reference",
    "ddl-reference",
    "language",
    "mysql-migrations",
    "postgresql-migrations",
    "loading-and-dumping",
    "workflows",
    "mcp-setup",
    "mcp-tools",
    "cluster-management",
    "differences",
];
