CREATE TABLE t (d date, ok tinyint(1), n smallint unsigned);
INSERT INTO t VALUES ('2026-02-28', 1, 5), ('0000-00-00', 2, 70000);
INSERT INTO t VALUES ('2026-02-30', 0, -1), (NULL, now(), 1);
