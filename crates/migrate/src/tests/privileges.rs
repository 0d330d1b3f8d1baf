//! Who may do what with the new table.

use super::world::World;
use crate::operations::Operation;

const PRIVILEGES: &str = "SELECT c.relname, has_table_privilege('reader', c.oid, 'SELECT'), has_table_privilege('reader', c.oid, 'INSERT'),
        has_table_privilege('writer', c.oid, 'UPDATE'), has_table_privilege('newcomer', c.oid, 'SELECT'),
        has_column_privilege('newcomer', c.oid, 'id', 'SELECT'), pg_get_userbyid(c.relowner)
   FROM pg_class c WHERE c.relname IN ('t', 'plain', 'v') ORDER BY c.relname";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_new_table_has_the_privileges_of_the_original_and_no_others() {
    let world = World::new();
    world
        .run(
            "CREATE ROLE reader WITH LOGIN;
             CREATE ROLE writer WITH LOGIN;
             CREATE ROLE newcomer WITH LOGIN;
             CREATE TABLE t (id int PRIMARY KEY, v text);
             CREATE TABLE plain (id int PRIMARY KEY, v text);
             CREATE VIEW v AS SELECT id, v FROM t;
             GRANT SELECT ON t, v TO reader;
             GRANT UPDATE ON t TO writer WITH GRANT OPTION;
             GRANT SELECT (id) ON t TO newcomer;
             ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT ON TABLES TO newcomer, reader",
        )
        .await;
    let before = world.table(PRIVILEGES).await;
    assert_eq!(before, "plain|f|f|f|f|f|admin\nt|t|f|t|f|t|admin\nv|t|f|f|f|f|admin");
    for table in ["t", "plain"] {
        let retype = Operation::RetypeColumn { column: "v".into(), ty: "integer".into(), using: None };
        world.migrate(table, retype).await.unwrap();
        assert_eq!(world.table(PRIVILEGES).await, before, "{table}");
    }
}
