//! The relations of `pg_catalog`, as PostgreSQL 16 numbers them.

use borealis_pgtypes::Oid;

use super::Shape;

/// By name.
#[rustfmt::skip]
pub(crate) const RELATIONS: &[Shape] = &[
    Shape { oid: Oid(2600), name: "pg_aggregate", kind: 'r', row_type: Oid(10027), row_array_type: Oid(10026), not_null: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20], columns: &[
        ("aggfnoid", Oid::REGPROC), ("aggkind", Oid::CHAR), ("aggnumdirectargs", Oid::INT2), ("aggtransfn", Oid::REGPROC),
        ("aggfinalfn", Oid::REGPROC), ("aggcombinefn", Oid::REGPROC), ("aggserialfn", Oid::REGPROC), ("aggdeserialfn", Oid::REGPROC),
        ("aggmtransfn", Oid::REGPROC), ("aggminvtransfn", Oid::REGPROC), ("aggmfinalfn", Oid::REGPROC), ("aggfinalextra", Oid::BOOL),
        ("aggmfinalextra", Oid::BOOL), ("aggfinalmodify", Oid::CHAR), ("aggmfinalmodify", Oid::CHAR), ("aggsortop", Oid::OID),
        ("aggtranstype", Oid::OID), ("aggtransspace", Oid::INT4), ("aggmtranstype", Oid::OID), ("aggmtransspace", Oid::INT4),
        ("agginitval", Oid::TEXT), ("aggminitval", Oid::TEXT), ] },
    Shape { oid: Oid(2601), name: "pg_am", kind: 'r', row_type: Oid(10015), row_array_type: Oid(10014), not_null: &[1, 2, 3, 4], columns: &[
        ("oid", Oid::OID), ("amname", Oid::NAME), ("amhandler", Oid::REGPROC), ("amtype", Oid::CHAR), ] },
    Shape { oid: Oid(2602), name: "pg_amop", kind: 'r', row_type: Oid(10017), row_array_type: Oid(10016), not_null: &[1, 2, 3, 4, 5, 6, 7, 8, 9], columns: &[
        ("oid", Oid::OID), ("amopfamily", Oid::OID), ("amoplefttype", Oid::OID), ("amoprighttype", Oid::OID), ("amopstrategy", Oid::INT2),
        ("amoppurpose", Oid::CHAR), ("amopopr", Oid::OID), ("amopmethod", Oid::OID), ("amopsortfamily", Oid::OID), ] },
    Shape { oid: Oid(2603), name: "pg_amproc", kind: 'r', row_type: Oid(10019), row_array_type: Oid(10018), not_null: &[1, 2, 3, 4, 5, 6], columns: &[
        ("oid", Oid::OID), ("amprocfamily", Oid::OID), ("amproclefttype", Oid::OID), ("amprocrighttype", Oid::OID),
        ("amprocnum", Oid::INT2), ("amproc", Oid::REGPROC), ] },
    Shape { oid: Oid(2604), name: "pg_attrdef", kind: 'r', row_type: Oid(10001), row_array_type: Oid(10000), not_null: &[1, 2, 3, 4], columns: &[
        ("oid", Oid::OID), ("adrelid", Oid::OID), ("adnum", Oid::INT2), ("adbin", Oid::PG_NODE_TREE), ] },
    Shape { oid: Oid(1249), name: "pg_attribute", kind: 'r', row_type: Oid(75), row_array_type: Oid(270), not_null: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22], columns: &[
        ("attrelid", Oid::OID), ("attname", Oid::NAME), ("atttypid", Oid::OID), ("attlen", Oid::INT2), ("attnum", Oid::INT2),
        ("attcacheoff", Oid::INT4), ("atttypmod", Oid::INT4), ("attndims", Oid::INT2), ("attbyval", Oid::BOOL), ("attalign", Oid::CHAR),
        ("attstorage", Oid::CHAR), ("attcompression", Oid::CHAR), ("attnotnull", Oid::BOOL), ("atthasdef", Oid::BOOL),
        ("atthasmissing", Oid::BOOL), ("attidentity", Oid::CHAR), ("attgenerated", Oid::CHAR), ("attisdropped", Oid::BOOL),
        ("attislocal", Oid::BOOL), ("attinhcount", Oid::INT2), ("attstattarget", Oid::INT2), ("attcollation", Oid::OID),
        ("attacl", Oid::ACLITEM_ARRAY), ("attoptions", Oid::TEXT_ARRAY), ("attfdwoptions", Oid::TEXT_ARRAY),
        ("attmissingval", Oid::ANYARRAY), ] },
    Shape { oid: Oid(1261), name: "pg_auth_members", kind: 'r', row_type: Oid(2843), row_array_type: Oid(10058), not_null: &[1, 2, 3, 4, 5, 6, 7], columns: &[
        ("oid", Oid::OID), ("roleid", Oid::OID), ("member", Oid::OID), ("grantor", Oid::OID), ("admin_option", Oid::BOOL),
        ("inherit_option", Oid::BOOL), ("set_option", Oid::BOOL), ] },
    Shape { oid: Oid(12085), name: "pg_available_extension_versions", kind: 'v', row_type: Oid(12087), row_array_type: Oid(12086), not_null: &[], columns: &[
        ("name", Oid::NAME), ("version", Oid::TEXT), ("installed", Oid::BOOL), ("superuser", Oid::BOOL), ("trusted", Oid::BOOL),
        ("relocatable", Oid::BOOL), ("schema", Oid::NAME), ("requires", Oid::NAME_ARRAY), ("comment", Oid::TEXT), ] },
    Shape { oid: Oid(12081), name: "pg_available_extensions", kind: 'v', row_type: Oid(12083), row_array_type: Oid(12082), not_null: &[], columns: &[
        ("name", Oid::NAME), ("default_version", Oid::TEXT), ("installed_version", Oid::TEXT), ("comment", Oid::TEXT), ] },
    Shape { oid: Oid(2605), name: "pg_cast", kind: 'r', row_type: Oid(10043), row_array_type: Oid(10042), not_null: &[1, 2, 3, 4, 5, 6], columns: &[
        ("oid", Oid::OID), ("castsource", Oid::OID), ("casttarget", Oid::OID), ("castfunc", Oid::OID), ("castcontext", Oid::CHAR),
        ("castmethod", Oid::CHAR), ] },
    Shape { oid: Oid(1259), name: "pg_class", kind: 'r', row_type: Oid(83), row_array_type: Oid(273), not_null: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30], columns: &[
        ("oid", Oid::OID), ("relname", Oid::NAME), ("relnamespace", Oid::OID), ("reltype", Oid::OID), ("reloftype", Oid::OID),
        ("relowner", Oid::OID), ("relam", Oid::OID), ("relfilenode", Oid::OID), ("reltablespace", Oid::OID), ("relpages", Oid::INT4),
        ("reltuples", Oid::FLOAT4), ("relallvisible", Oid::INT4), ("reltoastrelid", Oid::OID), ("relhasindex", Oid::BOOL),
        ("relisshared", Oid::BOOL), ("relpersistence", Oid::CHAR), ("relkind", Oid::CHAR), ("relnatts", Oid::INT2),
        ("relchecks", Oid::INT2), ("relhasrules", Oid::BOOL), ("relhastriggers", Oid::BOOL), ("relhassubclass", Oid::BOOL),
        ("relrowsecurity", Oid::BOOL), ("relforcerowsecurity", Oid::BOOL), ("relispopulated", Oid::BOOL), ("relreplident", Oid::CHAR),
        ("relispartition", Oid::BOOL), ("relrewrite", Oid::OID), ("relfrozenxid", Oid::XID), ("relminmxid", Oid::XID),
        ("relacl", Oid::ACLITEM_ARRAY), ("reloptions", Oid::TEXT_ARRAY), ("relpartbound", Oid::PG_NODE_TREE), ] },
    Shape { oid: Oid(3456), name: "pg_collation", kind: 'r', row_type: Oid(10095), row_array_type: Oid(10094), not_null: &[1, 2, 3, 4, 5, 6, 7], columns: &[
        ("oid", Oid::OID), ("collname", Oid::NAME), ("collnamespace", Oid::OID), ("collowner", Oid::OID), ("collprovider", Oid::CHAR),
        ("collisdeterministic", Oid::BOOL), ("collencoding", Oid::INT4), ("collcollate", Oid::TEXT), ("collctype", Oid::TEXT),
        ("colliculocale", Oid::TEXT), ("collicurules", Oid::TEXT), ("collversion", Oid::TEXT), ] },
    Shape { oid: Oid(2606), name: "pg_constraint", kind: 'r', row_type: Oid(10003), row_array_type: Oid(10002), not_null: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18], columns: &[
        ("oid", Oid::OID), ("conname", Oid::NAME), ("connamespace", Oid::OID), ("contype", Oid::CHAR), ("condeferrable", Oid::BOOL),
        ("condeferred", Oid::BOOL), ("convalidated", Oid::BOOL), ("conrelid", Oid::OID), ("contypid", Oid::OID), ("conindid", Oid::OID),
        ("conparentid", Oid::OID), ("confrelid", Oid::OID), ("confupdtype", Oid::CHAR), ("confdeltype", Oid::CHAR),
        ("confmatchtype", Oid::CHAR), ("conislocal", Oid::BOOL), ("coninhcount", Oid::INT2), ("connoinherit", Oid::BOOL),
        ("conkey", Oid::INT2_ARRAY), ("confkey", Oid::INT2_ARRAY), ("conpfeqop", Oid::OID_ARRAY), ("conppeqop", Oid::OID_ARRAY),
        ("conffeqop", Oid::OID_ARRAY), ("confdelsetcols", Oid::INT2_ARRAY), ("conexclop", Oid::OID_ARRAY), ("conbin", Oid::PG_NODE_TREE), ] },
    Shape { oid: Oid(2607), name: "pg_conversion", kind: 'r', row_type: Oid(10049), row_array_type: Oid(10048), not_null: &[1, 2, 3, 4, 5, 6, 7, 8], columns: &[
        ("oid", Oid::OID), ("conname", Oid::NAME), ("connamespace", Oid::OID), ("conowner", Oid::OID), ("conforencoding", Oid::INT4),
        ("contoencoding", Oid::INT4), ("conproc", Oid::REGPROC), ("condefault", Oid::BOOL), ] },
    Shape { oid: Oid(12077), name: "pg_cursors", kind: 'v', row_type: Oid(12079), row_array_type: Oid(12078), not_null: &[], columns: &[
        ("name", Oid::TEXT), ("statement", Oid::TEXT), ("is_holdable", Oid::BOOL), ("is_binary", Oid::BOOL), ("is_scrollable", Oid::BOOL),
        ("creation_time", Oid::TIMESTAMPTZ), ] },
    Shape { oid: Oid(1262), name: "pg_database", kind: 'r', row_type: Oid(1248), row_array_type: Oid(10052), not_null: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13], columns: &[
        ("oid", Oid::OID), ("datname", Oid::NAME), ("datdba", Oid::OID), ("encoding", Oid::INT4), ("datlocprovider", Oid::CHAR),
        ("datistemplate", Oid::BOOL), ("datallowconn", Oid::BOOL), ("datconnlimit", Oid::INT4), ("datfrozenxid", Oid::XID),
        ("datminmxid", Oid::XID), ("dattablespace", Oid::OID), ("datcollate", Oid::TEXT), ("datctype", Oid::TEXT),
        ("daticulocale", Oid::TEXT), ("daticurules", Oid::TEXT), ("datcollversion", Oid::TEXT), ("datacl", Oid::ACLITEM_ARRAY), ] },
    Shape { oid: Oid(2964), name: "pg_db_role_setting", kind: 'r', row_type: Oid(10054), row_array_type: Oid(10053), not_null: &[1, 2], columns: &[
        ("setdatabase", Oid::OID), ("setrole", Oid::OID), ("setconfig", Oid::TEXT_ARRAY), ] },
    Shape { oid: Oid(826), name: "pg_default_acl", kind: 'r', row_type: Oid(10088), row_array_type: Oid(10087), not_null: &[1, 2, 3, 4, 5], columns: &[
        ("oid", Oid::OID), ("defaclrole", Oid::OID), ("defaclnamespace", Oid::OID), ("defaclobjtype", Oid::CHAR),
        ("defaclacl", Oid::ACLITEM_ARRAY), ] },
    Shape { oid: Oid(2608), name: "pg_depend", kind: 'r', row_type: Oid(10051), row_array_type: Oid(10050), not_null: &[1, 2, 3, 4, 5, 6, 7], columns: &[
        ("classid", Oid::OID), ("objid", Oid::OID), ("objsubid", Oid::INT4), ("refclassid", Oid::OID), ("refobjid", Oid::OID),
        ("refobjsubid", Oid::INT4), ("deptype", Oid::CHAR), ] },
    Shape { oid: Oid(2609), name: "pg_description", kind: 'r', row_type: Oid(10041), row_array_type: Oid(10040), not_null: &[1, 2, 3, 4], columns: &[
        ("objoid", Oid::OID), ("classoid", Oid::OID), ("objsubid", Oid::INT4), ("description", Oid::TEXT), ] },
    Shape { oid: Oid(3501), name: "pg_enum", kind: 'r', row_type: Oid(10045), row_array_type: Oid(10044), not_null: &[1, 2, 3, 4], columns: &[
        ("oid", Oid::OID), ("enumtypid", Oid::OID), ("enumsortorder", Oid::FLOAT4), ("enumlabel", Oid::NAME), ] },
    Shape { oid: Oid(3466), name: "pg_event_trigger", kind: 'r', row_type: Oid(10039), row_array_type: Oid(10038), not_null: &[1, 2, 3, 4, 5, 6], columns: &[
        ("oid", Oid::OID), ("evtname", Oid::NAME), ("evtevent", Oid::NAME), ("evtowner", Oid::OID), ("evtfoid", Oid::OID),
        ("evtenabled", Oid::CHAR), ("evttags", Oid::TEXT_ARRAY), ] },
    Shape { oid: Oid(3079), name: "pg_extension", kind: 'r', row_type: Oid(10074), row_array_type: Oid(10073), not_null: &[1, 2, 3, 4, 5, 6], columns: &[
        ("oid", Oid::OID), ("extname", Oid::NAME), ("extowner", Oid::OID), ("extnamespace", Oid::OID), ("extrelocatable", Oid::BOOL),
        ("extversion", Oid::TEXT), ("extconfig", Oid::OID_ARRAY), ("extcondition", Oid::TEXT_ARRAY), ] },
    Shape { oid: Oid(2328), name: "pg_foreign_data_wrapper", kind: 'r', row_type: Oid(10076), row_array_type: Oid(10075), not_null: &[1, 2, 3, 4, 5], columns: &[
        ("oid", Oid::OID), ("fdwname", Oid::NAME), ("fdwowner", Oid::OID), ("fdwhandler", Oid::OID), ("fdwvalidator", Oid::OID),
        ("fdwacl", Oid::ACLITEM_ARRAY), ("fdwoptions", Oid::TEXT_ARRAY), ] },
    Shape { oid: Oid(1417), name: "pg_foreign_server", kind: 'r', row_type: Oid(10078), row_array_type: Oid(10077), not_null: &[1, 2, 3, 4], columns: &[
        ("oid", Oid::OID), ("srvname", Oid::NAME), ("srvowner", Oid::OID), ("srvfdw", Oid::OID), ("srvtype", Oid::TEXT),
        ("srvversion", Oid::TEXT), ("srvacl", Oid::ACLITEM_ARRAY), ("srvoptions", Oid::TEXT_ARRAY), ] },
    Shape { oid: Oid(3118), name: "pg_foreign_table", kind: 'r', row_type: Oid(10082), row_array_type: Oid(10081), not_null: &[1, 2], columns: &[
        ("ftrelid", Oid::OID), ("ftserver", Oid::OID), ("ftoptions", Oid::TEXT_ARRAY), ] },
    Shape { oid: Oid(12010), name: "pg_group", kind: 'v', row_type: Oid(12012), row_array_type: Oid(12011), not_null: &[], columns: &[
        ("groname", Oid::NAME), ("grosysid", Oid::OID), ("grolist", Oid::OID_ARRAY), ] },
    Shape { oid: Oid(2610), name: "pg_index", kind: 'r', row_type: Oid(10007), row_array_type: Oid(10006), not_null: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19], columns: &[
        ("indexrelid", Oid::OID), ("indrelid", Oid::OID), ("indnatts", Oid::INT2), ("indnkeyatts", Oid::INT2), ("indisunique", Oid::BOOL),
        ("indnullsnotdistinct", Oid::BOOL), ("indisprimary", Oid::BOOL), ("indisexclusion", Oid::BOOL), ("indimmediate", Oid::BOOL),
        ("indisclustered", Oid::BOOL), ("indisvalid", Oid::BOOL), ("indcheckxmin", Oid::BOOL), ("indisready", Oid::BOOL),
        ("indislive", Oid::BOOL), ("indisreplident", Oid::BOOL), ("indkey", Oid::INT2VECTOR), ("indcollation", Oid::OIDVECTOR),
        ("indclass", Oid::OIDVECTOR), ("indoption", Oid::INT2VECTOR), ("indexprs", Oid::PG_NODE_TREE), ("indpred", Oid::PG_NODE_TREE), ] },
    Shape { oid: Oid(12043), name: "pg_indexes", kind: 'v', row_type: Oid(12045), row_array_type: Oid(12044), not_null: &[], columns: &[
        ("schemaname", Oid::NAME), ("tablename", Oid::NAME), ("indexname", Oid::NAME), ("tablespace", Oid::NAME), ("indexdef", Oid::TEXT), ] },
    Shape { oid: Oid(2611), name: "pg_inherits", kind: 'r', row_type: Oid(10005), row_array_type: Oid(10004), not_null: &[1, 2, 3, 4], columns: &[
        ("inhrelid", Oid::OID), ("inhparent", Oid::OID), ("inhseqno", Oid::INT4), ("inhdetachpending", Oid::BOOL), ] },
    Shape { oid: Oid(3394), name: "pg_init_privs", kind: 'r', row_type: Oid(10090), row_array_type: Oid(10089), not_null: &[1, 2, 3, 4, 5], columns: &[
        ("objoid", Oid::OID), ("classoid", Oid::OID), ("objsubid", Oid::INT4), ("privtype", Oid::CHAR), ("initprivs", Oid::ACLITEM_ARRAY), ] },
    Shape { oid: Oid(2612), name: "pg_language", kind: 'r', row_type: Oid(10021), row_array_type: Oid(10020), not_null: &[1, 2, 3, 4, 5, 6, 7, 8], columns: &[
        ("oid", Oid::OID), ("lanname", Oid::NAME), ("lanowner", Oid::OID), ("lanispl", Oid::BOOL), ("lanpltrusted", Oid::BOOL),
        ("lanplcallfoid", Oid::OID), ("laninline", Oid::OID), ("lanvalidator", Oid::OID), ("lanacl", Oid::ACLITEM_ARRAY), ] },
    Shape { oid: Oid(2613), name: "pg_largeobject", kind: 'r', row_type: Oid(10025), row_array_type: Oid(10024), not_null: &[1, 2, 3], columns: &[
        ("loid", Oid::OID), ("pageno", Oid::INT4), ("data", Oid::BYTEA), ] },
    Shape { oid: Oid(2995), name: "pg_largeobject_metadata", kind: 'r', row_type: Oid(10023), row_array_type: Oid(10022), not_null: &[1, 2], columns: &[
        ("oid", Oid::OID), ("lomowner", Oid::OID), ("lomacl", Oid::ACLITEM_ARRAY), ] },
    Shape { oid: Oid(12073), name: "pg_locks", kind: 'v', row_type: Oid(12075), row_array_type: Oid(12074), not_null: &[], columns: &[
        ("locktype", Oid::TEXT), ("database", Oid::OID), ("relation", Oid::OID), ("page", Oid::INT4), ("tuple", Oid::INT2),
        ("virtualxid", Oid::TEXT), ("transactionid", Oid::XID), ("classid", Oid::OID), ("objid", Oid::OID), ("objsubid", Oid::INT2),
        ("virtualtransaction", Oid::TEXT), ("pid", Oid::INT4), ("mode", Oid::TEXT), ("granted", Oid::BOOL), ("fastpath", Oid::BOOL),
        ("waitstart", Oid::TIMESTAMPTZ), ] },
    Shape { oid: Oid(12038), name: "pg_matviews", kind: 'v', row_type: Oid(12040), row_array_type: Oid(12039), not_null: &[], columns: &[
        ("schemaname", Oid::NAME), ("matviewname", Oid::NAME), ("matviewowner", Oid::NAME), ("tablespace", Oid::NAME),
        ("hasindexes", Oid::BOOL), ("ispopulated", Oid::BOOL), ("definition", Oid::TEXT), ] },
    Shape { oid: Oid(2615), name: "pg_namespace", kind: 'r', row_type: Oid(10047), row_array_type: Oid(10046), not_null: &[1, 2, 3], columns: &[
        ("oid", Oid::OID), ("nspname", Oid::NAME), ("nspowner", Oid::OID), ("nspacl", Oid::ACLITEM_ARRAY), ] },
    Shape { oid: Oid(2616), name: "pg_opclass", kind: 'r', row_type: Oid(10013), row_array_type: Oid(10012), not_null: &[1, 2, 3, 4, 5, 6, 7, 8, 9], columns: &[
        ("oid", Oid::OID), ("opcmethod", Oid::OID), ("opcname", Oid::NAME), ("opcnamespace", Oid::OID), ("opcowner", Oid::OID),
        ("opcfamily", Oid::OID), ("opcintype", Oid::OID), ("opcdefault", Oid::BOOL), ("opckeytype", Oid::OID), ] },
    Shape { oid: Oid(2617), name: "pg_operator", kind: 'r', row_type: Oid(10009), row_array_type: Oid(10008), not_null: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], columns: &[
        ("oid", Oid::OID), ("oprname", Oid::NAME), ("oprnamespace", Oid::OID), ("oprowner", Oid::OID), ("oprkind", Oid::CHAR),
        ("oprcanmerge", Oid::BOOL), ("oprcanhash", Oid::BOOL), ("oprleft", Oid::OID), ("oprright", Oid::OID), ("oprresult", Oid::OID),
        ("oprcom", Oid::OID), ("oprnegate", Oid::OID), ("oprcode", Oid::REGPROC), ("oprrest", Oid::REGPROC), ("oprjoin", Oid::REGPROC), ] },
    Shape { oid: Oid(2753), name: "pg_opfamily", kind: 'r', row_type: Oid(10011), row_array_type: Oid(10010), not_null: &[1, 2, 3, 4, 5], columns: &[
        ("oid", Oid::OID), ("opfmethod", Oid::OID), ("opfname", Oid::NAME), ("opfnamespace", Oid::OID), ("opfowner", Oid::OID), ] },
    Shape { oid: Oid(6243), name: "pg_parameter_acl", kind: 'r', row_type: Oid(10097), row_array_type: Oid(10096), not_null: &[1, 2], columns: &[
        ("oid", Oid::OID), ("parname", Oid::TEXT), ("paracl", Oid::ACLITEM_ARRAY), ] },
    Shape { oid: Oid(3350), name: "pg_partitioned_table", kind: 'r', row_type: Oid(10099), row_array_type: Oid(10098), not_null: &[1, 2, 3, 4, 5, 6, 7], columns: &[
        ("partrelid", Oid::OID), ("partstrat", Oid::CHAR), ("partnatts", Oid::INT2), ("partdefid", Oid::OID),
        ("partattrs", Oid::INT2VECTOR), ("partclass", Oid::OIDVECTOR), ("partcollation", Oid::OIDVECTOR), ("partexprs", Oid::PG_NODE_TREE), ] },
    Shape { oid: Oid(12018), name: "pg_policies", kind: 'v', row_type: Oid(12020), row_array_type: Oid(12019), not_null: &[], columns: &[
        ("schemaname", Oid::NAME), ("tablename", Oid::NAME), ("policyname", Oid::NAME), ("permissive", Oid::TEXT),
        ("roles", Oid::NAME_ARRAY), ("cmd", Oid::TEXT), ("qual", Oid::TEXT), ("with_check", Oid::TEXT), ] },
    Shape { oid: Oid(3256), name: "pg_policy", kind: 'r', row_type: Oid(10084), row_array_type: Oid(10083), not_null: &[1, 2, 3, 4, 5, 6], columns: &[
        ("oid", Oid::OID), ("polname", Oid::NAME), ("polrelid", Oid::OID), ("polcmd", Oid::CHAR), ("polpermissive", Oid::BOOL),
        ("polroles", Oid::OID_ARRAY), ("polqual", Oid::PG_NODE_TREE), ("polwithcheck", Oid::PG_NODE_TREE), ] },
    Shape { oid: Oid(12095), name: "pg_prepared_statements", kind: 'v', row_type: Oid(12097), row_array_type: Oid(12096), not_null: &[], columns: &[
        ("name", Oid::TEXT), ("statement", Oid::TEXT), ("prepare_time", Oid::TIMESTAMPTZ), ("parameter_types", Oid::REGTYPE_ARRAY),
        ("result_types", Oid::REGTYPE_ARRAY), ("from_sql", Oid::BOOL), ("generic_plans", Oid::INT8), ("custom_plans", Oid::INT8), ] },
    Shape { oid: Oid(12090), name: "pg_prepared_xacts", kind: 'v', row_type: Oid(12092), row_array_type: Oid(12091), not_null: &[], columns: &[
        ("transaction", Oid::XID), ("gid", Oid::TEXT), ("prepared", Oid::TIMESTAMPTZ), ("owner", Oid::NAME), ("database", Oid::NAME), ] },
    Shape { oid: Oid(1255), name: "pg_proc", kind: 'r', row_type: Oid(81), row_array_type: Oid(272), not_null: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 26], columns: &[
        ("oid", Oid::OID), ("proname", Oid::NAME), ("pronamespace", Oid::OID), ("proowner", Oid::OID), ("prolang", Oid::OID),
        ("procost", Oid::FLOAT4), ("prorows", Oid::FLOAT4), ("provariadic", Oid::OID), ("prosupport", Oid::REGPROC), ("prokind", Oid::CHAR),
        ("prosecdef", Oid::BOOL), ("proleakproof", Oid::BOOL), ("proisstrict", Oid::BOOL), ("proretset", Oid::BOOL),
        ("provolatile", Oid::CHAR), ("proparallel", Oid::CHAR), ("pronargs", Oid::INT2), ("pronargdefaults", Oid::INT2),
        ("prorettype", Oid::OID), ("proargtypes", Oid::OIDVECTOR), ("proallargtypes", Oid::OID_ARRAY), ("proargmodes", Oid::CHAR_ARRAY),
        ("proargnames", Oid::TEXT_ARRAY), ("proargdefaults", Oid::PG_NODE_TREE), ("protrftypes", Oid::OID_ARRAY), ("prosrc", Oid::TEXT),
        ("probin", Oid::TEXT), ("prosqlbody", Oid::PG_NODE_TREE), ("proconfig", Oid::TEXT_ARRAY), ("proacl", Oid::ACLITEM_ARRAY), ] },
    Shape { oid: Oid(6104), name: "pg_publication", kind: 'r', row_type: Oid(10107), row_array_type: Oid(10106), not_null: &[1, 2, 3, 4, 5, 6, 7, 8, 9], columns: &[
        ("oid", Oid::OID), ("pubname", Oid::NAME), ("pubowner", Oid::OID), ("puballtables", Oid::BOOL), ("pubinsert", Oid::BOOL),
        ("pubupdate", Oid::BOOL), ("pubdelete", Oid::BOOL), ("pubtruncate", Oid::BOOL), ("pubviaroot", Oid::BOOL), ] },
    Shape { oid: Oid(6237), name: "pg_publication_namespace", kind: 'r', row_type: Oid(10109), row_array_type: Oid(10108), not_null: &[1, 2, 3], columns: &[
        ("oid", Oid::OID), ("pnpubid", Oid::OID), ("pnnspid", Oid::OID), ] },
    Shape { oid: Oid(6106), name: "pg_publication_rel", kind: 'r', row_type: Oid(10111), row_array_type: Oid(10110), not_null: &[1, 2, 3], columns: &[
        ("oid", Oid::OID), ("prpubid", Oid::OID), ("prrelid", Oid::OID), ("prqual", Oid::PG_NODE_TREE), ("prattrs", Oid::INT2VECTOR), ] },
    Shape { oid: Oid(12068), name: "pg_publication_tables", kind: 'v', row_type: Oid(12070), row_array_type: Oid(12069), not_null: &[], columns: &[
        ("pubname", Oid::NAME), ("schemaname", Oid::NAME), ("tablename", Oid::NAME), ("attnames", Oid::NAME_ARRAY),
        ("rowfilter", Oid::TEXT), ] },
    Shape { oid: Oid(3541), name: "pg_range", kind: 'r', row_type: Oid(10101), row_array_type: Oid(10100), not_null: &[1, 2, 3, 4, 5, 6, 7], columns: &[
        ("rngtypid", Oid::OID), ("rngsubtype", Oid::OID), ("rngmultitypid", Oid::OID), ("rngcollation", Oid::OID), ("rngsubopc", Oid::OID),
        ("rngcanonical", Oid::REGPROC), ("rngsubdiff", Oid::REGPROC), ] },
    Shape { oid: Oid(6000), name: "pg_replication_origin", kind: 'r', row_type: Oid(10086), row_array_type: Oid(10085), not_null: &[1, 2], columns: &[
        ("roident", Oid::OID), ("roname", Oid::TEXT), ] },
    Shape { oid: Oid(12336), name: "pg_replication_origin_status", kind: 'v', row_type: Oid(12338), row_array_type: Oid(12337), not_null: &[], columns: &[
        ("local_id", Oid::OID), ("external_id", Oid::TEXT), ("remote_lsn", Oid(3220)), ("local_lsn", Oid(3220)), ] },
    Shape { oid: Oid(12257), name: "pg_replication_slots", kind: 'v', row_type: Oid(12259), row_array_type: Oid(12258), not_null: &[], columns: &[
        ("slot_name", Oid::NAME), ("plugin", Oid::NAME), ("slot_type", Oid::TEXT), ("datoid", Oid::OID), ("database", Oid::NAME),
        ("temporary", Oid::BOOL), ("active", Oid::BOOL), ("active_pid", Oid::INT4), ("xmin", Oid::XID), ("catalog_xmin", Oid::XID),
        ("restart_lsn", Oid(3220)), ("confirmed_flush_lsn", Oid(3220)), ("wal_status", Oid::TEXT), ("safe_wal_size", Oid::INT8),
        ("two_phase", Oid::BOOL), ("conflicting", Oid::BOOL), ] },
    Shape { oid: Oid(2618), name: "pg_rewrite", kind: 'r', row_type: Oid(10035), row_array_type: Oid(10034), not_null: &[1, 2, 3, 4, 5, 6, 7, 8], columns: &[
        ("oid", Oid::OID), ("rulename", Oid::NAME), ("ev_class", Oid::OID), ("ev_type", Oid::CHAR), ("ev_enabled", Oid::CHAR),
        ("is_instead", Oid::BOOL), ("ev_qual", Oid::PG_NODE_TREE), ("ev_action", Oid::PG_NODE_TREE), ] },
    Shape { oid: Oid(12000), name: "pg_roles", kind: 'v', row_type: Oid(12002), row_array_type: Oid(12001), not_null: &[], columns: &[
        ("rolname", Oid::NAME), ("rolsuper", Oid::BOOL), ("rolinherit", Oid::BOOL), ("rolcreaterole", Oid::BOOL),
        ("rolcreatedb", Oid::BOOL), ("rolcanlogin", Oid::BOOL), ("rolreplication", Oid::BOOL), ("rolconnlimit", Oid::INT4),
        ("rolpassword", Oid::TEXT), ("rolvaliduntil", Oid::TIMESTAMPTZ), ("rolbypassrls", Oid::BOOL), ("rolconfig", Oid::TEXT_ARRAY),
        ("oid", Oid::OID), ] },
    Shape { oid: Oid(12023), name: "pg_rules", kind: 'v', row_type: Oid(12025), row_array_type: Oid(12024), not_null: &[], columns: &[
        ("schemaname", Oid::NAME), ("tablename", Oid::NAME), ("rulename", Oid::NAME), ("definition", Oid::TEXT), ] },
    Shape { oid: Oid(3596), name: "pg_seclabel", kind: 'r', row_type: Oid(10092), row_array_type: Oid(10091), not_null: &[1, 2, 3, 4, 5], columns: &[
        ("objoid", Oid::OID), ("classoid", Oid::OID), ("objsubid", Oid::INT4), ("provider", Oid::TEXT), ("label", Oid::TEXT), ] },
    Shape { oid: Oid(12099), name: "pg_seclabels", kind: 'v', row_type: Oid(12101), row_array_type: Oid(12100), not_null: &[], columns: &[
        ("objoid", Oid::OID), ("classoid", Oid::OID), ("objsubid", Oid::INT4), ("objtype", Oid::TEXT), ("objnamespace", Oid::OID),
        ("objname", Oid::TEXT), ("provider", Oid::TEXT), ("label", Oid::TEXT), ] },
    Shape { oid: Oid(2224), name: "pg_sequence", kind: 'r', row_type: Oid(10105), row_array_type: Oid(10104), not_null: &[1, 2, 3, 4, 5, 6, 7, 8], columns: &[
        ("seqrelid", Oid::OID), ("seqtypid", Oid::OID), ("seqstart", Oid::INT8), ("seqincrement", Oid::INT8), ("seqmax", Oid::INT8),
        ("seqmin", Oid::INT8), ("seqcache", Oid::INT8), ("seqcycle", Oid::BOOL), ] },
    Shape { oid: Oid(12048), name: "pg_sequences", kind: 'v', row_type: Oid(12050), row_array_type: Oid(12049), not_null: &[], columns: &[
        ("schemaname", Oid::NAME), ("sequencename", Oid::NAME), ("sequenceowner", Oid::NAME), ("data_type", Oid::REGTYPE),
        ("start_value", Oid::INT8), ("min_value", Oid::INT8), ("max_value", Oid::INT8), ("increment_by", Oid::INT8), ("cycle", Oid::BOOL),
        ("cache_size", Oid::INT8), ("last_value", Oid::INT8), ] },
    Shape { oid: Oid(12104), name: "pg_settings", kind: 'v', row_type: Oid(12106), row_array_type: Oid(12105), not_null: &[], columns: &[
        ("name", Oid::TEXT), ("setting", Oid::TEXT), ("unit", Oid::TEXT), ("category", Oid::TEXT), ("short_desc", Oid::TEXT),
        ("extra_desc", Oid::TEXT), ("context", Oid::TEXT), ("vartype", Oid::TEXT), ("source", Oid::TEXT), ("min_val", Oid::TEXT),
        ("max_val", Oid::TEXT), ("enumvals", Oid::TEXT_ARRAY), ("boot_val", Oid::TEXT), ("reset_val", Oid::TEXT), ("sourcefile", Oid::TEXT),
        ("sourceline", Oid::INT4), ("pending_restart", Oid::BOOL), ] },
    Shape { oid: Oid(12005), name: "pg_shadow", kind: 'v', row_type: Oid(12007), row_array_type: Oid(12006), not_null: &[], columns: &[
        ("usename", Oid::NAME), ("usesysid", Oid::OID), ("usecreatedb", Oid::BOOL), ("usesuper", Oid::BOOL), ("userepl", Oid::BOOL),
        ("usebypassrls", Oid::BOOL), ("passwd", Oid::TEXT), ("valuntil", Oid::TIMESTAMPTZ), ("useconfig", Oid::TEXT_ARRAY), ] },
    Shape { oid: Oid(1214), name: "pg_shdepend", kind: 'r', row_type: Oid(10060), row_array_type: Oid(10059), not_null: &[1, 2, 3, 4, 5, 6, 7], columns: &[
        ("dbid", Oid::OID), ("classid", Oid::OID), ("objid", Oid::OID), ("objsubid", Oid::INT4), ("refclassid", Oid::OID),
        ("refobjid", Oid::OID), ("deptype", Oid::CHAR), ] },
    Shape { oid: Oid(2396), name: "pg_shdescription", kind: 'r', row_type: Oid(10062), row_array_type: Oid(10061), not_null: &[1, 2, 3], columns: &[
        ("objoid", Oid::OID), ("classoid", Oid::OID), ("description", Oid::TEXT), ] },
    Shape { oid: Oid(3592), name: "pg_shseclabel", kind: 'r', row_type: Oid(4066), row_array_type: Oid(10093), not_null: &[1, 2, 3, 4], columns: &[
        ("objoid", Oid::OID), ("classoid", Oid::OID), ("provider", Oid::TEXT), ("label", Oid::TEXT), ] },
    Shape { oid: Oid(12222), name: "pg_stat_activity", kind: 'v', row_type: Oid(12224), row_array_type: Oid(12223), not_null: &[], columns: &[
        ("datid", Oid::OID), ("datname", Oid::NAME), ("pid", Oid::INT4), ("leader_pid", Oid::INT4), ("usesysid", Oid::OID),
        ("usename", Oid::NAME), ("application_name", Oid::TEXT), ("client_addr", Oid::INET), ("client_hostname", Oid::TEXT),
        ("client_port", Oid::INT4), ("backend_start", Oid::TIMESTAMPTZ), ("xact_start", Oid::TIMESTAMPTZ),
        ("query_start", Oid::TIMESTAMPTZ), ("state_change", Oid::TIMESTAMPTZ), ("wait_event_type", Oid::TEXT), ("wait_event", Oid::TEXT),
        ("state", Oid::TEXT), ("backend_xid", Oid::XID), ("backend_xmin", Oid::XID), ("query_id", Oid::INT8), ("query", Oid::TEXT),
        ("backend_type", Oid::TEXT), ] },
    Shape { oid: Oid(12183), name: "pg_stat_all_indexes", kind: 'v', row_type: Oid(12185), row_array_type: Oid(12184), not_null: &[], columns: &[
        ("relid", Oid::OID), ("indexrelid", Oid::OID), ("schemaname", Oid::NAME), ("relname", Oid::NAME), ("indexrelname", Oid::NAME),
        ("idx_scan", Oid::INT8), ("last_idx_scan", Oid::TIMESTAMPTZ), ("idx_tup_read", Oid::INT8), ("idx_tup_fetch", Oid::INT8), ] },
    Shape { oid: Oid(12142), name: "pg_stat_all_tables", kind: 'v', row_type: Oid(12144), row_array_type: Oid(12143), not_null: &[], columns: &[
        ("relid", Oid::OID), ("schemaname", Oid::NAME), ("relname", Oid::NAME), ("seq_scan", Oid::INT8),
        ("last_seq_scan", Oid::TIMESTAMPTZ), ("seq_tup_read", Oid::INT8), ("idx_scan", Oid::INT8), ("last_idx_scan", Oid::TIMESTAMPTZ),
        ("idx_tup_fetch", Oid::INT8), ("n_tup_ins", Oid::INT8), ("n_tup_upd", Oid::INT8), ("n_tup_del", Oid::INT8),
        ("n_tup_hot_upd", Oid::INT8), ("n_tup_newpage_upd", Oid::INT8), ("n_live_tup", Oid::INT8), ("n_dead_tup", Oid::INT8),
        ("n_mod_since_analyze", Oid::INT8), ("n_ins_since_vacuum", Oid::INT8), ("last_vacuum", Oid::TIMESTAMPTZ),
        ("last_autovacuum", Oid::TIMESTAMPTZ), ("last_analyze", Oid::TIMESTAMPTZ), ("last_autoanalyze", Oid::TIMESTAMPTZ),
        ("vacuum_count", Oid::INT8), ("autovacuum_count", Oid::INT8), ("analyze_count", Oid::INT8), ("autoanalyze_count", Oid::INT8), ] },
    Shape { oid: Oid(12253), name: "pg_stat_gssapi", kind: 'v', row_type: Oid(12255), row_array_type: Oid(12254), not_null: &[], columns: &[
        ("pid", Oid::INT4), ("gss_authenticated", Oid::BOOL), ("principal", Oid::TEXT), ("encrypted", Oid::BOOL),
        ("credentials_delegated", Oid::BOOL), ] },
    Shape { oid: Oid(12301), name: "pg_stat_progress_analyze", kind: 'v', row_type: Oid(12303), row_array_type: Oid(12302), not_null: &[], columns: &[
        ("pid", Oid::INT4), ("datid", Oid::OID), ("datname", Oid::NAME), ("relid", Oid::OID), ("phase", Oid::TEXT),
        ("sample_blks_total", Oid::INT8), ("sample_blks_scanned", Oid::INT8), ("ext_stats_total", Oid::INT8),
        ("ext_stats_computed", Oid::INT8), ("child_tables_total", Oid::INT8), ("child_tables_done", Oid::INT8),
        ("current_child_table_relid", Oid::OID), ] },
    Shape { oid: Oid(12321), name: "pg_stat_progress_basebackup", kind: 'v', row_type: Oid(12323), row_array_type: Oid(12322), not_null: &[], columns: &[
        ("pid", Oid::INT4), ("phase", Oid::TEXT), ("backup_total", Oid::INT8), ("backup_streamed", Oid::INT8),
        ("tablespaces_total", Oid::INT8), ("tablespaces_streamed", Oid::INT8), ] },
    Shape { oid: Oid(12311), name: "pg_stat_progress_cluster", kind: 'v', row_type: Oid(12313), row_array_type: Oid(12312), not_null: &[], columns: &[
        ("pid", Oid::INT4), ("datid", Oid::OID), ("datname", Oid::NAME), ("relid", Oid::OID), ("command", Oid::TEXT), ("phase", Oid::TEXT),
        ("cluster_index_relid", Oid::OID), ("heap_tuples_scanned", Oid::INT8), ("heap_tuples_written", Oid::INT8),
        ("heap_blks_total", Oid::INT8), ("heap_blks_scanned", Oid::INT8), ("index_rebuild_count", Oid::INT8), ] },
    Shape { oid: Oid(12326), name: "pg_stat_progress_copy", kind: 'v', row_type: Oid(12328), row_array_type: Oid(12327), not_null: &[], columns: &[
        ("pid", Oid::INT4), ("datid", Oid::OID), ("datname", Oid::NAME), ("relid", Oid::OID), ("command", Oid::TEXT), ("type", Oid::TEXT),
        ("bytes_processed", Oid::INT8), ("bytes_total", Oid::INT8), ("tuples_processed", Oid::INT8), ("tuples_excluded", Oid::INT8), ] },
    Shape { oid: Oid(12316), name: "pg_stat_progress_create_index", kind: 'v', row_type: Oid(12318), row_array_type: Oid(12317), not_null: &[], columns: &[
        ("pid", Oid::INT4), ("datid", Oid::OID), ("datname", Oid::NAME), ("relid", Oid::OID), ("index_relid", Oid::OID),
        ("command", Oid::TEXT), ("phase", Oid::TEXT), ("lockers_total", Oid::INT8), ("lockers_done", Oid::INT8),
        ("current_locker_pid", Oid::INT8), ("blocks_total", Oid::INT8), ("blocks_done", Oid::INT8), ("tuples_total", Oid::INT8),
        ("tuples_done", Oid::INT8), ("partitions_total", Oid::INT8), ("partitions_done", Oid::INT8), ] },
    Shape { oid: Oid(12306), name: "pg_stat_progress_vacuum", kind: 'v', row_type: Oid(12308), row_array_type: Oid(12307), not_null: &[], columns: &[
        ("pid", Oid::INT4), ("datid", Oid::OID), ("datname", Oid::NAME), ("relid", Oid::OID), ("phase", Oid::TEXT),
        ("heap_blks_total", Oid::INT8), ("heap_blks_scanned", Oid::INT8), ("heap_blks_vacuumed", Oid::INT8),
        ("index_vacuum_count", Oid::INT8), ("max_dead_tuples", Oid::INT8), ("num_dead_tuples", Oid::INT8), ] },
    Shape { oid: Oid(12227), name: "pg_stat_replication", kind: 'v', row_type: Oid(12229), row_array_type: Oid(12228), not_null: &[], columns: &[
        ("pid", Oid::INT4), ("usesysid", Oid::OID), ("usename", Oid::NAME), ("application_name", Oid::TEXT), ("client_addr", Oid::INET),
        ("client_hostname", Oid::TEXT), ("client_port", Oid::INT4), ("backend_start", Oid::TIMESTAMPTZ), ("backend_xmin", Oid::XID),
        ("state", Oid::TEXT), ("sent_lsn", Oid(3220)), ("write_lsn", Oid(3220)), ("flush_lsn", Oid(3220)), ("replay_lsn", Oid(3220)),
        ("write_lag", Oid::INTERVAL), ("flush_lag", Oid::INTERVAL), ("replay_lag", Oid::INTERVAL), ("sync_priority", Oid::INT4),
        ("sync_state", Oid::TEXT), ("reply_time", Oid::TIMESTAMPTZ), ] },
    Shape { oid: Oid(12262), name: "pg_stat_replication_slots", kind: 'v', row_type: Oid(12264), row_array_type: Oid(12263), not_null: &[], columns: &[
        ("slot_name", Oid::TEXT), ("spill_txns", Oid::INT8), ("spill_count", Oid::INT8), ("spill_bytes", Oid::INT8),
        ("stream_txns", Oid::INT8), ("stream_count", Oid::INT8), ("stream_bytes", Oid::INT8), ("total_txns", Oid::INT8),
        ("total_bytes", Oid::INT8), ("stats_reset", Oid::TIMESTAMPTZ), ] },
    Shape { oid: Oid(12249), name: "pg_stat_ssl", kind: 'v', row_type: Oid(12251), row_array_type: Oid(12250), not_null: &[], columns: &[
        ("pid", Oid::INT4), ("ssl", Oid::BOOL), ("version", Oid::TEXT), ("cipher", Oid::TEXT), ("bits", Oid::INT4),
        ("client_dn", Oid::TEXT), ("client_serial", Oid::NUMERIC), ("issuer_dn", Oid::TEXT), ] },
    Shape { oid: Oid(12244), name: "pg_stat_subscription", kind: 'v', row_type: Oid(12246), row_array_type: Oid(12245), not_null: &[], columns: &[
        ("subid", Oid::OID), ("subname", Oid::NAME), ("pid", Oid::INT4), ("leader_pid", Oid::INT4), ("relid", Oid::OID),
        ("received_lsn", Oid(3220)), ("last_msg_send_time", Oid::TIMESTAMPTZ), ("last_msg_receipt_time", Oid::TIMESTAMPTZ),
        ("latest_end_lsn", Oid(3220)), ("latest_end_time", Oid::TIMESTAMPTZ), ] },
    Shape { oid: Oid(12340), name: "pg_stat_subscription_stats", kind: 'v', row_type: Oid(12342), row_array_type: Oid(12341), not_null: &[], columns: &[
        ("subid", Oid::OID), ("subname", Oid::NAME), ("apply_error_count", Oid::INT8), ("sync_error_count", Oid::INT8),
        ("stats_reset", Oid::TIMESTAMPTZ), ] },
    Shape { oid: Oid(12188), name: "pg_stat_sys_indexes", kind: 'v', row_type: Oid(12190), row_array_type: Oid(12189), not_null: &[], columns: &[
        ("relid", Oid::OID), ("indexrelid", Oid::OID), ("schemaname", Oid::NAME), ("relname", Oid::NAME), ("indexrelname", Oid::NAME),
        ("idx_scan", Oid::INT8), ("last_idx_scan", Oid::TIMESTAMPTZ), ("idx_tup_read", Oid::INT8), ("idx_tup_fetch", Oid::INT8), ] },
    Shape { oid: Oid(12152), name: "pg_stat_sys_tables", kind: 'v', row_type: Oid(12154), row_array_type: Oid(12153), not_null: &[], columns: &[
        ("relid", Oid::OID), ("schemaname", Oid::NAME), ("relname", Oid::NAME), ("seq_scan", Oid::INT8),
        ("last_seq_scan", Oid::TIMESTAMPTZ), ("seq_tup_read", Oid::INT8), ("idx_scan", Oid::INT8), ("last_idx_scan", Oid::TIMESTAMPTZ),
        ("idx_tup_fetch", Oid::INT8), ("n_tup_ins", Oid::INT8), ("n_tup_upd", Oid::INT8), ("n_tup_del", Oid::INT8),
        ("n_tup_hot_upd", Oid::INT8), ("n_tup_newpage_upd", Oid::INT8), ("n_live_tup", Oid::INT8), ("n_dead_tup", Oid::INT8),
        ("n_mod_since_analyze", Oid::INT8), ("n_ins_since_vacuum", Oid::INT8), ("last_vacuum", Oid::TIMESTAMPTZ),
        ("last_autovacuum", Oid::TIMESTAMPTZ), ("last_analyze", Oid::TIMESTAMPTZ), ("last_autoanalyze", Oid::TIMESTAMPTZ),
        ("vacuum_count", Oid::INT8), ("autovacuum_count", Oid::INT8), ("analyze_count", Oid::INT8), ("autoanalyze_count", Oid::INT8), ] },
    Shape { oid: Oid(12275), name: "pg_stat_user_functions", kind: 'v', row_type: Oid(12277), row_array_type: Oid(12276), not_null: &[], columns: &[
        ("funcid", Oid::OID), ("schemaname", Oid::NAME), ("funcname", Oid::NAME), ("calls", Oid::INT8), ("total_time", Oid::FLOAT8),
        ("self_time", Oid::FLOAT8), ] },
    Shape { oid: Oid(12192), name: "pg_stat_user_indexes", kind: 'v', row_type: Oid(12194), row_array_type: Oid(12193), not_null: &[], columns: &[
        ("relid", Oid::OID), ("indexrelid", Oid::OID), ("schemaname", Oid::NAME), ("relname", Oid::NAME), ("indexrelname", Oid::NAME),
        ("idx_scan", Oid::INT8), ("last_idx_scan", Oid::TIMESTAMPTZ), ("idx_tup_read", Oid::INT8), ("idx_tup_fetch", Oid::INT8), ] },
    Shape { oid: Oid(12161), name: "pg_stat_user_tables", kind: 'v', row_type: Oid(12163), row_array_type: Oid(12162), not_null: &[], columns: &[
        ("relid", Oid::OID), ("schemaname", Oid::NAME), ("relname", Oid::NAME), ("seq_scan", Oid::INT8),
        ("last_seq_scan", Oid::TIMESTAMPTZ), ("seq_tup_read", Oid::INT8), ("idx_scan", Oid::INT8), ("last_idx_scan", Oid::TIMESTAMPTZ),
        ("idx_tup_fetch", Oid::INT8), ("n_tup_ins", Oid::INT8), ("n_tup_upd", Oid::INT8), ("n_tup_del", Oid::INT8),
        ("n_tup_hot_upd", Oid::INT8), ("n_tup_newpage_upd", Oid::INT8), ("n_live_tup", Oid::INT8), ("n_dead_tup", Oid::INT8),
        ("n_mod_since_analyze", Oid::INT8), ("n_ins_since_vacuum", Oid::INT8), ("last_vacuum", Oid::TIMESTAMPTZ),
        ("last_autovacuum", Oid::TIMESTAMPTZ), ("last_analyze", Oid::TIMESTAMPTZ), ("last_autoanalyze", Oid::TIMESTAMPTZ),
        ("vacuum_count", Oid::INT8), ("autovacuum_count", Oid::INT8), ("analyze_count", Oid::INT8), ("autoanalyze_count", Oid::INT8), ] },
    Shape { oid: Oid(12236), name: "pg_stat_wal_receiver", kind: 'v', row_type: Oid(12238), row_array_type: Oid(12237), not_null: &[], columns: &[
        ("pid", Oid::INT4), ("status", Oid::TEXT), ("receive_start_lsn", Oid(3220)), ("receive_start_tli", Oid::INT4),
        ("written_lsn", Oid(3220)), ("flushed_lsn", Oid(3220)), ("received_tli", Oid::INT4), ("last_msg_send_time", Oid::TIMESTAMPTZ),
        ("last_msg_receipt_time", Oid::TIMESTAMPTZ), ("latest_end_lsn", Oid(3220)), ("latest_end_time", Oid::TIMESTAMPTZ),
        ("slot_name", Oid::TEXT), ("sender_host", Oid::TEXT), ("sender_port", Oid::INT4), ("conninfo", Oid::TEXT), ] },
    Shape { oid: Oid(12147), name: "pg_stat_xact_all_tables", kind: 'v', row_type: Oid(12149), row_array_type: Oid(12148), not_null: &[], columns: &[
        ("relid", Oid::OID), ("schemaname", Oid::NAME), ("relname", Oid::NAME), ("seq_scan", Oid::INT8), ("seq_tup_read", Oid::INT8),
        ("idx_scan", Oid::INT8), ("idx_tup_fetch", Oid::INT8), ("n_tup_ins", Oid::INT8), ("n_tup_upd", Oid::INT8), ("n_tup_del", Oid::INT8),
        ("n_tup_hot_upd", Oid::INT8), ("n_tup_newpage_upd", Oid::INT8), ] },
    Shape { oid: Oid(12157), name: "pg_stat_xact_sys_tables", kind: 'v', row_type: Oid(12159), row_array_type: Oid(12158), not_null: &[], columns: &[
        ("relid", Oid::OID), ("schemaname", Oid::NAME), ("relname", Oid::NAME), ("seq_scan", Oid::INT8), ("seq_tup_read", Oid::INT8),
        ("idx_scan", Oid::INT8), ("idx_tup_fetch", Oid::INT8), ("n_tup_ins", Oid::INT8), ("n_tup_upd", Oid::INT8), ("n_tup_del", Oid::INT8),
        ("n_tup_hot_upd", Oid::INT8), ("n_tup_newpage_upd", Oid::INT8), ] },
    Shape { oid: Oid(12280), name: "pg_stat_xact_user_functions", kind: 'v', row_type: Oid(12282), row_array_type: Oid(12281), not_null: &[], columns: &[
        ("funcid", Oid::OID), ("schemaname", Oid::NAME), ("funcname", Oid::NAME), ("calls", Oid::INT8), ("total_time", Oid::FLOAT8),
        ("self_time", Oid::FLOAT8), ] },
    Shape { oid: Oid(12166), name: "pg_stat_xact_user_tables", kind: 'v', row_type: Oid(12168), row_array_type: Oid(12167), not_null: &[], columns: &[
        ("relid", Oid::OID), ("schemaname", Oid::NAME), ("relname", Oid::NAME), ("seq_scan", Oid::INT8), ("seq_tup_read", Oid::INT8),
        ("idx_scan", Oid::INT8), ("idx_tup_fetch", Oid::INT8), ("n_tup_ins", Oid::INT8), ("n_tup_upd", Oid::INT8), ("n_tup_del", Oid::INT8),
        ("n_tup_hot_upd", Oid::INT8), ("n_tup_newpage_upd", Oid::INT8), ] },
    Shape { oid: Oid(12196), name: "pg_statio_all_indexes", kind: 'v', row_type: Oid(12198), row_array_type: Oid(12197), not_null: &[], columns: &[
        ("relid", Oid::OID), ("indexrelid", Oid::OID), ("schemaname", Oid::NAME), ("relname", Oid::NAME), ("indexrelname", Oid::NAME),
        ("idx_blks_read", Oid::INT8), ("idx_blks_hit", Oid::INT8), ] },
    Shape { oid: Oid(12209), name: "pg_statio_all_sequences", kind: 'v', row_type: Oid(12211), row_array_type: Oid(12210), not_null: &[], columns: &[
        ("relid", Oid::OID), ("schemaname", Oid::NAME), ("relname", Oid::NAME), ("blks_read", Oid::INT8), ("blks_hit", Oid::INT8), ] },
    Shape { oid: Oid(12170), name: "pg_statio_all_tables", kind: 'v', row_type: Oid(12172), row_array_type: Oid(12171), not_null: &[], columns: &[
        ("relid", Oid::OID), ("schemaname", Oid::NAME), ("relname", Oid::NAME), ("heap_blks_read", Oid::INT8), ("heap_blks_hit", Oid::INT8),
        ("idx_blks_read", Oid::INT8), ("idx_blks_hit", Oid::INT8), ("toast_blks_read", Oid::INT8), ("toast_blks_hit", Oid::INT8),
        ("tidx_blks_read", Oid::INT8), ("tidx_blks_hit", Oid::INT8), ] },
    Shape { oid: Oid(12201), name: "pg_statio_sys_indexes", kind: 'v', row_type: Oid(12203), row_array_type: Oid(12202), not_null: &[], columns: &[
        ("relid", Oid::OID), ("indexrelid", Oid::OID), ("schemaname", Oid::NAME), ("relname", Oid::NAME), ("indexrelname", Oid::NAME),
        ("idx_blks_read", Oid::INT8), ("idx_blks_hit", Oid::INT8), ] },
    Shape { oid: Oid(12214), name: "pg_statio_sys_sequences", kind: 'v', row_type: Oid(12216), row_array_type: Oid(12215), not_null: &[], columns: &[
        ("relid", Oid::OID), ("schemaname", Oid::NAME), ("relname", Oid::NAME), ("blks_read", Oid::INT8), ("blks_hit", Oid::INT8), ] },
    Shape { oid: Oid(12175), name: "pg_statio_sys_tables", kind: 'v', row_type: Oid(12177), row_array_type: Oid(12176), not_null: &[], columns: &[
        ("relid", Oid::OID), ("schemaname", Oid::NAME), ("relname", Oid::NAME), ("heap_blks_read", Oid::INT8), ("heap_blks_hit", Oid::INT8),
        ("idx_blks_read", Oid::INT8), ("idx_blks_hit", Oid::INT8), ("toast_blks_read", Oid::INT8), ("toast_blks_hit", Oid::INT8),
        ("tidx_blks_read", Oid::INT8), ("tidx_blks_hit", Oid::INT8), ] },
    Shape { oid: Oid(12205), name: "pg_statio_user_indexes", kind: 'v', row_type: Oid(12207), row_array_type: Oid(12206), not_null: &[], columns: &[
        ("relid", Oid::OID), ("indexrelid", Oid::OID), ("schemaname", Oid::NAME), ("relname", Oid::NAME), ("indexrelname", Oid::NAME),
        ("idx_blks_read", Oid::INT8), ("idx_blks_hit", Oid::INT8), ] },
    Shape { oid: Oid(12218), name: "pg_statio_user_sequences", kind: 'v', row_type: Oid(12220), row_array_type: Oid(12219), not_null: &[], columns: &[
        ("relid", Oid::OID), ("schemaname", Oid::NAME), ("relname", Oid::NAME), ("blks_read", Oid::INT8), ("blks_hit", Oid::INT8), ] },
    Shape { oid: Oid(12179), name: "pg_statio_user_tables", kind: 'v', row_type: Oid(12181), row_array_type: Oid(12180), not_null: &[], columns: &[
        ("relid", Oid::OID), ("schemaname", Oid::NAME), ("relname", Oid::NAME), ("heap_blks_read", Oid::INT8), ("heap_blks_hit", Oid::INT8),
        ("idx_blks_read", Oid::INT8), ("idx_blks_hit", Oid::INT8), ("toast_blks_read", Oid::INT8), ("toast_blks_hit", Oid::INT8),
        ("tidx_blks_read", Oid::INT8), ("tidx_blks_hit", Oid::INT8), ] },
    Shape { oid: Oid(2619), name: "pg_statistic", kind: 'r', row_type: Oid(10029), row_array_type: Oid(10028), not_null: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21], columns: &[
        ("starelid", Oid::OID), ("staattnum", Oid::INT2), ("stainherit", Oid::BOOL), ("stanullfrac", Oid::FLOAT4), ("stawidth", Oid::INT4),
        ("stadistinct", Oid::FLOAT4), ("stakind1", Oid::INT2), ("stakind2", Oid::INT2), ("stakind3", Oid::INT2), ("stakind4", Oid::INT2),
        ("stakind5", Oid::INT2), ("staop1", Oid::OID), ("staop2", Oid::OID), ("staop3", Oid::OID), ("staop4", Oid::OID),
        ("staop5", Oid::OID), ("stacoll1", Oid::OID), ("stacoll2", Oid::OID), ("stacoll3", Oid::OID), ("stacoll4", Oid::OID),
        ("stacoll5", Oid::OID), ("stanumbers1", Oid::FLOAT4_ARRAY), ("stanumbers2", Oid::FLOAT4_ARRAY), ("stanumbers3", Oid::FLOAT4_ARRAY),
        ("stanumbers4", Oid::FLOAT4_ARRAY), ("stanumbers5", Oid::FLOAT4_ARRAY), ("stavalues1", Oid::ANYARRAY),
        ("stavalues2", Oid::ANYARRAY), ("stavalues3", Oid::ANYARRAY), ("stavalues4", Oid::ANYARRAY), ("stavalues5", Oid::ANYARRAY), ] },
    Shape { oid: Oid(3381), name: "pg_statistic_ext", kind: 'r', row_type: Oid(10031), row_array_type: Oid(10030), not_null: &[1, 2, 3, 4, 5, 6, 7, 8], columns: &[
        ("oid", Oid::OID), ("stxrelid", Oid::OID), ("stxname", Oid::NAME), ("stxnamespace", Oid::OID), ("stxowner", Oid::OID),
        ("stxstattarget", Oid::INT4), ("stxkeys", Oid::INT2VECTOR), ("stxkind", Oid::CHAR_ARRAY), ("stxexprs", Oid::PG_NODE_TREE), ] },
    Shape { oid: Oid(3429), name: "pg_statistic_ext_data", kind: 'r', row_type: Oid(10033), row_array_type: Oid(10032), not_null: &[1, 2], columns: &[
        ("stxoid", Oid::OID), ("stxdinherit", Oid::BOOL), ("stxdndistinct", Oid(3361)), ("stxddependencies", Oid(3402)),
        ("stxdmcv", Oid(5017)), ("stxdexpr", Oid(10028)), ] },
    Shape { oid: Oid(12053), name: "pg_stats", kind: 'v', row_type: Oid(12055), row_array_type: Oid(12054), not_null: &[], columns: &[
        ("schemaname", Oid::NAME), ("tablename", Oid::NAME), ("attname", Oid::NAME), ("inherited", Oid::BOOL), ("null_frac", Oid::FLOAT4),
        ("avg_width", Oid::INT4), ("n_distinct", Oid::FLOAT4), ("most_common_vals", Oid::ANYARRAY),
        ("most_common_freqs", Oid::FLOAT4_ARRAY), ("histogram_bounds", Oid::ANYARRAY), ("correlation", Oid::FLOAT4),
        ("most_common_elems", Oid::ANYARRAY), ("most_common_elem_freqs", Oid::FLOAT4_ARRAY), ("elem_count_histogram", Oid::FLOAT4_ARRAY), ] },
    Shape { oid: Oid(12058), name: "pg_stats_ext", kind: 'v', row_type: Oid(12060), row_array_type: Oid(12059), not_null: &[], columns: &[
        ("schemaname", Oid::NAME), ("tablename", Oid::NAME), ("statistics_schemaname", Oid::NAME), ("statistics_name", Oid::NAME),
        ("statistics_owner", Oid::NAME), ("attnames", Oid::NAME_ARRAY), ("exprs", Oid::TEXT_ARRAY), ("kinds", Oid::CHAR_ARRAY),
        ("inherited", Oid::BOOL), ("n_distinct", Oid(3361)), ("dependencies", Oid(3402)), ("most_common_vals", Oid::TEXT_ARRAY),
        ("most_common_val_nulls", Oid::BOOL_ARRAY), ("most_common_freqs", Oid::FLOAT8_ARRAY), ("most_common_base_freqs", Oid::FLOAT8_ARRAY), ] },
    Shape { oid: Oid(12063), name: "pg_stats_ext_exprs", kind: 'v', row_type: Oid(12065), row_array_type: Oid(12064), not_null: &[], columns: &[
        ("schemaname", Oid::NAME), ("tablename", Oid::NAME), ("statistics_schemaname", Oid::NAME), ("statistics_name", Oid::NAME),
        ("statistics_owner", Oid::NAME), ("expr", Oid::TEXT), ("inherited", Oid::BOOL), ("null_frac", Oid::FLOAT4),
        ("avg_width", Oid::INT4), ("n_distinct", Oid::FLOAT4), ("most_common_vals", Oid::ANYARRAY),
        ("most_common_freqs", Oid::FLOAT4_ARRAY), ("histogram_bounds", Oid::ANYARRAY), ("correlation", Oid::FLOAT4),
        ("most_common_elems", Oid::ANYARRAY), ("most_common_elem_freqs", Oid::FLOAT4_ARRAY), ("elem_count_histogram", Oid::FLOAT4_ARRAY), ] },
    Shape { oid: Oid(6100), name: "pg_subscription", kind: 'r', row_type: Oid(6101), row_array_type: Oid(10112), not_null: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16], columns: &[
        ("oid", Oid::OID), ("subdbid", Oid::OID), ("subskiplsn", Oid(3220)), ("subname", Oid::NAME), ("subowner", Oid::OID),
        ("subenabled", Oid::BOOL), ("subbinary", Oid::BOOL), ("substream", Oid::CHAR), ("subtwophasestate", Oid::CHAR),
        ("subdisableonerr", Oid::BOOL), ("subpasswordrequired", Oid::BOOL), ("subrunasowner", Oid::BOOL), ("subconninfo", Oid::TEXT),
        ("subslotname", Oid::NAME), ("subsynccommit", Oid::TEXT), ("subpublications", Oid::TEXT_ARRAY), ("suborigin", Oid::TEXT), ] },
    Shape { oid: Oid(6102), name: "pg_subscription_rel", kind: 'r', row_type: Oid(10114), row_array_type: Oid(10113), not_null: &[1, 2, 3], columns: &[
        ("srsubid", Oid::OID), ("srrelid", Oid::OID), ("srsubstate", Oid::CHAR), ("srsublsn", Oid(3220)), ] },
    Shape { oid: Oid(12033), name: "pg_tables", kind: 'v', row_type: Oid(12035), row_array_type: Oid(12034), not_null: &[], columns: &[
        ("schemaname", Oid::NAME), ("tablename", Oid::NAME), ("tableowner", Oid::NAME), ("tablespace", Oid::NAME),
        ("hasindexes", Oid::BOOL), ("hasrules", Oid::BOOL), ("hastriggers", Oid::BOOL), ("rowsecurity", Oid::BOOL), ] },
    Shape { oid: Oid(1213), name: "pg_tablespace", kind: 'r', row_type: Oid(10056), row_array_type: Oid(10055), not_null: &[1, 2, 3], columns: &[
        ("oid", Oid::OID), ("spcname", Oid::NAME), ("spcowner", Oid::OID), ("spcacl", Oid::ACLITEM_ARRAY), ("spcoptions", Oid::TEXT_ARRAY), ] },
    Shape { oid: Oid(3576), name: "pg_transform", kind: 'r', row_type: Oid(10103), row_array_type: Oid(10102), not_null: &[1, 2, 3, 4, 5], columns: &[
        ("oid", Oid::OID), ("trftype", Oid::OID), ("trflang", Oid::OID), ("trffromsql", Oid::REGPROC), ("trftosql", Oid::REGPROC), ] },
    Shape { oid: Oid(2620), name: "pg_trigger", kind: 'r', row_type: Oid(10037), row_array_type: Oid(10036), not_null: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], columns: &[
        ("oid", Oid::OID), ("tgrelid", Oid::OID), ("tgparentid", Oid::OID), ("tgname", Oid::NAME), ("tgfoid", Oid::OID),
        ("tgtype", Oid::INT2), ("tgenabled", Oid::CHAR), ("tgisinternal", Oid::BOOL), ("tgconstrrelid", Oid::OID),
        ("tgconstrindid", Oid::OID), ("tgconstraint", Oid::OID), ("tgdeferrable", Oid::BOOL), ("tginitdeferred", Oid::BOOL),
        ("tgnargs", Oid::INT2), ("tgattr", Oid::INT2VECTOR), ("tgargs", Oid::BYTEA), ("tgqual", Oid::PG_NODE_TREE),
        ("tgoldtable", Oid::NAME), ("tgnewtable", Oid::NAME), ] },
    Shape { oid: Oid(3602), name: "pg_ts_config", kind: 'r', row_type: Oid(10064), row_array_type: Oid(10063), not_null: &[1, 2, 3, 4, 5], columns: &[
        ("oid", Oid::OID), ("cfgname", Oid::NAME), ("cfgnamespace", Oid::OID), ("cfgowner", Oid::OID), ("cfgparser", Oid::OID), ] },
    Shape { oid: Oid(3603), name: "pg_ts_config_map", kind: 'r', row_type: Oid(10066), row_array_type: Oid(10065), not_null: &[1, 2, 3, 4], columns: &[
        ("mapcfg", Oid::OID), ("maptokentype", Oid::INT4), ("mapseqno", Oid::INT4), ("mapdict", Oid::OID), ] },
    Shape { oid: Oid(3600), name: "pg_ts_dict", kind: 'r', row_type: Oid(10068), row_array_type: Oid(10067), not_null: &[1, 2, 3, 4, 5], columns: &[
        ("oid", Oid::OID), ("dictname", Oid::NAME), ("dictnamespace", Oid::OID), ("dictowner", Oid::OID), ("dicttemplate", Oid::OID),
        ("dictinitoption", Oid::TEXT), ] },
    Shape { oid: Oid(3601), name: "pg_ts_parser", kind: 'r', row_type: Oid(10070), row_array_type: Oid(10069), not_null: &[1, 2, 3, 4, 5, 6, 7, 8], columns: &[
        ("oid", Oid::OID), ("prsname", Oid::NAME), ("prsnamespace", Oid::OID), ("prsstart", Oid::REGPROC), ("prstoken", Oid::REGPROC),
        ("prsend", Oid::REGPROC), ("prsheadline", Oid::REGPROC), ("prslextype", Oid::REGPROC), ] },
    Shape { oid: Oid(3764), name: "pg_ts_template", kind: 'r', row_type: Oid(10072), row_array_type: Oid(10071), not_null: &[1, 2, 3, 4, 5], columns: &[
        ("oid", Oid::OID), ("tmplname", Oid::NAME), ("tmplnamespace", Oid::OID), ("tmplinit", Oid::REGPROC), ("tmpllexize", Oid::REGPROC), ] },
    Shape { oid: Oid(1247), name: "pg_type", kind: 'r', row_type: Oid(71), row_array_type: Oid(210), not_null: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29], columns: &[
        ("oid", Oid::OID), ("typname", Oid::NAME), ("typnamespace", Oid::OID), ("typowner", Oid::OID), ("typlen", Oid::INT2),
        ("typbyval", Oid::BOOL), ("typtype", Oid::CHAR), ("typcategory", Oid::CHAR), ("typispreferred", Oid::BOOL),
        ("typisdefined", Oid::BOOL), ("typdelim", Oid::CHAR), ("typrelid", Oid::OID), ("typsubscript", Oid::REGPROC), ("typelem", Oid::OID),
        ("typarray", Oid::OID), ("typinput", Oid::REGPROC), ("typoutput", Oid::REGPROC), ("typreceive", Oid::REGPROC),
        ("typsend", Oid::REGPROC), ("typmodin", Oid::REGPROC), ("typmodout", Oid::REGPROC), ("typanalyze", Oid::REGPROC),
        ("typalign", Oid::CHAR), ("typstorage", Oid::CHAR), ("typnotnull", Oid::BOOL), ("typbasetype", Oid::OID), ("typtypmod", Oid::INT4),
        ("typndims", Oid::INT4), ("typcollation", Oid::OID), ("typdefaultbin", Oid::PG_NODE_TREE), ("typdefault", Oid::TEXT),
        ("typacl", Oid::ACLITEM_ARRAY), ] },
    Shape { oid: Oid(12014), name: "pg_user", kind: 'v', row_type: Oid(12016), row_array_type: Oid(12015), not_null: &[], columns: &[
        ("usename", Oid::NAME), ("usesysid", Oid::OID), ("usecreatedb", Oid::BOOL), ("usesuper", Oid::BOOL), ("userepl", Oid::BOOL),
        ("usebypassrls", Oid::BOOL), ("passwd", Oid::TEXT), ("valuntil", Oid::TIMESTAMPTZ), ("useconfig", Oid::TEXT_ARRAY), ] },
    Shape { oid: Oid(12331), name: "pg_user_mappings", kind: 'v', row_type: Oid(12333), row_array_type: Oid(12332), not_null: &[], columns: &[
        ("umid", Oid::OID), ("srvid", Oid::OID), ("srvname", Oid::NAME), ("umuser", Oid::OID), ("usename", Oid::NAME),
        ("umoptions", Oid::TEXT_ARRAY), ] },
    Shape { oid: Oid(12028), name: "pg_views", kind: 'v', row_type: Oid(12030), row_array_type: Oid(12029), not_null: &[], columns: &[
        ("schemaname", Oid::NAME), ("viewname", Oid::NAME), ("viewowner", Oid::NAME), ("definition", Oid::TEXT), ] },
];
