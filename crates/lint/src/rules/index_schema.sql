--- bad
CREATE INDEX ASYNC app.i ON app.t (a);
--- fixed
CREATE INDEX ASYNC i ON app.t (a);
--- good
CREATE INDEX ASYNC i ON app.t (a);
