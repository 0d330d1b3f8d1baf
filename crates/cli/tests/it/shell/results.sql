-- a comment before everything
SELECT id, name, qty FROM item ORDER BY id;
SELECT id AS "a
b", name, qty, true AS b FROM item ORDER BY id;
SELECT 1 AS averyveryverylongname, 'x' AS b;
SELECT id, qty FROM item WHERE false;
SELECT NULL AS nothing, '' AS empty;
SELECT 'äöü日本' AS wide, E'tab\there' AS tab, E'a\x01b' AS control, E'r\r' AS "return";
SELECT 1::int2, 2::int8, 3.5::float4, 4.5::float8, 5.50::numeric, 'f'::text, true, '2026-01-01'::date;
SELECT 1; SELECT 2;
SELECT 1
;
;
\x
SELECT id AS "a
b", name, qty FROM item ORDER BY id;
SELECT 1 AS averyveryverylongname;
SELECT id, qty FROM item WHERE false;
SELECT 'x' AS a, 'äöü' AS "ö";
\x off
\pset null NULL
SELECT NULL AS x;
\a
SELECT id, name FROM item ORDER BY id;
\x
SELECT id, name FROM item ORDER BY id;
SELECT id FROM item WHERE false;
\x
\t
SELECT id, name FROM item ORDER BY id;
SELECT id FROM item WHERE false;
\a
SELECT id, name FROM item ORDER BY id;
\x
SELECT id, name FROM item ORDER BY id;
SELECT id FROM item WHERE false;
\x
\t
\pset footer off
SELECT 1;
\pset footer
\pset format csv
SELECT id, name, qty, 'a,"b' AS q FROM item ORDER BY id;
SELECT E'two\nlines', '\.';
\x
SELECT id, name FROM item ORDER BY id LIMIT 1;
\x
\pset format unaligned
\f ;
SELECT 1 AS a, 2 AS b;
\pset format aligned
\echo hello 'a b' "c d"
\set n 2
\set who 'O''Hara'
SELECT :n AS n, :'who' AS who, 1 AS :"who", ':n' AS quoted;
SELECT 1 AS g \g
SELECT 1 AS gx \gx
\g
\p
BEGIN;
SELECT 1;
COMMIT;
SELECT 'last without a semicolon'
