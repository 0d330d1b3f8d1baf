--- bad
VACUUM;
VACUUM FULL ANALYZE orders;
VACUUM (ANALYZE, VERBOSE) orders, lines;
REINDEX TABLE orders;
CLUSTER orders;
CHECKPOINT;
ANALYZE;
--- fixed
ANALYZE orders;
ANALYZE orders, lines;
--- good
ANALYZE orders;
