INSERT INTO t VALUES (1)
----
UPDATE t SET a = 1 WHERE id = 1
----
DELETE FROM t WHERE id = 1
----
TRUNCATE t
----
MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE
----
CREATE TABLE t (id int)
----
CREATE TABLE u AS SELECT * FROM t
----
SELECT * INTO u FROM t
----
DROP TABLE t
----
ALTER TABLE t ADD COLUMN a int
----
GRANT SELECT ON t TO r
----
AWS IAM GRANT r TO 'arn:aws:iam::123456789012:role/x'
----
COPY t FROM STDIN
----
COPY t TO STDOUT
----
COPY t TO PROGRAM 'curl example.com'
----
SET search_path = x
----
SET LOCAL role = admin
----
SET TRANSACTION READ WRITE
----
SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE
----
RESET ALL
----
DISCARD ALL
----
CALL sys.wait_for_job('x')
----
DO $$ BEGIN DELETE FROM t; END $$
----
PREPARE p AS DELETE FROM t
----
EXECUTE p
----
DECLARE c CURSOR FOR SELECT 1
----
LISTEN x
----
NOTIFY x
----
LOCK TABLE t
----
VACUUM t
----
ANALYZE t
----
REINDEX TABLE t
----
COMMENT ON TABLE t IS 'x'
----
SELECT 1; DROP TABLE t
----
SELECT 1; COMMIT; DROP TABLE t
----
SELECT 'a'; DELETE FROM t --'
----
; ; SELECT 1; SELECT 2
----
WITH x AS (INSERT INTO t VALUES (1) RETURNING id) SELECT * FROM x
----
SELECT * FROM (WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d) s
----
WITH a AS (WITH b AS (UPDATE t SET x = 1 RETURNING *) SELECT * FROM b) SELECT * FROM a
----
EXPLAIN ANALYZE DELETE FROM t
----
EXPLAIN (ANALYZE) INSERT INTO t VALUES (1)
----
EXPLAIN ANALYZE WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d
----
SELECT nextval('s')
----
SELECT pg_catalog.setval('s', 1)
----
SELECT set_config('search_path', 'x', false)
----
SELECT "set_config"('role', 'admin', false)
----
SELECT SET_CONFIG('role', 'admin', false)
----
SELECT * FROM t WHERE id = (SELECT nextval('s'))
----
SELECT * FROM t ORDER BY setval('s', 1)
----
SELECT * FROM t LIMIT nextval('s')
----
VALUES (nextval('s'))
----
SELECT count(*) FILTER (WHERE setval('s', 1) > 0) FROM t
----
SELECT sum(x) OVER (ORDER BY nextval('s')) FROM t
----
SELECT * FROM ROWS FROM (generate_series(1, 2), nextval('s'))
----
SELECT * FROM a JOIN b ON nextval('s') = 1
----
SELECT CASE WHEN true THEN nextval('s') END
----
SELECT pg_terminate_backend(1)
----
SELECT pg_cancel_backend(1)
----
SELECT pg_advisory_lock(1)
----
SELECT pg_try_advisory_xact_lock(1)
----
SELECT pg_notify('c', 'p')
----
SELECT pg_read_file('/etc/passwd')
----
SELECT lo_import('/etc/passwd')
----
SELECT * FROM dblink('host=x', 'SELECT 1') AS t(a int)
----
SELECT dblink_exec('DROP TABLE t')
----
SELECT U&"\0073etval"('s', 1)
----
ＳＥＬＥＣＴ 1
----
SELECT 1 /* unterminated
----
SELECT 'unterminated
----
SELECT $$unterminated
