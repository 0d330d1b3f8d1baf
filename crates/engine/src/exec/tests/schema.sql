-- The scripts' tables, for PostgreSQL.
CREATE TABLE t (id int PRIMARY KEY, a int, b text, n numeric, CONSTRAINT t_a_check CHECK (a < 1000));
CREATE INDEX t_a_idx ON t (a);
CREATE UNIQUE INDEX t_b_key ON t (b);
CREATE INDEX t_n_a_idx ON t (n, a) INCLUDE (b);
CREATE TABLE loose (k int, v text);
CREATE TABLE m (x int, y text, z float8, w char(4), PRIMARY KEY (x, y));
CREATE INDEX m_z_idx ON m (z);
CREATE UNIQUE INDEX m_w_key ON m (w) NULLS NOT DISTINCT;
CREATE TABLE p (id int PRIMARY KEY, name text, k int, state text);
CREATE INDEX p_lower_idx ON p (lower(name)) INCLUDE (state);
CREATE UNIQUE INDEX p_open_key ON p (k) WHERE state = 'open';
CREATE INDEX p_big_idx ON p (name) WHERE k > 10;
