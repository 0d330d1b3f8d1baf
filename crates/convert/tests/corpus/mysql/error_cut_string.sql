CREATE TABLE t (a varchar(10));
INSERT INTO t VALUES ('fine'),('cut sho
