--- bad
CREATE INDEX ASYNC i ON ONLY t USING btree (a) WITH (fillfactor = 70) TABLESPACE fast;
CREATE INDEX ASYNC j ON t USING gin (a);
--- fixed
CREATE INDEX ASYNC i ON t (a);
CREATE INDEX ASYNC j ON t (a);
--- bad
CREATE TABLE t (id uuid PRIMARY KEY, j jsonb);
CREATE INDEX ASYNC i ON t USING gin (j);
--- bad dialect=2026-02
CREATE INDEX ASYNC i ON t (a) INCLUDE (b) WHERE a > 0;
--- fixed
CREATE INDEX ASYNC i ON t (a) INCLUDE (b);
--- bad dialect=2026-02
CREATE UNIQUE INDEX ASYNC i ON t (a) WHERE deleted_at IS NULL;
--- good
CREATE INDEX ASYNC i ON t (a) INCLUDE (b) WHERE a > 0;
