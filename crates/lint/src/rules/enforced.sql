--- bad
CREATE TABLE t (id uuid PRIMARY KEY, n int CHECK (n > 0) ENFORCED, m int CHECK (m > 0) NOT ENFORCED);
CREATE TABLE u (a uuid PRIMARY KEY REFERENCES t ENFORCED, b uuid REFERENCES t (id) ENFORCED, c uuid REFERENCES t ON DELETE CASCADE ENFORCED);
--- fixed
CREATE TABLE t (id uuid PRIMARY KEY, n int CHECK (n > 0), m int CHECK (m > 0));
CREATE TABLE u (a uuid PRIMARY KEY REFERENCES t, b uuid REFERENCES t (id), c uuid REFERENCES t ON DELETE CASCADE);
--- good
CREATE TABLE t (id uuid PRIMARY KEY, n int CHECK (n > 0), enforced boolean);
