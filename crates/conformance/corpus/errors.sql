-- Errors with their codes, positions, details and hints.
CREATE TABLE t1 (id int PRIMARY KEY, name text NOT NULL, amount numeric(6,2) CHECK (amount > 0), code varchar(3) UNIQUE, flag bool DEFAULT true);
CREATE TABLE t2 (id int PRIMARY KEY, t1_id int, name text);
SELECT naem FROM t1;
SELECT t1.naem FROM t1;
SELECT t1.id FROM t2;
SELECT x.id FROM t1;
SELECT id FROM t1, t2;
SELECT id FROM t1 JOIN t2 ON id = t1_id;
SELECT "ID" FROM t1;
SELECT * FROM t3;
SELECT * FROM T1x;
SELECT nofunc(id) FROM t1;
SELECT uper(name) FROM t1;
SELECT upper(id) FROM t1;
SELECT upper(name, name) FROM t1;
SELECT corpus.nofunc(1);
--? a function or operator
SELECT nope.upper('a');
SELECT id + name FROM t1;
SELECT id = name FROM t1;
SELECT id || name FROM t1;
SELECT -name FROM t1;
SELECT id @@@ 5 FROM t1;
SELECT name LIKE 5 FROM t1;
SELECT id LIKE 'x' FROM t1;
SELECT id AND flag FROM t1;
SELECT NOT id FROM t1;
SELECT id FROM t1 WHERE id;
SELECT id FROM t1 WHERE name;
SELECT id FROM t1 WHERE id = 'abc';
SELECT id FROM t1 WHERE flag = 2;
SELECT id FROM t1 WHERE amount = 'x';
SELECT id FROM t1 WHERE id IN (1, 'x');
SELECT id FROM t1 WHERE id IN ();
SELECT id FROM t1 WHERE id BETWEEN 1 AND 'x';
SELECT id FROM t1 GROUP BY name;
SELECT id, count(*) FROM t2 GROUP BY t1_id;
SELECT count(*) FROM t1 WHERE count(*) > 1;
SELECT id FROM t1 ORDER BY nope;
SELECT DISTINCT id FROM t1 ORDER BY name;
SELECT id FROM t1 LIMIT x;
SELECT id AS a, name AS a FROM t1 ORDER BY a;
SELECT * FROM (SELECT id, name FROM t1) AS s (a, b, c);
SELECT * FROM t1 AS x (a, b, c, d, e, f);
SELECT * FROM generate_series(1, 2) AS g (a, b);
--? a function or operator
SELECT t1 FROM t1 WHERE t1 = 1;
SELECT (SELECT id, name FROM t1);
SELECT id FROM t1 WHERE id = (SELECT id FROM t2 UNION SELECT 1 UNION SELECT 2);
SELECT id FROM t1 UNION SELECT name FROM t1;
SELECT id FROM t1 UNION SELECT id, name FROM t1;
INSERT INTO t1 VALUES (1);
INSERT INTO t1 VALUES (1, NULL);
INSERT INTO t1 (id, name, nope) VALUES (1, 'a', 2);
INSERT INTO t1 (id, id) VALUES (1, 2);
INSERT INTO t1 VALUES (1, 'a', 1, 'abc', true, 5);
INSERT INTO t1 (id, name) VALUES (1);
INSERT INTO t1 (id) VALUES (1, 2);
INSERT INTO t1 (id, name) SELECT 1;
INSERT INTO t1 (id, name) VALUES ('x', 'a');
INSERT INTO t1 (id, name) VALUES (true, 'a');
INSERT INTO t1 (id, name, amount) VALUES (1, 'a', -5);
INSERT INTO t1 (id, name, amount) VALUES (1, 'a', 12345.67);
INSERT INTO t1 (id, name, code) VALUES (1, 'a', 'abcd');
INSERT INTO t1 (id, name, code) VALUES (1, 'a', 'abc   ');
INSERT INTO t1 (id, name, code) VALUES (1, 'b', 'x');
INSERT INTO t1 (id, name, code) VALUES (2, 'b', 'abc');
INSERT INTO t1 (id, name) VALUES (99999999999, 'b');
INSERT INTO nope VALUES (1);
INSERT INTO t1 DEFAULT VALUES;
INSERT INTO t1 (id, name) VALUES (5, DEFAULT);
INSERT INTO t1 VALUES (6, 'f') RETURNING nope;
UPDATE t1 SET nope = 1;
UPDATE t1 SET id = 'x';
UPDATE t1 SET name = NULL;
UPDATE t1 SET amount = 0;
UPDATE t1 SET id = 1, id = 2;
--? a function or operator
UPDATE t1 SET t1.id = 1;
UPDATE t1 SET name = (SELECT id, name FROM t1);
UPDATE t1 SET id = sum(id);
UPDATE t1 SET flag = 1;
UPDATE nope SET a = 1;
UPDATE t1 SET id = x.id FROM x;
DELETE FROM nope;
DELETE FROM t1 WHERE nope = 1;
DELETE FROM t1 USING t2 WHERE id = 1;
DELETE FROM t1 WHERE sum(id) > 1;
SELECT FROM WHERE;
SELECT 'a' 'b';
SELECT 1 AS;
SELECT * FROM t1 WHERE (id = 1;
INSERT t1 VALUES (1);
UPDATE t1 id = 1;
CREATE TABLE t1 (id int);
CREATE TABLE IF NOT EXISTS t1 (id int);
CREATE TABLE t4 (id int, id text);
CREATE TABLE t4 (id nope);
CREATE TABLE t4 (id int PRIMARY KEY, PRIMARY KEY (id));
CREATE TABLE t4 (id int, CHECK (nope > 1));
CREATE TABLE t4 (id int DEFAULT 'x');
CREATE TABLE t4 (id int CHECK (id));
CREATE TABLE t4 (id int, UNIQUE (nope));
CREATE TABLE nope.t4 (id int);
DROP TABLE t9;
DROP TABLE IF EXISTS t9;
DROP TABLE t1, t9;
ALTER TABLE t9 ADD COLUMN x int;
ALTER TABLE t1 ADD COLUMN name text;
ALTER TABLE t1 RENAME COLUMN nope TO x;
ALTER TABLE t1 RENAME COLUMN id TO name;
--! recorded: parameters are set from a list, whatever else is refused with the same words
--= -> ERR 0A000 setting configuration parameter "nope" not supported
SET nope = 1;
SHOW nope;
SHOW nope.nope;
BEGIN;
SELECT 1 / 0;
SELECT 1;
COMMIT;
COMMIT;
ROLLBACK;
BEGIN;
BEGIN;
ROLLBACK;
--! documented: statements are prepared by the protocol only
--= -> ERR 0A000 unsupported statement: Prepare
PREPARE p AS SELECT $1::int + 1;
--! documented: statements are prepared by the protocol only
--= -> ERR 0A000 unsupported statement: Execute
EXECUTE p (2);
--! documented: statements are prepared by the protocol only
--= -> ERR 0A000 unsupported statement: Deallocate
DEALLOCATE p;
DEALLOCATE ALL;
SELECT 1 FROM t1 FOR UPDATE OF nope;
SELECT count(*) FROM t1 FOR UPDATE;
SELECT DISTINCT id FROM t1 FOR UPDATE;
SELECT 1 UNION SELECT 2 FOR UPDATE;
--! observed: nothing ever waits, so nothing is locked
--= -> ERR 0A000 unsupported statement: Lock
LOCK TABLE t1;
