--- bad
CREATE TABLE t (id uuid, n int UNIQUE);
--- good
CREATE TABLE t (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE u (LIKE t INCLUDING ALL);
