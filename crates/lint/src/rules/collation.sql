--- bad
CREATE TABLE t (id uuid PRIMARY KEY, a text COLLATE "C" NOT NULL, b text COLLATE pg_catalog."de_DE");
CREATE INDEX ASYNC i ON t (a COLLATE "C");
--- fixed
CREATE TABLE t (id uuid PRIMARY KEY, a text NOT NULL, b text);
CREATE INDEX ASYNC i ON t (a);
--- good
CREATE TABLE t (id uuid PRIMARY KEY, a text NOT NULL);
