-- psql 15: \sf abs(int4)
SELECT 'abs(int4)'::pg_catalog.regprocedure::pg_catalog.oid;

SELECT pg_catalog.pg_get_functiondef('abs(integer)'::pg_catalog.regprocedure);
