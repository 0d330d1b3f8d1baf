//! Golden rows, and what must hold for every relation.

use std::collections::HashSet;

use borealis_pgtypes::{Datum, Oid};

use crate::fixture::{APP_ROLE, Session};
use crate::snapshot::{ADMIN_ROLE, INFORMATION_SCHEMA, PG_CATALOG_SCHEMA, SYS_SCHEMA};
use crate::system::{self, FAMILIES};

fn schema_of(name: &str) -> (Oid, &str) {
    match name.split_once('.') {
        Some(("information_schema", name)) => (INFORMATION_SCHEMA, name),
        Some(("sys", name)) => (SYS_SCHEMA, name),
        _ => (PG_CATALOG_SCHEMA, name),
    }
}

/// `relation where column = value [and column = value]`: the named columns of the rows found, bars between values.
fn select(session: &Session, query: &str) -> String {
    let (columns, rest) = query.split_once(" from ").expect("columns from relation");
    let (name, condition) = rest.split_once(" where ").unwrap_or((rest, ""));
    let (schema, name) = schema_of(name);
    let relation = system::by_name(schema, name).expect("the relation exists");
    let place =
        |column: &str| relation.columns.iter().position(|candidate| candidate.0 == column).unwrap_or_else(|| panic!("no column {column}"));
    let conditions: Vec<_> =
        condition.split(" and ").filter_map(|one| one.split_once(" = ")).map(|(column, value)| (place(column), value)).collect();
    let shown: Vec<_> = columns.split(", ").map(place).collect();
    let text = |row: &[Datum], at: usize| session.text(&row[at], relation.columns[at].1);
    let rows = (relation.rows)(&session.context()).expect("rows");
    let found = rows.iter().filter(|row| conditions.iter().all(|(at, value)| text(row, *at) == *value));
    found.map(|row| shown.iter().map(|at| text(row, *at)).collect::<Vec<_>>().join("|")).collect::<Vec<_>>().join("\n")
}

fn check(query: &str, expected: &str) {
    assert_eq!(select(&Session::new(ADMIN_ROLE), query), expected, "{query}");
}

#[test]
fn every_family_computes_relations_that_exist() {
    for (schema, name, _) in FAMILIES.iter().copied().flatten() {
        assert!(system::by_name(*schema, name).is_some(), "{name}");
    }
}

#[test]
fn relations_and_types_have_numbers_of_their_own() {
    let relations: HashSet<_> = system::all().iter().map(|relation| relation.oid).collect();
    assert_eq!(relations.len(), system::all().len());
    let types: HashSet<_> = system::all().iter().flat_map(|relation| [relation.row_type, relation.row_array_type]).collect();
    assert_eq!(types.len(), 2 * system::all().len());
}

/// Whether a value may stand in a column of the type.
fn fits(value: &Datum, oid: Oid) -> bool {
    match value {
        Datum::Null => true,
        Datum::Bool(_) => oid == Oid::BOOL,
        Datum::Int2(_) => oid == Oid::INT2,
        Datum::Int4(_) => oid == Oid::INT4,
        Datum::Int8(_) => oid == Oid::INT8,
        Datum::Float4(_) => oid == Oid::FLOAT4,
        Datum::Text(_) => matches!(oid, Oid::TEXT | Oid::NAME | Oid::VARCHAR | Oid::PG_NODE_TREE),
        Datum::Oid(_) => matches!(oid, Oid::REGTYPE | Oid::OID | Oid::REGPROC | Oid::XID),
        Datum::Char(_) => oid == Oid::CHAR,
        Datum::TimestampTz(_) => oid == Oid::TIMESTAMPTZ,
        Datum::Array(array) => match oid {
            Oid::INT2VECTOR => array.element == Oid::INT2,
            Oid::OIDVECTOR => array.element == Oid::OID,
            Oid::ANYARRAY => true,
            _ => borealis_pgtypes::types::element_of(oid) == Some(array.element),
        },
        _ => false,
    }
}

#[test]
fn every_row_has_the_columns_that_its_relation_declares() {
    let session = Session::new(ADMIN_ROLE);
    for relation in system::all() {
        for row in (relation.rows)(&session.context()).expect("rows") {
            assert_eq!(row.len(), relation.columns.len(), "{}", relation.name);
            for ((value, (column, oid)), number) in row.iter().zip(relation.columns).zip(1..) {
                assert!(fits(value, *oid), "{}.{column}: {value:?}", relation.name);
                assert!(!(value.is_null() && relation.not_null.contains(&number)), "{}.{column} is NULL", relation.name);
            }
        }
    }
}

#[test]
fn every_function_that_a_type_or_operator_names_is_listed() {
    let session = Session::new(ADMIN_ROLE);
    let procedures: HashSet<_> = select(&session, "oid from pg_proc").lines().map(str::to_owned).collect();
    let columns = "typinput, typoutput, typreceive, typsend, typmodin, typmodout, typsubscript, typanalyze";
    let relation = system::by_name(PG_CATALOG_SCHEMA, "pg_type").expect("pg_type");
    for row in (relation.rows)(&session.context()).expect("rows") {
        for column in columns.split(", ") {
            let at = relation.columns.iter().position(|candidate| candidate.0 == column).expect("a column");
            let Datum::Oid(oid) = row[at] else { panic!("{column} is no oid") };
            assert!(oid == Oid::INVALID || procedures.contains(&oid.to_string()), "{column} of {:?} is {oid}", row[1]);
        }
    }
}

#[test]
fn tables_and_indexes() {
    check(
        "relkind, relam, relnatts, relchecks, relhasindex, relhastriggers, reltuples from pg_class where relname = child",
        "r|9950|7|1|t|t|-1",
    );
    check(
        "oid, reltuples, relpages, relhastriggers, relacl from pg_class where relname = parent",
        "20000|1000|8|t|{admin=arwdDxt/admin,app=a*r/admin}\n20110|-1|0|f|",
    );
    check("relkind, relam, relnatts, reltype from pg_class where relname = child_pkey", "i|9951|6|0");
    check(
        "null_frac, avg_width, n_distinct, most_common_vals, most_common_freqs, histogram_bounds, correlation from pg_stats where tablename = parent",
        "0|4|-1|{7}|{0.5}|{1,9}|1",
    );
    check(
        "staattnum, stakind1, stakind2, stakind3, stakind4, staop1, staop2, stacoll4 from pg_statistic where starelid = 20000",
        "1|1|2|3|0|2972|2974|0",
    );
    check(
        "relkind, relnamespace, relowner, relacl from pg_class where relname = pg_class",
        "r|11|10|{pg_system=arwdDxt/pg_system,=r/pg_system}",
    );
    check("amname, amtype from pg_am where oid = 9951", "btree_index|i");
    check(
        "nspname, nspowner, nspacl from pg_namespace where oid = 2200",
        "public|10|{pg_system=UC/pg_system,=U/pg_system,admin=UC/pg_system}",
    );
}

#[test]
fn columns() {
    check(
        "attnum, attname, atttypid, atttypmod, attlen, attnotnull, atthasdef, attidentity, attgenerated, attisdropped from pg_attribute where attrelid = 20010",
        "1|id|20|-1|8|t|f|a||f\n2|parent_id|2950|-1|16|t|f|||f\n3|........pg.dropped.3........|0|-1|4|f|f|||t\n4|V|1043|24|-1|f|f|||f\n\
         5|n|1700|655366|-1|f|t|||f\n6|twice|1700|-1|-1|f|t||s|f\n7|at|1184|3|8|f|f|||f",
    );
    check("attnum, attname, atttypid from pg_attribute where attrelid = 20016", "1|lower|25\n2|parent_id|2950");
    check("attnum, attname, atttypid from pg_attribute where attrelid = 20017", "1|expr|1700\n2|at|1184");
    check("adnum, adbin from pg_attrdef where adrelid = 20010", "5|1\n6|(n * (2)::numeric)");
}

#[test]
fn types() {
    check("typtype, typcategory, typarray, typinput, typrelid from pg_type where oid = 16", "b|B|1000|boolin|0");
    check("typname, typtype, typarray, typrelid, typinput from pg_type where oid = 20021", "child|c|20022|20010|record_in");
    check(
        "typname, typelem, typcategory, typreceive, typanalyze from pg_type where oid = 20022",
        "_child|20021|A|array_recv|array_typanalyze",
    );
    check("typname, typarray, typtype from pg_type where oid = 83", "pg_class|273|c");
}

#[test]
fn indexes() {
    let shape = "indnatts, indnkeyatts, indisunique, indisprimary, indisvalid, indkey, indclass, indoption, indcollation";
    check(&format!("{shape} from pg_index where indexrelid = 20011"), "6|1|t|t|t|1 2 4 5 6 7|3124|0|0");
    check(&format!("{shape} from pg_index where indexrelid = 20014"), "1|1|t|f|t|4|3126|0|100");
    check(&format!("{shape} from pg_index where indexrelid = 20016"), "2|1|f|f|t|0 2|3126|0|100");
    check(&format!("{shape} from pg_index where indexrelid = 20017"), "2|2|t|f|f|0 7|3125 3127|2 0|0 0");
    check("indexprs, indpred, indnullsnotdistinct from pg_index where indexrelid = 20016", "lower((\"V\")::text)|(n > (0)::numeric)|f");
    check(
        "schemaname, indexname, indexdef from pg_indexes where tablename = parent",
        "public|parent_pkey|CREATE UNIQUE INDEX parent_pkey ON public.parent USING btree_index (id) INCLUDE (name)",
    );
    check("opcname, opcdefault, opcmethod from pg_opclass where oid = 3126", "text_ops|t|9951");
}

#[test]
fn constraints() {
    let shape = "conname, contype, convalidated, condeferrable, conindid, conkey, confrelid, confkey, confdeltype, conpfeqop, conbin";
    check(
        &format!("{shape} from pg_constraint where conrelid = 20010"),
        "child_pkey|p|t|f|20011|{1}|0|| ||\nchild_V_key|u|t|f|20014|{4}|0|| ||\nchild_n_check|c|t|f|0|{5}|0|| ||(n > (0)::numeric)\n\
         child_parent_id_fkey|f|f|t|20001|{2}|20000|{1}|c|{2972}|",
    );
    check("classid, objid, refclassid, refobjid, refobjsubid, deptype from pg_depend where objid = 20011", "1259|20011|2606|20012|0|i");
    check("refobjid, refobjsubid, deptype from pg_depend where objid = 20020", "2200|0|n\n20010|1|i");
    check(
        "objoid, classoid, objsubid, description from pg_description",
        "20100|2615|0|mixed case\n20000|1259|0|the first\n20000|1259|2|what it is called\n20015|2606|0|never twice\n20018|2606|0|not below\n\
         20210|1259|0|all parents\n20030|1259|0|counts",
    );
    check("classoid, description from pg_shdescription", "1260|the application");
}

#[test]
fn views() {
    check(
        "relname, relkind, relam, relnatts, relhasrules, reloptions from pg_class where oid = 20210",
        "parents|v|0|2|t|{check_option=local}",
    );
    check("attnum, attname, attnotnull from pg_attribute where attrelid = 20210", "1|id|f\n2|next|f");
    check("rulename, ev_class, ev_type, is_instead from pg_rewrite where oid = 20213", "_RETURN|20210|1|t");
    check(
        "classid, refclassid, refobjid, refobjsubid, deptype from pg_depend where objid = 20213",
        "2618|1259|20210|0|i\n2618|1259|20000|1|n",
    );
    check("typname, typrelid, typarray from pg_type where oid = 20211", "parents|20210|20212");
}

#[test]
fn functions_operators_and_casts() {
    check("proname, prorettype, proargtypes, provolatile, prokind from pg_proc where oid = 1397", "abs|23|23|i|f");
    check("proname, pronamespace, prokind from pg_proc where proname = wait_for_job", "wait_for_job|14000|p");
    check("oprname, oprcode, oprcom, oprnegate, oprcanhash from pg_operator where oid = 96", "=|int4eq|96|518|t");
    check("castfunc, castcontext, castmethod from pg_cast where castsource = 16 and casttarget = 23", "2558|e|f");
    check("amopstrategy, amopopr from pg_amop where amopfamily = 1976 and amopopr = 97", "1|97");
}

#[test]
fn roles_and_mappings() {
    check("rolname, rolsuper, rolcanlogin, rolcreaterole from pg_roles", "pg_system|t|f|t\nadmin|f|t|t\napp|f|t|f");
    check("arn, pg_role_name, grantor_pg_role_name from sys.iam_pg_role_mappings", "arn:aws:iam::123456789012:role/app|app|admin");
    check("job_id, status, object_name, update_time from sys.jobs", "abcdefghijklmnopqrstuvwxyz|submitted|public.child|");
    check("name, setting, context from pg_settings", "application_name|psql|user");
}

#[test]
fn information_schema_columns() {
    let shape = "column_name, ordinal_position, column_default, is_nullable, data_type, character_maximum_length, character_octet_length, \
                 numeric_precision, numeric_scale, datetime_precision, udt_name, is_identity, identity_generation, is_generated, generation_expression";
    check(
        &format!("{shape} from information_schema.columns where table_name = child"),
        "id|1||NO|bigint|||64|0||int8|YES|ALWAYS|NEVER|\nparent_id|2||NO|uuid||||||uuid|NO||NEVER|\nV|4||YES|character varying|20|80||||varchar|NO||NEVER|\n\
         n|5|1|YES|numeric|||10|2||numeric|NO||NEVER|\ntwice|6||YES|numeric||||||numeric|NO||ALWAYS|(n * (2)::numeric)\n\
         at|7||YES|timestamp with time zone|||||3|timestamptz|NO||NEVER|",
    );
    check(
        "data_type, collation_name, is_nullable from information_schema.columns where table_name = pg_class and column_name = relname",
        "name|C|NO",
    );
}

#[test]
fn information_schema_constraints() {
    check(
        "constraint_name, constraint_type, is_deferrable, nulls_distinct from information_schema.table_constraints where table_name = child",
        "child_pkey|PRIMARY KEY|NO|\nchild_V_key|UNIQUE|NO|YES\nchild_n_check|CHECK|NO|\nchild_parent_id_fkey|FOREIGN KEY|YES|\n\
         2200_20010_1_not_null|CHECK|NO|\n2200_20010_2_not_null|CHECK|NO|",
    );
    check("check_clause from information_schema.check_constraints where constraint_name = child_n_check", "((n > (0)::numeric))");
    check("check_clause from information_schema.check_constraints where constraint_name = 2200_20000_2_not_null", "name IS NOT NULL");
    check(
        "constraint_name, column_name, ordinal_position, position_in_unique_constraint from information_schema.key_column_usage where table_name = child",
        "child_pkey|id|1|\nchild_V_key|V|1|\nchild_parent_id_fkey|parent_id|1|1",
    );
    check(
        "table_name, column_name from information_schema.constraint_column_usage where constraint_name = child_parent_id_fkey",
        "parent|id",
    );
    check(
        "unique_constraint_name, match_option, update_rule, delete_rule from information_schema.referential_constraints",
        "parent_pkey|NONE|NO ACTION|CASCADE",
    );
}

#[test]
fn information_schema_shows_what_the_role_may_use() {
    let tables = "table_schema, table_name, table_type from information_schema.tables where is_insertable_into = YES";
    check(tables, "public|parent|BASE TABLE\npublic|child|BASE TABLE\npublic|parents|VIEW");
    let app = Session::new(APP_ROLE);
    assert_eq!(select(&app, tables), "public|parent|BASE TABLE\nApp|parent|BASE TABLE");
    assert_eq!(select(&app, "schema_name from information_schema.schemata where schema_owner = app"), "App");
    let grants = "grantor, grantee, privilege_type, is_grantable from information_schema.role_table_grants where table_schema = public";
    assert_eq!(select(&app, grants), "admin|app|INSERT|YES\nadmin|app|SELECT|NO");
}

#[test]
fn sequences() {
    check("relkind, relnatts, relam, reltype, relacl from pg_class where relname = numbers", "S|3|0|0|{admin=rwU/admin,app=r/admin}");
    check("attname, attnotnull from pg_attribute where attrelid = 20030", "last_value|t\nlog_cnt|t\nis_called|t");
    check(
        "seqtypid, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle from pg_sequence where seqrelid = 20030",
        "20|10|2|14|1|1|f",
    );
    check(
        "schemaname, sequencename, data_type, cache_size, last_value from pg_sequences where sequencename = numbers",
        "public|numbers|bigint|1|",
    );
    check("data_type, numeric_precision, start_value, cycle_option from information_schema.sequences", "bigint|64|10|NO");
    check(
        "identity_start, identity_maximum, identity_cycle from information_schema.columns where table_name = child and column_name = id",
        "1|9223372036854775807|NO",
    );
    check("description from pg_description where objoid = 20030", "counts");
}
