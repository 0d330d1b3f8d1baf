--- bad
CREATE TABLE t (
    id uuid PRIMARY KEY WITH (fillfactor = 70) USING INDEX TABLESPACE fast,
    a int UNIQUE DEFERRABLE INITIALLY DEFERRED,
    n int CHECK (n > 0) NO INHERIT,
    UNIQUE (a, n) DEFERRABLE
);
--- fixed
CREATE TABLE t (
    id uuid PRIMARY KEY,
    a int UNIQUE,
    n int CHECK (n > 0),
    UNIQUE (a, n)
);
--- good
CREATE TABLE t (id uuid PRIMARY KEY, a int UNIQUE, n int CHECK (n > 0));
