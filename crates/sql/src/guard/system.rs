//! Relations and functions of the system. What is listed describes the schema; what is not may show values or the doings of others, and is refused.

use borealis_pgtypes::{Body, SessionFunction, functions};

/// Relations of `pg_catalog` without rows of users, statistics of their values, or the doings of other sessions.
const PG_CATALOG: &[&str] = &[
    "pg_aggregate",
    "pg_am",
    "pg_amop",
    "pg_amproc",
    "pg_attrdef",
    "pg_attribute",
    "pg_auth_members",
    "pg_available_extension_versions",
    "pg_available_extensions",
    "pg_cast",
    "pg_class",
    "pg_collation",
    "pg_constraint",
    "pg_conversion",
    "pg_database",
    "pg_default_acl",
    "pg_depend",
    "pg_description",
    "pg_enum",
    "pg_event_trigger",
    "pg_extension",
    "pg_foreign_data_wrapper",
    "pg_foreign_server",
    "pg_foreign_table",
    "pg_group",
    "pg_index",
    "pg_indexes",
    "pg_inherits",
    "pg_init_privs",
    "pg_language",
    "pg_matviews",
    "pg_namespace",
    "pg_opclass",
    "pg_operator",
    "pg_opfamily",
    "pg_parameter_acl",
    "pg_partitioned_table",
    "pg_policies",
    "pg_policy",
    "pg_proc",
    "pg_publication",
    "pg_publication_namespace",
    "pg_publication_rel",
    "pg_publication_tables",
    "pg_range",
    "pg_rewrite",
    "pg_roles",
    "pg_rules",
    "pg_sequence",
    "pg_settings",
    "pg_shdescription",
    "pg_statistic_ext",
    "pg_tables",
    "pg_tablespace",
    "pg_transform",
    "pg_trigger",
    "pg_ts_config",
    "pg_ts_config_map",
    "pg_ts_dict",
    "pg_ts_parser",
    "pg_ts_template",
    "pg_type",
    "pg_views",
];

/// Whether a relation of the system may be read. All of `information_schema` is about the schema.
pub(super) fn is_open(schema: &str, name: &str) -> bool {
    match schema {
        "pg_catalog" => PG_CATALOG.binary_search(&name).is_ok(),
        "information_schema" => true,
        // Jobs and conflicts quote keys, the mapping of roles names other accounts.
        _ => false,
    }
}

/// What is known of a function by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BuiltIn {
    /// All of that name compute from their arguments, or tell of the schema and the session.
    Open,
    /// One of them shows or changes what belongs to others.
    Closed,
    /// There is none.
    Unknown,
}

pub(super) fn function(name: &str) -> BuiltIn {
    let known = functions::by_name(name);
    if known.is_empty() {
        return BuiltIn::Unknown;
    }
    let open = known.iter().all(|function| match function.body {
        Body::Session(function) | Body::SessionSet(function) => is_open_function(function),
        Body::Scalar(_) | Body::Set(_) | Body::Aggregate(_) | Body::Window => true,
    });
    if open { BuiltIn::Open } else { BuiltIn::Closed }
}

/// Every function that asks the session or the cluster, each decided by itself.
fn is_open_function(function: SessionFunction) -> bool {
    use SessionFunction as F;
    match function {
        // Sizes tell how much others have; a sequence's state how many rows they made, and setting it changes what they get; faults hit other sessions;
        // changes are everybody's rows.
        F::PgRelationSize
        | F::PgTotalRelationSize
        | F::PgTableSize
        | F::PgIndexesSize
        | F::PgDatabaseSize
        | F::SequenceRow
        | F::PgSequenceLastValue
        | F::SetVal
        | F::InjectAdd
        | F::InjectRemove
        | F::InjectClear
        | F::FollowChanges
        | F::AdvanceFollower
        | F::UnfollowChanges
        | F::TableChanges
        | F::CommitPosition => false,
        F::CurrentUser
        | F::SessionUser
        | F::CurrentDatabase
        | F::CurrentSchema
        | F::CurrentSchemas
        | F::CurrentSetting
        | F::SetConfig
        | F::Version
        | F::PgBackendPid
        | F::PgIsInRecovery
        | F::TxidCurrent
        | F::InetServerPort
        | F::FormatType
        | F::ToRegclass
        | F::ToRegtype
        | F::ToRegnamespace
        | F::ToRegproc
        | F::ToRegprocedure
        | F::ToRegrole
        | F::RegIn
        | F::RegOut
        | F::PgTableIsVisible
        | F::PgTypeIsVisible
        | F::PgFunctionIsVisible
        | F::PgCollationIsVisible
        | F::PgOpclassIsVisible
        | F::PgOpfamilyIsVisible
        | F::PgOperatorIsVisible
        | F::PgGetExpr
        | F::PgGetIndexdef
        | F::PgGetConstraintdef
        | F::PgGetViewdef
        | F::PgGetFunctiondef
        | F::PgGetFunctionArguments
        | F::PgGetFunctionIdentityArguments
        | F::PgGetFunctionResult
        | F::PgGetSerialSequence
        | F::PgGetUserById
        | F::PgEncodingToChar
        | F::PgGetStatisticsobjdef
        | F::PgGetStatisticsobjdefColumns
        | F::PgStatisticsObjIsVisible
        | F::ObjDescription
        | F::ColDescription
        | F::ShobjDescription
        | F::HasTablePrivilege
        | F::HasSchemaPrivilege
        | F::HasDatabasePrivilege
        | F::HasColumnPrivilege
        | F::HasAnyColumnPrivilege
        | F::HasSequencePrivilege
        | F::HasFunctionPrivilege
        | F::HasLanguagePrivilege
        | F::HasTypePrivilege
        | F::HasTablespacePrivilege
        | F::PgHasRole
        | F::NextVal
        | F::NextIdentity
        | F::PgSequenceParameters
        | F::CurrVal
        | F::LastVal
        | F::PgSleep
        | F::SysCurrentSessionId => true,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn open_relations_are_sorted_for_the_search() {
        assert!(super::PG_CATALOG.is_sorted());
    }

    #[test]
    fn statistics_and_doings_of_others_are_closed() {
        for (schema, name) in [
            ("pg_catalog", "pg_stats"),
            ("pg_catalog", "pg_statistic"),
            ("pg_catalog", "pg_statistic_ext_data"),
            ("pg_catalog", "pg_stats_ext"),
            ("pg_catalog", "pg_stats_ext_exprs"),
            ("pg_catalog", "pg_stat_activity"),
            ("pg_catalog", "pg_stat_user_tables"),
            ("pg_catalog", "pg_sequences"),
            ("pg_catalog", "pg_locks"),
            ("borealis", "conflicts"),
            ("borealis", "inject"),
            ("sys", "iam_pg_role_mappings"),
            ("sys", "jobs"),
        ] {
            assert!(!super::is_open(schema, name), "{schema}.{name}");
        }
    }
}
