CREATE TABLE t (id int, flag tinyint(1));
INSERT INTO t VALUES (1,0),
(2,7);
