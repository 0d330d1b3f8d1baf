--- bad
CREATE TABLE t (id uuid PRIMARY KEY, n int CHECK (n > 0) ENFORCED, m int CHECK (m > 0) NOT ENFORCED);
--- fixed
CREATE TABLE t (id uuid PRIMARY KEY, n int CHECK (n > 0), m int CHECK (m > 0));
--- good
CREATE TABLE t (id uuid PRIMARY KEY, n int CHECK (n > 0), enforced boolean);
