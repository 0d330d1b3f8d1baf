INSERT INTO t (id, note) VALUES ($1, 'DROP TABLE t; DELETE FROM t')
----
INSERT INTO t SELECT * FROM u ON CONFLICT (id) DO UPDATE SET a = excluded.a
----
UPDATE t SET "delete" = 1 WHERE id = $1
----
UPDATE t SET a = 1 WHERE id IN (SELECT id FROM t WHERE a IS NULL LIMIT 1000)
----
DELETE FROM t WHERE id = $1
----
DELETE FROM t WHERE created_at < now() - interval '1 day' AND true
----
DELETE FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = t.id)
----
DELETE FROM t USING u WHERE u.id = t.id
----
CREATE TABLE t (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "drop" text DEFAULT 'pending') -- comment
----
CREATE INDEX ASYNC ON t (a)
----
ALTER TABLE t ADD COLUMN a int
----
ALTER TABLE t RENAME COLUMN a TO b
----
COMMENT ON TABLE t IS 'DROP TABLE t'
----
GRANT SELECT ON t TO r
----
REVOKE SELECT ON t FROM r
----
CREATE FUNCTION f(n int) RETURNS int LANGUAGE sql AS $$ SELECT 1; SELECT n + 1 $$
----
CREATE FUNCTION g() RETURNS void LANGUAGE sql AS $$ DELETE FROM t WHERE id = 1 $$
----
CALL sys.wait_for_job('aaaaaaaaaaaaaaaaaaaaaaaaaa')
----
EXPLAIN ANALYZE UPDATE t SET a = 1 WHERE id = 1
----
ANALYZE t
----
SET search_path = x
