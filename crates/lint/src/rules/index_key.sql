--- bad
CREATE INDEX ASYNC i ON t (a DESC NULLS LAST);
CREATE INDEX ASYNC j ON t (a ASC, b DESC);
CREATE INDEX ASYNC k ON t (lower(c) text_pattern_ops);
--- fixed
CREATE INDEX ASYNC i ON t (a NULLS LAST);
CREATE INDEX ASYNC j ON t (a, b);
CREATE INDEX ASYNC k ON t (lower(c));
--- good
CREATE INDEX ASYNC i ON t (a NULLS FIRST, lower(c));
