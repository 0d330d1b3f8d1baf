--- bad
CREATE TABLE t (a varchar(600), b varchar(600), PRIMARY KEY (a, b));
--- good
CREATE TABLE t (a varchar(200), b varchar(600) NOT NULL, PRIMARY KEY (a));
