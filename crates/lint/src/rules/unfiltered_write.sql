--- bad
DELETE FROM t;
UPDATE t SET a = 1;
--- bad
WITH gone AS (DELETE FROM t RETURNING *) SELECT count(*) FROM gone;
--- good
DELETE FROM t WHERE id = 1;
DELETE FROM t WHERE true;
UPDATE t SET a = u.a FROM u WHERE u.id = t.id;
