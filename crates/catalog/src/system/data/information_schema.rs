//! The relations of `information_schema`; a domain stands as its base type, which is what clients are told, as PostgreSQL 16 numbers them.

use borealis_pgtypes::Oid;

use super::Shape;

/// By name.
#[rustfmt::skip]
pub(crate) const RELATIONS: &[Shape] = &[
    Shape { oid: Oid(13427), name: "_pg_foreign_data_wrappers", kind: 'v', row_type: Oid(13429), row_array_type: Oid(13428), not_null: &[], columns: &[
        ("oid", Oid::OID), ("fdwowner", Oid::OID), ("fdwoptions", Oid::TEXT_ARRAY), ("foreign_data_wrapper_catalog", Oid::NAME),
        ("foreign_data_wrapper_name", Oid::NAME), ("authorization_identifier", Oid::NAME), ("foreign_data_wrapper_language", Oid::VARCHAR), ] },
    Shape { oid: Oid(13439), name: "_pg_foreign_servers", kind: 'v', row_type: Oid(13441), row_array_type: Oid(13440), not_null: &[], columns: &[
        ("oid", Oid::OID), ("srvoptions", Oid::TEXT_ARRAY), ("foreign_server_catalog", Oid::NAME), ("foreign_server_name", Oid::NAME),
        ("foreign_data_wrapper_catalog", Oid::NAME), ("foreign_data_wrapper_name", Oid::NAME), ("foreign_server_type", Oid::VARCHAR),
        ("foreign_server_version", Oid::VARCHAR), ("authorization_identifier", Oid::NAME), ] },
    Shape { oid: Oid(13418), name: "_pg_foreign_table_columns", kind: 'v', row_type: Oid(13420), row_array_type: Oid(13419), not_null: &[], columns: &[
        ("nspname", Oid::NAME), ("relname", Oid::NAME), ("attname", Oid::NAME), ("attfdwoptions", Oid::TEXT_ARRAY), ] },
    Shape { oid: Oid(13452), name: "_pg_foreign_tables", kind: 'v', row_type: Oid(13454), row_array_type: Oid(13453), not_null: &[], columns: &[
        ("foreign_table_catalog", Oid::NAME), ("foreign_table_schema", Oid::NAME), ("foreign_table_name", Oid::NAME),
        ("ftoptions", Oid::TEXT_ARRAY), ("foreign_server_catalog", Oid::NAME), ("foreign_server_name", Oid::NAME),
        ("authorization_identifier", Oid::NAME), ] },
    Shape { oid: Oid(13465), name: "_pg_user_mappings", kind: 'v', row_type: Oid(13467), row_array_type: Oid(13466), not_null: &[], columns: &[
        ("oid", Oid::OID), ("umoptions", Oid::TEXT_ARRAY), ("umuser", Oid::OID), ("authorization_identifier", Oid::NAME),
        ("foreign_server_catalog", Oid::NAME), ("foreign_server_name", Oid::NAME), ("srvowner", Oid::NAME), ] },
    Shape { oid: Oid(13161), name: "administrable_role_authorizations", kind: 'v', row_type: Oid(13163), row_array_type: Oid(13162), not_null: &[], columns: &[
        ("grantee", Oid::NAME), ("role_name", Oid::NAME), ("is_grantable", Oid::VARCHAR), ] },
    Shape { oid: Oid(13156), name: "applicable_roles", kind: 'v', row_type: Oid(13158), row_array_type: Oid(13157), not_null: &[], columns: &[
        ("grantee", Oid::NAME), ("role_name", Oid::NAME), ("is_grantable", Oid::VARCHAR), ] },
    Shape { oid: Oid(13165), name: "attributes", kind: 'v', row_type: Oid(13167), row_array_type: Oid(13166), not_null: &[], columns: &[
        ("udt_catalog", Oid::NAME), ("udt_schema", Oid::NAME), ("udt_name", Oid::NAME), ("attribute_name", Oid::NAME),
        ("ordinal_position", Oid::INT4), ("attribute_default", Oid::VARCHAR), ("is_nullable", Oid::VARCHAR), ("data_type", Oid::VARCHAR),
        ("character_maximum_length", Oid::INT4), ("character_octet_length", Oid::INT4), ("character_set_catalog", Oid::NAME),
        ("character_set_schema", Oid::NAME), ("character_set_name", Oid::NAME), ("collation_catalog", Oid::NAME),
        ("collation_schema", Oid::NAME), ("collation_name", Oid::NAME), ("numeric_precision", Oid::INT4),
        ("numeric_precision_radix", Oid::INT4), ("numeric_scale", Oid::INT4), ("datetime_precision", Oid::INT4),
        ("interval_type", Oid::VARCHAR), ("interval_precision", Oid::INT4), ("attribute_udt_catalog", Oid::NAME),
        ("attribute_udt_schema", Oid::NAME), ("attribute_udt_name", Oid::NAME), ("scope_catalog", Oid::NAME), ("scope_schema", Oid::NAME),
        ("scope_name", Oid::NAME), ("maximum_cardinality", Oid::INT4), ("dtd_identifier", Oid::NAME),
        ("is_derived_reference_attribute", Oid::VARCHAR), ] },
    Shape { oid: Oid(13170), name: "character_sets", kind: 'v', row_type: Oid(13172), row_array_type: Oid(13171), not_null: &[], columns: &[
        ("character_set_catalog", Oid::NAME), ("character_set_schema", Oid::NAME), ("character_set_name", Oid::NAME),
        ("character_repertoire", Oid::NAME), ("form_of_use", Oid::NAME), ("default_collate_catalog", Oid::NAME),
        ("default_collate_schema", Oid::NAME), ("default_collate_name", Oid::NAME), ] },
    Shape { oid: Oid(13175), name: "check_constraint_routine_usage", kind: 'v', row_type: Oid(13177), row_array_type: Oid(13176), not_null: &[], columns: &[
        ("constraint_catalog", Oid::NAME), ("constraint_schema", Oid::NAME), ("constraint_name", Oid::NAME),
        ("specific_catalog", Oid::NAME), ("specific_schema", Oid::NAME), ("specific_name", Oid::NAME), ] },
    Shape { oid: Oid(13180), name: "check_constraints", kind: 'v', row_type: Oid(13182), row_array_type: Oid(13181), not_null: &[], columns: &[
        ("constraint_catalog", Oid::NAME), ("constraint_schema", Oid::NAME), ("constraint_name", Oid::NAME), ("check_clause", Oid::VARCHAR), ] },
    Shape { oid: Oid(13190), name: "collation_character_set_applicability", kind: 'v', row_type: Oid(13192), row_array_type: Oid(13191), not_null: &[], columns: &[
        ("collation_catalog", Oid::NAME), ("collation_schema", Oid::NAME), ("collation_name", Oid::NAME),
        ("character_set_catalog", Oid::NAME), ("character_set_schema", Oid::NAME), ("character_set_name", Oid::NAME), ] },
    Shape { oid: Oid(13185), name: "collations", kind: 'v', row_type: Oid(13187), row_array_type: Oid(13186), not_null: &[], columns: &[
        ("collation_catalog", Oid::NAME), ("collation_schema", Oid::NAME), ("collation_name", Oid::NAME), ("pad_attribute", Oid::VARCHAR), ] },
    Shape { oid: Oid(13195), name: "column_column_usage", kind: 'v', row_type: Oid(13197), row_array_type: Oid(13196), not_null: &[], columns: &[
        ("table_catalog", Oid::NAME), ("table_schema", Oid::NAME), ("table_name", Oid::NAME), ("column_name", Oid::NAME),
        ("dependent_column", Oid::NAME), ] },
    Shape { oid: Oid(13200), name: "column_domain_usage", kind: 'v', row_type: Oid(13202), row_array_type: Oid(13201), not_null: &[], columns: &[
        ("domain_catalog", Oid::NAME), ("domain_schema", Oid::NAME), ("domain_name", Oid::NAME), ("table_catalog", Oid::NAME),
        ("table_schema", Oid::NAME), ("table_name", Oid::NAME), ("column_name", Oid::NAME), ] },
    Shape { oid: Oid(13423), name: "column_options", kind: 'v', row_type: Oid(13425), row_array_type: Oid(13424), not_null: &[], columns: &[
        ("table_catalog", Oid::NAME), ("table_schema", Oid::NAME), ("table_name", Oid::NAME), ("column_name", Oid::NAME),
        ("option_name", Oid::NAME), ("option_value", Oid::VARCHAR), ] },
    Shape { oid: Oid(13205), name: "column_privileges", kind: 'v', row_type: Oid(13207), row_array_type: Oid(13206), not_null: &[], columns: &[
        ("grantor", Oid::NAME), ("grantee", Oid::NAME), ("table_catalog", Oid::NAME), ("table_schema", Oid::NAME),
        ("table_name", Oid::NAME), ("column_name", Oid::NAME), ("privilege_type", Oid::VARCHAR), ("is_grantable", Oid::VARCHAR), ] },
    Shape { oid: Oid(13210), name: "column_udt_usage", kind: 'v', row_type: Oid(13212), row_array_type: Oid(13211), not_null: &[], columns: &[
        ("udt_catalog", Oid::NAME), ("udt_schema", Oid::NAME), ("udt_name", Oid::NAME), ("table_catalog", Oid::NAME),
        ("table_schema", Oid::NAME), ("table_name", Oid::NAME), ("column_name", Oid::NAME), ] },
    Shape { oid: Oid(13215), name: "columns", kind: 'v', row_type: Oid(13217), row_array_type: Oid(13216), not_null: &[], columns: &[
        ("table_catalog", Oid::NAME), ("table_schema", Oid::NAME), ("table_name", Oid::NAME), ("column_name", Oid::NAME),
        ("ordinal_position", Oid::INT4), ("column_default", Oid::VARCHAR), ("is_nullable", Oid::VARCHAR), ("data_type", Oid::VARCHAR),
        ("character_maximum_length", Oid::INT4), ("character_octet_length", Oid::INT4), ("numeric_precision", Oid::INT4),
        ("numeric_precision_radix", Oid::INT4), ("numeric_scale", Oid::INT4), ("datetime_precision", Oid::INT4),
        ("interval_type", Oid::VARCHAR), ("interval_precision", Oid::INT4), ("character_set_catalog", Oid::NAME),
        ("character_set_schema", Oid::NAME), ("character_set_name", Oid::NAME), ("collation_catalog", Oid::NAME),
        ("collation_schema", Oid::NAME), ("collation_name", Oid::NAME), ("domain_catalog", Oid::NAME), ("domain_schema", Oid::NAME),
        ("domain_name", Oid::NAME), ("udt_catalog", Oid::NAME), ("udt_schema", Oid::NAME), ("udt_name", Oid::NAME),
        ("scope_catalog", Oid::NAME), ("scope_schema", Oid::NAME), ("scope_name", Oid::NAME), ("maximum_cardinality", Oid::INT4),
        ("dtd_identifier", Oid::NAME), ("is_self_referencing", Oid::VARCHAR), ("is_identity", Oid::VARCHAR),
        ("identity_generation", Oid::VARCHAR), ("identity_start", Oid::VARCHAR), ("identity_increment", Oid::VARCHAR),
        ("identity_maximum", Oid::VARCHAR), ("identity_minimum", Oid::VARCHAR), ("identity_cycle", Oid::VARCHAR),
        ("is_generated", Oid::VARCHAR), ("generation_expression", Oid::VARCHAR), ("is_updatable", Oid::VARCHAR), ] },
    Shape { oid: Oid(13220), name: "constraint_column_usage", kind: 'v', row_type: Oid(13222), row_array_type: Oid(13221), not_null: &[], columns: &[
        ("table_catalog", Oid::NAME), ("table_schema", Oid::NAME), ("table_name", Oid::NAME), ("column_name", Oid::NAME),
        ("constraint_catalog", Oid::NAME), ("constraint_schema", Oid::NAME), ("constraint_name", Oid::NAME), ] },
    Shape { oid: Oid(13225), name: "constraint_table_usage", kind: 'v', row_type: Oid(13227), row_array_type: Oid(13226), not_null: &[], columns: &[
        ("table_catalog", Oid::NAME), ("table_schema", Oid::NAME), ("table_name", Oid::NAME), ("constraint_catalog", Oid::NAME),
        ("constraint_schema", Oid::NAME), ("constraint_name", Oid::NAME), ] },
    Shape { oid: Oid(13408), name: "data_type_privileges", kind: 'v', row_type: Oid(13410), row_array_type: Oid(13409), not_null: &[], columns: &[
        ("object_catalog", Oid::NAME), ("object_schema", Oid::NAME), ("object_name", Oid::NAME), ("object_type", Oid::VARCHAR),
        ("dtd_identifier", Oid::NAME), ] },
    Shape { oid: Oid(13230), name: "domain_constraints", kind: 'v', row_type: Oid(13232), row_array_type: Oid(13231), not_null: &[], columns: &[
        ("constraint_catalog", Oid::NAME), ("constraint_schema", Oid::NAME), ("constraint_name", Oid::NAME), ("domain_catalog", Oid::NAME),
        ("domain_schema", Oid::NAME), ("domain_name", Oid::NAME), ("is_deferrable", Oid::VARCHAR), ("initially_deferred", Oid::VARCHAR), ] },
    Shape { oid: Oid(13235), name: "domain_udt_usage", kind: 'v', row_type: Oid(13237), row_array_type: Oid(13236), not_null: &[], columns: &[
        ("udt_catalog", Oid::NAME), ("udt_schema", Oid::NAME), ("udt_name", Oid::NAME), ("domain_catalog", Oid::NAME),
        ("domain_schema", Oid::NAME), ("domain_name", Oid::NAME), ] },
    Shape { oid: Oid(13240), name: "domains", kind: 'v', row_type: Oid(13242), row_array_type: Oid(13241), not_null: &[], columns: &[
        ("domain_catalog", Oid::NAME), ("domain_schema", Oid::NAME), ("domain_name", Oid::NAME), ("data_type", Oid::VARCHAR),
        ("character_maximum_length", Oid::INT4), ("character_octet_length", Oid::INT4), ("character_set_catalog", Oid::NAME),
        ("character_set_schema", Oid::NAME), ("character_set_name", Oid::NAME), ("collation_catalog", Oid::NAME),
        ("collation_schema", Oid::NAME), ("collation_name", Oid::NAME), ("numeric_precision", Oid::INT4),
        ("numeric_precision_radix", Oid::INT4), ("numeric_scale", Oid::INT4), ("datetime_precision", Oid::INT4),
        ("interval_type", Oid::VARCHAR), ("interval_precision", Oid::INT4), ("domain_default", Oid::VARCHAR), ("udt_catalog", Oid::NAME),
        ("udt_schema", Oid::NAME), ("udt_name", Oid::NAME), ("scope_catalog", Oid::NAME), ("scope_schema", Oid::NAME),
        ("scope_name", Oid::NAME), ("maximum_cardinality", Oid::INT4), ("dtd_identifier", Oid::NAME), ] },
    Shape { oid: Oid(13413), name: "element_types", kind: 'v', row_type: Oid(13415), row_array_type: Oid(13414), not_null: &[], columns: &[
        ("object_catalog", Oid::NAME), ("object_schema", Oid::NAME), ("object_name", Oid::NAME), ("object_type", Oid::VARCHAR),
        ("collection_type_identifier", Oid::NAME), ("data_type", Oid::VARCHAR), ("character_maximum_length", Oid::INT4),
        ("character_octet_length", Oid::INT4), ("character_set_catalog", Oid::NAME), ("character_set_schema", Oid::NAME),
        ("character_set_name", Oid::NAME), ("collation_catalog", Oid::NAME), ("collation_schema", Oid::NAME), ("collation_name", Oid::NAME),
        ("numeric_precision", Oid::INT4), ("numeric_precision_radix", Oid::INT4), ("numeric_scale", Oid::INT4),
        ("datetime_precision", Oid::INT4), ("interval_type", Oid::VARCHAR), ("interval_precision", Oid::INT4),
        ("domain_default", Oid::VARCHAR), ("udt_catalog", Oid::NAME), ("udt_schema", Oid::NAME), ("udt_name", Oid::NAME),
        ("scope_catalog", Oid::NAME), ("scope_schema", Oid::NAME), ("scope_name", Oid::NAME), ("maximum_cardinality", Oid::INT4),
        ("dtd_identifier", Oid::NAME), ] },
    Shape { oid: Oid(13245), name: "enabled_roles", kind: 'v', row_type: Oid(13247), row_array_type: Oid(13246), not_null: &[], columns: &[
        ("role_name", Oid::NAME), ] },
    Shape { oid: Oid(13431), name: "foreign_data_wrapper_options", kind: 'v', row_type: Oid(13433), row_array_type: Oid(13432), not_null: &[], columns: &[
        ("foreign_data_wrapper_catalog", Oid::NAME), ("foreign_data_wrapper_name", Oid::NAME), ("option_name", Oid::NAME),
        ("option_value", Oid::VARCHAR), ] },
    Shape { oid: Oid(13435), name: "foreign_data_wrappers", kind: 'v', row_type: Oid(13437), row_array_type: Oid(13436), not_null: &[], columns: &[
        ("foreign_data_wrapper_catalog", Oid::NAME), ("foreign_data_wrapper_name", Oid::NAME), ("authorization_identifier", Oid::NAME),
        ("library_name", Oid::VARCHAR), ("foreign_data_wrapper_language", Oid::VARCHAR), ] },
    Shape { oid: Oid(13444), name: "foreign_server_options", kind: 'v', row_type: Oid(13446), row_array_type: Oid(13445), not_null: &[], columns: &[
        ("foreign_server_catalog", Oid::NAME), ("foreign_server_name", Oid::NAME), ("option_name", Oid::NAME),
        ("option_value", Oid::VARCHAR), ] },
    Shape { oid: Oid(13448), name: "foreign_servers", kind: 'v', row_type: Oid(13450), row_array_type: Oid(13449), not_null: &[], columns: &[
        ("foreign_server_catalog", Oid::NAME), ("foreign_server_name", Oid::NAME), ("foreign_data_wrapper_catalog", Oid::NAME),
        ("foreign_data_wrapper_name", Oid::NAME), ("foreign_server_type", Oid::VARCHAR), ("foreign_server_version", Oid::VARCHAR),
        ("authorization_identifier", Oid::NAME), ] },
    Shape { oid: Oid(13457), name: "foreign_table_options", kind: 'v', row_type: Oid(13459), row_array_type: Oid(13458), not_null: &[], columns: &[
        ("foreign_table_catalog", Oid::NAME), ("foreign_table_schema", Oid::NAME), ("foreign_table_name", Oid::NAME),
        ("option_name", Oid::NAME), ("option_value", Oid::VARCHAR), ] },
    Shape { oid: Oid(13461), name: "foreign_tables", kind: 'v', row_type: Oid(13463), row_array_type: Oid(13462), not_null: &[], columns: &[
        ("foreign_table_catalog", Oid::NAME), ("foreign_table_schema", Oid::NAME), ("foreign_table_name", Oid::NAME),
        ("foreign_server_catalog", Oid::NAME), ("foreign_server_name", Oid::NAME), ] },
    Shape { oid: Oid(13147), name: "information_schema_catalog_name", kind: 'v', row_type: Oid(13149), row_array_type: Oid(13148), not_null: &[], columns: &[
        ("catalog_name", Oid::NAME), ] },
    Shape { oid: Oid(13249), name: "key_column_usage", kind: 'v', row_type: Oid(13251), row_array_type: Oid(13250), not_null: &[], columns: &[
        ("constraint_catalog", Oid::NAME), ("constraint_schema", Oid::NAME), ("constraint_name", Oid::NAME), ("table_catalog", Oid::NAME),
        ("table_schema", Oid::NAME), ("table_name", Oid::NAME), ("column_name", Oid::NAME), ("ordinal_position", Oid::INT4),
        ("position_in_unique_constraint", Oid::INT4), ] },
    Shape { oid: Oid(13254), name: "parameters", kind: 'v', row_type: Oid(13256), row_array_type: Oid(13255), not_null: &[], columns: &[
        ("specific_catalog", Oid::NAME), ("specific_schema", Oid::NAME), ("specific_name", Oid::NAME), ("ordinal_position", Oid::INT4),
        ("parameter_mode", Oid::VARCHAR), ("is_result", Oid::VARCHAR), ("as_locator", Oid::VARCHAR), ("parameter_name", Oid::NAME),
        ("data_type", Oid::VARCHAR), ("character_maximum_length", Oid::INT4), ("character_octet_length", Oid::INT4),
        ("character_set_catalog", Oid::NAME), ("character_set_schema", Oid::NAME), ("character_set_name", Oid::NAME),
        ("collation_catalog", Oid::NAME), ("collation_schema", Oid::NAME), ("collation_name", Oid::NAME), ("numeric_precision", Oid::INT4),
        ("numeric_precision_radix", Oid::INT4), ("numeric_scale", Oid::INT4), ("datetime_precision", Oid::INT4),
        ("interval_type", Oid::VARCHAR), ("interval_precision", Oid::INT4), ("udt_catalog", Oid::NAME), ("udt_schema", Oid::NAME),
        ("udt_name", Oid::NAME), ("scope_catalog", Oid::NAME), ("scope_schema", Oid::NAME), ("scope_name", Oid::NAME),
        ("maximum_cardinality", Oid::INT4), ("dtd_identifier", Oid::NAME), ("parameter_default", Oid::VARCHAR), ] },
    Shape { oid: Oid(13259), name: "referential_constraints", kind: 'v', row_type: Oid(13261), row_array_type: Oid(13260), not_null: &[], columns: &[
        ("constraint_catalog", Oid::NAME), ("constraint_schema", Oid::NAME), ("constraint_name", Oid::NAME),
        ("unique_constraint_catalog", Oid::NAME), ("unique_constraint_schema", Oid::NAME), ("unique_constraint_name", Oid::NAME),
        ("match_option", Oid::VARCHAR), ("update_rule", Oid::VARCHAR), ("delete_rule", Oid::VARCHAR), ] },
    Shape { oid: Oid(13264), name: "role_column_grants", kind: 'v', row_type: Oid(13266), row_array_type: Oid(13265), not_null: &[], columns: &[
        ("grantor", Oid::NAME), ("grantee", Oid::NAME), ("table_catalog", Oid::NAME), ("table_schema", Oid::NAME),
        ("table_name", Oid::NAME), ("column_name", Oid::NAME), ("privilege_type", Oid::VARCHAR), ("is_grantable", Oid::VARCHAR), ] },
    Shape { oid: Oid(13278), name: "role_routine_grants", kind: 'v', row_type: Oid(13280), row_array_type: Oid(13279), not_null: &[], columns: &[
        ("grantor", Oid::NAME), ("grantee", Oid::NAME), ("specific_catalog", Oid::NAME), ("specific_schema", Oid::NAME),
        ("specific_name", Oid::NAME), ("routine_catalog", Oid::NAME), ("routine_schema", Oid::NAME), ("routine_name", Oid::NAME),
        ("privilege_type", Oid::VARCHAR), ("is_grantable", Oid::VARCHAR), ] },
    Shape { oid: Oid(13341), name: "role_table_grants", kind: 'v', row_type: Oid(13343), row_array_type: Oid(13342), not_null: &[], columns: &[
        ("grantor", Oid::NAME), ("grantee", Oid::NAME), ("table_catalog", Oid::NAME), ("table_schema", Oid::NAME),
        ("table_name", Oid::NAME), ("privilege_type", Oid::VARCHAR), ("is_grantable", Oid::VARCHAR), ("with_hierarchy", Oid::VARCHAR), ] },
    Shape { oid: Oid(13370), name: "role_udt_grants", kind: 'v', row_type: Oid(13372), row_array_type: Oid(13371), not_null: &[], columns: &[
        ("grantor", Oid::NAME), ("grantee", Oid::NAME), ("udt_catalog", Oid::NAME), ("udt_schema", Oid::NAME), ("udt_name", Oid::NAME),
        ("privilege_type", Oid::VARCHAR), ("is_grantable", Oid::VARCHAR), ] },
    Shape { oid: Oid(13379), name: "role_usage_grants", kind: 'v', row_type: Oid(13381), row_array_type: Oid(13380), not_null: &[], columns: &[
        ("grantor", Oid::NAME), ("grantee", Oid::NAME), ("object_catalog", Oid::NAME), ("object_schema", Oid::NAME),
        ("object_name", Oid::NAME), ("object_type", Oid::VARCHAR), ("privilege_type", Oid::VARCHAR), ("is_grantable", Oid::VARCHAR), ] },
    Shape { oid: Oid(13268), name: "routine_column_usage", kind: 'v', row_type: Oid(13270), row_array_type: Oid(13269), not_null: &[], columns: &[
        ("specific_catalog", Oid::NAME), ("specific_schema", Oid::NAME), ("specific_name", Oid::NAME), ("routine_catalog", Oid::NAME),
        ("routine_schema", Oid::NAME), ("routine_name", Oid::NAME), ("table_catalog", Oid::NAME), ("table_schema", Oid::NAME),
        ("table_name", Oid::NAME), ("column_name", Oid::NAME), ] },
    Shape { oid: Oid(13273), name: "routine_privileges", kind: 'v', row_type: Oid(13275), row_array_type: Oid(13274), not_null: &[], columns: &[
        ("grantor", Oid::NAME), ("grantee", Oid::NAME), ("specific_catalog", Oid::NAME), ("specific_schema", Oid::NAME),
        ("specific_name", Oid::NAME), ("routine_catalog", Oid::NAME), ("routine_schema", Oid::NAME), ("routine_name", Oid::NAME),
        ("privilege_type", Oid::VARCHAR), ("is_grantable", Oid::VARCHAR), ] },
    Shape { oid: Oid(13282), name: "routine_routine_usage", kind: 'v', row_type: Oid(13284), row_array_type: Oid(13283), not_null: &[], columns: &[
        ("specific_catalog", Oid::NAME), ("specific_schema", Oid::NAME), ("specific_name", Oid::NAME), ("routine_catalog", Oid::NAME),
        ("routine_schema", Oid::NAME), ("routine_name", Oid::NAME), ] },
    Shape { oid: Oid(13287), name: "routine_sequence_usage", kind: 'v', row_type: Oid(13289), row_array_type: Oid(13288), not_null: &[], columns: &[
        ("specific_catalog", Oid::NAME), ("specific_schema", Oid::NAME), ("specific_name", Oid::NAME), ("routine_catalog", Oid::NAME),
        ("routine_schema", Oid::NAME), ("routine_name", Oid::NAME), ("sequence_catalog", Oid::NAME), ("sequence_schema", Oid::NAME),
        ("sequence_name", Oid::NAME), ] },
    Shape { oid: Oid(13292), name: "routine_table_usage", kind: 'v', row_type: Oid(13294), row_array_type: Oid(13293), not_null: &[], columns: &[
        ("specific_catalog", Oid::NAME), ("specific_schema", Oid::NAME), ("specific_name", Oid::NAME), ("routine_catalog", Oid::NAME),
        ("routine_schema", Oid::NAME), ("routine_name", Oid::NAME), ("table_catalog", Oid::NAME), ("table_schema", Oid::NAME),
        ("table_name", Oid::NAME), ] },
    Shape { oid: Oid(13297), name: "routines", kind: 'v', row_type: Oid(13299), row_array_type: Oid(13298), not_null: &[], columns: &[
        ("specific_catalog", Oid::NAME), ("specific_schema", Oid::NAME), ("specific_name", Oid::NAME), ("routine_catalog", Oid::NAME),
        ("routine_schema", Oid::NAME), ("routine_name", Oid::NAME), ("routine_type", Oid::VARCHAR), ("module_catalog", Oid::NAME),
        ("module_schema", Oid::NAME), ("module_name", Oid::NAME), ("udt_catalog", Oid::NAME), ("udt_schema", Oid::NAME),
        ("udt_name", Oid::NAME), ("data_type", Oid::VARCHAR), ("character_maximum_length", Oid::INT4),
        ("character_octet_length", Oid::INT4), ("character_set_catalog", Oid::NAME), ("character_set_schema", Oid::NAME),
        ("character_set_name", Oid::NAME), ("collation_catalog", Oid::NAME), ("collation_schema", Oid::NAME), ("collation_name", Oid::NAME),
        ("numeric_precision", Oid::INT4), ("numeric_precision_radix", Oid::INT4), ("numeric_scale", Oid::INT4),
        ("datetime_precision", Oid::INT4), ("interval_type", Oid::VARCHAR), ("interval_precision", Oid::INT4),
        ("type_udt_catalog", Oid::NAME), ("type_udt_schema", Oid::NAME), ("type_udt_name", Oid::NAME), ("scope_catalog", Oid::NAME),
        ("scope_schema", Oid::NAME), ("scope_name", Oid::NAME), ("maximum_cardinality", Oid::INT4), ("dtd_identifier", Oid::NAME),
        ("routine_body", Oid::VARCHAR), ("routine_definition", Oid::VARCHAR), ("external_name", Oid::VARCHAR),
        ("external_language", Oid::VARCHAR), ("parameter_style", Oid::VARCHAR), ("is_deterministic", Oid::VARCHAR),
        ("sql_data_access", Oid::VARCHAR), ("is_null_call", Oid::VARCHAR), ("sql_path", Oid::VARCHAR),
        ("schema_level_routine", Oid::VARCHAR), ("max_dynamic_result_sets", Oid::INT4), ("is_user_defined_cast", Oid::VARCHAR),
        ("is_implicitly_invocable", Oid::VARCHAR), ("security_type", Oid::VARCHAR), ("to_sql_specific_catalog", Oid::NAME),
        ("to_sql_specific_schema", Oid::NAME), ("to_sql_specific_name", Oid::NAME), ("as_locator", Oid::VARCHAR),
        ("created", Oid::TIMESTAMPTZ), ("last_altered", Oid::TIMESTAMPTZ), ("new_savepoint_level", Oid::VARCHAR),
        ("is_udt_dependent", Oid::VARCHAR), ("result_cast_from_data_type", Oid::VARCHAR), ("result_cast_as_locator", Oid::VARCHAR),
        ("result_cast_char_max_length", Oid::INT4), ("result_cast_char_octet_length", Oid::INT4),
        ("result_cast_char_set_catalog", Oid::NAME), ("result_cast_char_set_schema", Oid::NAME), ("result_cast_char_set_name", Oid::NAME),
        ("result_cast_collation_catalog", Oid::NAME), ("result_cast_collation_schema", Oid::NAME),
        ("result_cast_collation_name", Oid::NAME), ("result_cast_numeric_precision", Oid::INT4),
        ("result_cast_numeric_precision_radix", Oid::INT4), ("result_cast_numeric_scale", Oid::INT4),
        ("result_cast_datetime_precision", Oid::INT4), ("result_cast_interval_type", Oid::VARCHAR),
        ("result_cast_interval_precision", Oid::INT4), ("result_cast_type_udt_catalog", Oid::NAME),
        ("result_cast_type_udt_schema", Oid::NAME), ("result_cast_type_udt_name", Oid::NAME), ("result_cast_scope_catalog", Oid::NAME),
        ("result_cast_scope_schema", Oid::NAME), ("result_cast_scope_name", Oid::NAME), ("result_cast_maximum_cardinality", Oid::INT4),
        ("result_cast_dtd_identifier", Oid::NAME), ] },
    Shape { oid: Oid(13302), name: "schemata", kind: 'v', row_type: Oid(13304), row_array_type: Oid(13303), not_null: &[], columns: &[
        ("catalog_name", Oid::NAME), ("schema_name", Oid::NAME), ("schema_owner", Oid::NAME), ("default_character_set_catalog", Oid::NAME),
        ("default_character_set_schema", Oid::NAME), ("default_character_set_name", Oid::NAME), ("sql_path", Oid::VARCHAR), ] },
    Shape { oid: Oid(13306), name: "sequences", kind: 'v', row_type: Oid(13308), row_array_type: Oid(13307), not_null: &[], columns: &[
        ("sequence_catalog", Oid::NAME), ("sequence_schema", Oid::NAME), ("sequence_name", Oid::NAME), ("data_type", Oid::VARCHAR),
        ("numeric_precision", Oid::INT4), ("numeric_precision_radix", Oid::INT4), ("numeric_scale", Oid::INT4),
        ("start_value", Oid::VARCHAR), ("minimum_value", Oid::VARCHAR), ("maximum_value", Oid::VARCHAR), ("increment", Oid::VARCHAR),
        ("cycle_option", Oid::VARCHAR), ] },
    Shape { oid: Oid(13331), name: "table_constraints", kind: 'v', row_type: Oid(13333), row_array_type: Oid(13332), not_null: &[], columns: &[
        ("constraint_catalog", Oid::NAME), ("constraint_schema", Oid::NAME), ("constraint_name", Oid::NAME), ("table_catalog", Oid::NAME),
        ("table_schema", Oid::NAME), ("table_name", Oid::NAME), ("constraint_type", Oid::VARCHAR), ("is_deferrable", Oid::VARCHAR),
        ("initially_deferred", Oid::VARCHAR), ("enforced", Oid::VARCHAR), ("nulls_distinct", Oid::VARCHAR), ] },
    Shape { oid: Oid(13336), name: "table_privileges", kind: 'v', row_type: Oid(13338), row_array_type: Oid(13337), not_null: &[], columns: &[
        ("grantor", Oid::NAME), ("grantee", Oid::NAME), ("table_catalog", Oid::NAME), ("table_schema", Oid::NAME),
        ("table_name", Oid::NAME), ("privilege_type", Oid::VARCHAR), ("is_grantable", Oid::VARCHAR), ("with_hierarchy", Oid::VARCHAR), ] },
    Shape { oid: Oid(13345), name: "tables", kind: 'v', row_type: Oid(13347), row_array_type: Oid(13346), not_null: &[], columns: &[
        ("table_catalog", Oid::NAME), ("table_schema", Oid::NAME), ("table_name", Oid::NAME), ("table_type", Oid::VARCHAR),
        ("self_referencing_column_name", Oid::NAME), ("reference_generation", Oid::VARCHAR), ("user_defined_type_catalog", Oid::NAME),
        ("user_defined_type_schema", Oid::NAME), ("user_defined_type_name", Oid::NAME), ("is_insertable_into", Oid::VARCHAR),
        ("is_typed", Oid::VARCHAR), ("commit_action", Oid::VARCHAR), ] },
    Shape { oid: Oid(13350), name: "transforms", kind: 'v', row_type: Oid(13352), row_array_type: Oid(13351), not_null: &[], columns: &[
        ("udt_catalog", Oid::NAME), ("udt_schema", Oid::NAME), ("udt_name", Oid::NAME), ("specific_catalog", Oid::NAME),
        ("specific_schema", Oid::NAME), ("specific_name", Oid::NAME), ("group_name", Oid::NAME), ("transform_type", Oid::VARCHAR), ] },
    Shape { oid: Oid(13355), name: "triggered_update_columns", kind: 'v', row_type: Oid(13357), row_array_type: Oid(13356), not_null: &[], columns: &[
        ("trigger_catalog", Oid::NAME), ("trigger_schema", Oid::NAME), ("trigger_name", Oid::NAME), ("event_object_catalog", Oid::NAME),
        ("event_object_schema", Oid::NAME), ("event_object_table", Oid::NAME), ("event_object_column", Oid::NAME), ] },
    Shape { oid: Oid(13360), name: "triggers", kind: 'v', row_type: Oid(13362), row_array_type: Oid(13361), not_null: &[], columns: &[
        ("trigger_catalog", Oid::NAME), ("trigger_schema", Oid::NAME), ("trigger_name", Oid::NAME), ("event_manipulation", Oid::VARCHAR),
        ("event_object_catalog", Oid::NAME), ("event_object_schema", Oid::NAME), ("event_object_table", Oid::NAME),
        ("action_order", Oid::INT4), ("action_condition", Oid::VARCHAR), ("action_statement", Oid::VARCHAR),
        ("action_orientation", Oid::VARCHAR), ("action_timing", Oid::VARCHAR), ("action_reference_old_table", Oid::NAME),
        ("action_reference_new_table", Oid::NAME), ("action_reference_old_row", Oid::NAME), ("action_reference_new_row", Oid::NAME),
        ("created", Oid::TIMESTAMPTZ), ] },
    Shape { oid: Oid(13365), name: "udt_privileges", kind: 'v', row_type: Oid(13367), row_array_type: Oid(13366), not_null: &[], columns: &[
        ("grantor", Oid::NAME), ("grantee", Oid::NAME), ("udt_catalog", Oid::NAME), ("udt_schema", Oid::NAME), ("udt_name", Oid::NAME),
        ("privilege_type", Oid::VARCHAR), ("is_grantable", Oid::VARCHAR), ] },
    Shape { oid: Oid(13374), name: "usage_privileges", kind: 'v', row_type: Oid(13376), row_array_type: Oid(13375), not_null: &[], columns: &[
        ("grantor", Oid::NAME), ("grantee", Oid::NAME), ("object_catalog", Oid::NAME), ("object_schema", Oid::NAME),
        ("object_name", Oid::NAME), ("object_type", Oid::VARCHAR), ("privilege_type", Oid::VARCHAR), ("is_grantable", Oid::VARCHAR), ] },
    Shape { oid: Oid(13383), name: "user_defined_types", kind: 'v', row_type: Oid(13385), row_array_type: Oid(13384), not_null: &[], columns: &[
        ("user_defined_type_catalog", Oid::NAME), ("user_defined_type_schema", Oid::NAME), ("user_defined_type_name", Oid::NAME),
        ("user_defined_type_category", Oid::VARCHAR), ("is_instantiable", Oid::VARCHAR), ("is_final", Oid::VARCHAR),
        ("ordering_form", Oid::VARCHAR), ("ordering_category", Oid::VARCHAR), ("ordering_routine_catalog", Oid::NAME),
        ("ordering_routine_schema", Oid::NAME), ("ordering_routine_name", Oid::NAME), ("reference_type", Oid::VARCHAR),
        ("data_type", Oid::VARCHAR), ("character_maximum_length", Oid::INT4), ("character_octet_length", Oid::INT4),
        ("character_set_catalog", Oid::NAME), ("character_set_schema", Oid::NAME), ("character_set_name", Oid::NAME),
        ("collation_catalog", Oid::NAME), ("collation_schema", Oid::NAME), ("collation_name", Oid::NAME), ("numeric_precision", Oid::INT4),
        ("numeric_precision_radix", Oid::INT4), ("numeric_scale", Oid::INT4), ("datetime_precision", Oid::INT4),
        ("interval_type", Oid::VARCHAR), ("interval_precision", Oid::INT4), ("source_dtd_identifier", Oid::NAME),
        ("ref_dtd_identifier", Oid::NAME), ] },
    Shape { oid: Oid(13470), name: "user_mapping_options", kind: 'v', row_type: Oid(13472), row_array_type: Oid(13471), not_null: &[], columns: &[
        ("authorization_identifier", Oid::NAME), ("foreign_server_catalog", Oid::NAME), ("foreign_server_name", Oid::NAME),
        ("option_name", Oid::NAME), ("option_value", Oid::VARCHAR), ] },
    Shape { oid: Oid(13475), name: "user_mappings", kind: 'v', row_type: Oid(13477), row_array_type: Oid(13476), not_null: &[], columns: &[
        ("authorization_identifier", Oid::NAME), ("foreign_server_catalog", Oid::NAME), ("foreign_server_name", Oid::NAME), ] },
    Shape { oid: Oid(13388), name: "view_column_usage", kind: 'v', row_type: Oid(13390), row_array_type: Oid(13389), not_null: &[], columns: &[
        ("view_catalog", Oid::NAME), ("view_schema", Oid::NAME), ("view_name", Oid::NAME), ("table_catalog", Oid::NAME),
        ("table_schema", Oid::NAME), ("table_name", Oid::NAME), ("column_name", Oid::NAME), ] },
    Shape { oid: Oid(13393), name: "view_routine_usage", kind: 'v', row_type: Oid(13395), row_array_type: Oid(13394), not_null: &[], columns: &[
        ("table_catalog", Oid::NAME), ("table_schema", Oid::NAME), ("table_name", Oid::NAME), ("specific_catalog", Oid::NAME),
        ("specific_schema", Oid::NAME), ("specific_name", Oid::NAME), ] },
    Shape { oid: Oid(13398), name: "view_table_usage", kind: 'v', row_type: Oid(13400), row_array_type: Oid(13399), not_null: &[], columns: &[
        ("view_catalog", Oid::NAME), ("view_schema", Oid::NAME), ("view_name", Oid::NAME), ("table_catalog", Oid::NAME),
        ("table_schema", Oid::NAME), ("table_name", Oid::NAME), ] },
    Shape { oid: Oid(13403), name: "views", kind: 'v', row_type: Oid(13405), row_array_type: Oid(13404), not_null: &[], columns: &[
        ("table_catalog", Oid::NAME), ("table_schema", Oid::NAME), ("table_name", Oid::NAME), ("view_definition", Oid::VARCHAR),
        ("check_option", Oid::VARCHAR), ("is_updatable", Oid::VARCHAR), ("is_insertable_into", Oid::VARCHAR),
        ("is_trigger_updatable", Oid::VARCHAR), ("is_trigger_deletable", Oid::VARCHAR), ("is_trigger_insertable_into", Oid::VARCHAR), ] },
];
