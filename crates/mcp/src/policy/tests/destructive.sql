drops table t
DROP TABLE t
----
drops table a.b, c and all that depends on it
DROP TABLE IF EXISTS a.b, c CASCADE
----
drops index i
DROP INDEX i
----
drops schema s and all that depends on it
DROP SCHEMA s CASCADE
----
drops view v
drop view v
----
drops sequence s
/* harmless */ DROP SEQUENCE s
----
drops 2 role(s)
DROP ROLE a, b
----
drops 1 function(s)
DROP FUNCTION f(int)
----
is a TRUNCATE that this server cannot look into
TRUNCATE t
----
deletes every row of t
DELETE FROM t
----
deletes every row of s.t
DELETE FROM s.t WHERE true
----
deletes every row of t
DELETE FROM t WHERE 1 = 1
----
deletes every row of t
DELETE FROM t WHERE $1 = $1
----
deletes every row of t
DELETE FROM t WHERE id = 5 OR 1 = 1
----
deletes every row of t
DELETE FROM t WHERE (id = 5 OR true) AND 'a' = 'a'
----
deletes every row of t
DELETE FROM t WHERE EXISTS (SELECT 1)
----
deletes every row of t
DELETE FROM t USING u
----
changes every row of t
UPDATE t SET a = 1
----
changes every row of t
UPDATE t SET a = b WHERE NOT false
----
deletes every row of t
WITH d AS (DELETE FROM t RETURNING *) INSERT INTO archive SELECT * FROM d
----
deletes every row of t
EXPLAIN ANALYZE DELETE FROM t
----
drops column a of table t
ALTER TABLE t ADD COLUMN b int, DROP COLUMN a
----
drops constraint c of table s.t
ALTER TABLE s.t DROP CONSTRAINT c
----
drops the identity of column id of table t
ALTER TABLE t ALTER COLUMN id DROP IDENTITY
----
drops constraint c of domain d
ALTER DOMAIN d DROP CONSTRAINT c
----
makes a function that deletes every row of t
CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM t'
----
makes a function that drops table t
CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE sql AS $$ SELECT 1; DROP TABLE t $$
----
deletes every row of u
UPDATE t SET j[(WITH d AS (DELETE FROM u RETURNING k) SELECT k FROM d)] = '1' WHERE id = 1
----
deletes every row of u
INSERT INTO t (id, j[(WITH d AS (DELETE FROM u RETURNING k) SELECT k FROM d)]) VALUES (1, '1')
