-- Row values, whole-row references, records as text and JSON.
CREATE TABLE r (a int PRIMARY KEY, b text, c numeric(5,2));
CREATE TABLE empty_row (k int PRIMARY KEY, x int, y text);
INSERT INTO r VALUES (1, 'one', 1.5), (2, NULL, NULL), (3, 'a "b" ,c', 3);
INSERT INTO empty_row VALUES (1, NULL, NULL);
--? a table's row type as a type of its own
SELECT r FROM r ORDER BY a;
SELECT r.* FROM r ORDER BY a;
SELECT r::text, (r).b, (r).*, row_to_json(r), to_jsonb(r) FROM r ORDER BY a;
--? a table's row type as a type of its own
SELECT count(r), count(r.*) FROM r;
SELECT r IS NULL, r IS NOT NULL, NOT r IS NULL FROM r ORDER BY a;
SELECT e IS NULL, (e.x, e.y) IS NULL, ROW(e.x, e.y) IS NOT NULL FROM empty_row e;
SELECT x FROM r LEFT JOIN empty_row x ON r.a = x.k AND false ORDER BY a LIMIT 1;
SELECT x IS NULL FROM r LEFT JOIN empty_row x ON r.a = x.k ORDER BY a;
SELECT ROW(1, 'a', NULL), (1, 2), ROW(), ROW(1), ROW(ROW(1, 2), 'x y'), ROW('', ' ', 'a,b', '(x)', 'q"q', 'b\s');
SELECT ROW(1, 2) = ROW(1, 2), (1, 2) < (1, 3), (1, NULL) = (1, 2), (1, NULL) = (2, NULL), (2, NULL) > (1, 5), (1, 2) <> (1, NULL), (1, 2) >= (1, 2);
SELECT (1, 2) = (1, 2, 3);
SELECT (1, 'a') = (1, 2);
SELECT ROW(1, 2) IN (ROW(1, 2), ROW(3, 4)), (1, 2) NOT IN ((1, 3), (1, NULL));
--? a table's row type as a type of its own
SELECT a FROM r WHERE r = ROW(1, 'one', 1.50)::r;
SELECT a FROM r WHERE r IN (SELECT r FROM r WHERE b IS NOT NULL) ORDER BY 1;
SELECT a FROM r ORDER BY r DESC;
--? a table's row type as a type of its own
SELECT DISTINCT r FROM r ORDER BY r;
SELECT max(a) FROM r GROUP BY r ORDER BY 1;
--? a table's row type as a type of its own
SELECT array_agg(r ORDER BY a) FROM r;
--? a table's row type as a type of its own
SELECT (array_agg(r ORDER BY a))[1].b FROM r;
SELECT json_agg(r ORDER BY a) FROM r;
--? a table's row type as a type of its own
SELECT (SELECT r FROM r WHERE a = 1);
SELECT (s).b FROM (SELECT r AS s FROM r) q ORDER BY 1;
SELECT (s.r).c FROM (SELECT r FROM r) s ORDER BY 1;
SELECT s FROM (SELECT 1 AS x, 'y' AS y) s;
SELECT row_to_json(s), s.x FROM (SELECT 1 AS x, 'y' AS y) s;
SELECT to_json(ROW(1, 'a', NULL)), row_to_json(ROW(1, 2), true);
SELECT jsonb_build_object('r', r) FROM r ORDER BY a;
--? a table's row type as a type of its own
SELECT b(r) FROM r ORDER BY a;
SELECT r.text FROM r;
SELECT (r).nope FROM r;
SELECT (1, 2).f1;
SELECT (ROW(1, 2)).f1;
SELECT (ROW(1, 2)).f3;
SELECT (1).x;
SELECT nope.* FROM r;
SELECT ROW(r.*), ROW(r) FROM r ORDER BY a LIMIT 1;
SELECT ROW(1, r.*, 2) FROM r ORDER BY a LIMIT 1;
--? a table's row type as a type of its own
SELECT COALESCE(x.*, r.*) FROM r LEFT JOIN r x ON x.a = r.a + 1 ORDER BY r.a;
--? a table's row type as a type of its own
SELECT '(1,two,3.10)'::r;
--? a table's row type as a type of its own
SELECT ('(1,,)'::r).b IS NULL, ('(1,"",)'::r).b = '';
--? a table's row type as a type of its own
SELECT '(1,2)'::r;
--? a table's row type as a type of its own
SELECT '1,2,3'::r;
--? a table's row type as a type of its own
SELECT '(x,b,1)'::r;
--? a table's row type as a type of its own
SELECT '(1,b,1,2)'::r;
--? a table's row type as a type of its own
SELECT ROW(1, 'x', 2)::r, CAST(ROW('7', 8, '9.999') AS r);
--? a table's row type as a type of its own
SELECT ROW(1, 'x')::r;
--? a table's row type as a type of its own
SELECT NULL::r, (NULL::r).a, NULL::r IS NULL;
SELECT r = NULL, r IS DISTINCT FROM NULL FROM r ORDER BY a LIMIT 1;
--? a table's row type as a type of its own
SELECT pg_typeof(r), pg_typeof(ROW(1)), pg_typeof((r).c) FROM r LIMIT 1;
--? a table's row type as a type of its own
SELECT CASE WHEN a = 1 THEN r END FROM r ORDER BY a;
SELECT row_number() OVER (ORDER BY r), r.a FROM r ORDER BY 1;
SELECT * FROM (SELECT ROW(1, 2) UNION SELECT ROW(1, 2)) s;
SELECT ROW(1, 2) UNION SELECT ROW(0, 5) ORDER BY 1;
--? records from JSON
SELECT jsonb_populate_record(NULL::r, '{"a": 5, "b": "bee", "c": 2.345, "d": 1}');
--? records from JSON
SELECT * FROM jsonb_populate_record(NULL::r, '{"a": "6", "b": {"x": 1}}');
--? records from JSON
SELECT * FROM jsonb_populate_record(ROW(1, 'keep', 3)::r, '{"c": null}');
--? records from JSON
SELECT * FROM json_populate_record(NULL::r, '{"a": 7, "b": [1, 2]}');
--? records from JSON
SELECT * FROM json_populate_recordset(NULL::r, '[{"a": 1}, {"b": "x"}, {"a": 3, "c": 4}]');
--? records from JSON
SELECT * FROM jsonb_populate_recordset(ROW(0, 'd', 1)::r, '[{"a": 1}, {"b": null}]');
--? records from JSON
SELECT * FROM json_to_record('{"a": 1, "b": "x", "c": [1, 2, 3], "d": {"e": 1}, "f": true}') AS x (a int, b text, c int[], d jsonb, f bool, g date);
--? records from JSON
SELECT * FROM jsonb_to_record('{"a": 1, "b": [1, [2, 3]]}') AS x (a text, b jsonb);
--? records from JSON
SELECT * FROM json_to_recordset('[{"a": 1, "b": "2024-01-01"}, {"a": "2"}]') AS x (a int, b date);
--? records from JSON
SELECT * FROM jsonb_to_recordset('[{"a": 1.5, "A": 2}]') AS x (a numeric(3, 0), "A" text);
--? records from JSON
SELECT x.a + 1 FROM jsonb_to_recordset('[{"a": 1}, {"a": 2}]') WITH ORDINALITY AS x (a int, n bigint);
--? records from JSON
SELECT x.* FROM ROWS FROM (jsonb_to_recordset('[{"a": 1}, {"a": 2}]') AS (a int)) WITH ORDINALITY x (b, n);
--? records from JSON
SELECT jsonb_populate_record(NULL::r, '{"a": "x"}');
--? records from JSON
SELECT jsonb_populate_record(NULL::r, '[1]');
--? records from JSON
SELECT jsonb_populate_record(NULL::r, NULL), jsonb_populate_record(NULL::int, '{}');
--? records from JSON
SELECT json_populate_recordset(NULL::r, '{"a": 1}');
--? records from JSON
SELECT jsonb_to_record('{"a": 1}');
--? records from JSON
SELECT * FROM jsonb_to_record('{"a": 1}');
--? records from JSON
SELECT * FROM jsonb_to_record('{"c": [1, "x"]}') AS x (c int[]);
--? records from JSON
SELECT * FROM jsonb_to_record('{"c": [[1, 2], [3]]}') AS x (c int[]);
--? records from JSON
SELECT * FROM jsonb_to_record('{"c": [[1, 2], [3, 4]], "d": "{5,6}"}') AS x (c int[], d int[]);
--? records from JSON
SELECT * FROM jsonb_to_record('[1]') AS x (a int);
--? records from JSON
SELECT * FROM jsonb_to_recordset('{"a": 1}') AS x (a int);
--? records from JSON
SELECT * FROM jsonb_to_recordset('[1]') AS x (a int);
--? records from JSON
SELECT * FROM jsonb_populate_record(NULL::record, '{"a": 1}') AS x (a int);
--? a table's row type as a type of its own
UPDATE r SET (b, c) = ('two', 2) WHERE a = 2 RETURNING r;
UPDATE r SET (b, c) = (SELECT 'sub', 9) WHERE a = 2 RETURNING *;
--? a table's row type as a type of its own
UPDATE r SET (b, c) = ROW('row', DEFAULT) WHERE a = 2 RETURNING r.*, r;
UPDATE r SET (b, c) = (1, 2, 3);
--? a table's row type as a type of its own
INSERT INTO r SELECT (r).* FROM (SELECT ROW(9, 'nine', 9)::r AS r) s RETURNING (r).a;
