-- COPY in text, CSV and binary, both directions, with its options and errors.
CREATE TABLE c (id int PRIMARY KEY, a text, n numeric, d date, b bool, x bytea);
COPY c FROM STDIN;
1	one	1.50	2024-01-01	t	\\x0102
2	\N	\N	\N	\N	\N
3	tab\there\nnl\\bs	-3	2024-12-31	f	\\x
\.
COPY c TO STDOUT;
COPY c (id, a) TO STDOUT WITH (FORMAT csv, HEADER);
COPY c FROM STDIN (FORMAT csv);
4,"quoted, ""x""",4.0,,true,
5,"",5,2024-05-05,no,\x05
\.
COPY c FROM STDIN WITH (FORMAT csv, HEADER match, DELIMITER ';', NULL 'nil');
id;a;n;d;b;x
6;nil;6;nil;nil;nil
\.
COPY c (id, a) FROM STDIN WITH (FORMAT csv, HEADER match);
id,b
7,x
\.
COPY c (a, id) FROM STDIN CSV QUOTE '''' ESCAPE '\';
'it\'s',8
\.
COPY c (id, a) FROM STDIN WITH (FORMAT csv, FORCE_NULL (a), FORCE_NOT_NULL (id));
9,""
\.
COPY c (id, a) FROM STDIN WHERE id > 10;
10	skipped
11	kept
\.
COPY c (id, a) FROM STDIN WHERE nope > 10;
\.
COPY c (id, a) FROM STDIN WHERE sum(id) > 10;
\.
COPY (SELECT id, a FROM c WHERE id > 5 ORDER BY id DESC) TO STDOUT;
COPY (SELECT 1, 'a,b', NULL, 'q"q', '') TO STDOUT CSV;
COPY (SELECT 1, 'a,b', NULL, '') TO STDOUT WITH (FORMAT csv, FORCE_QUOTE *, NULL 'N');
COPY (SELECT 1 AS x, 'b' AS y) TO STDOUT WITH (FORMAT csv, HEADER, DELIMITER E'\t', FORCE_QUOTE (y));
COPY (SELECT 1, 'a|b', NULL) TO STDOUT WITH (DELIMITER '|', NULL '-');
COPY (SELECT 1::int4, 'ab'::text, NULL::int8, true, 1.5::float8, '\x01'::bytea) TO STDOUT (FORMAT binary);
COPY (VALUES (1), (2)) TO STDOUT;
COPY (DELETE FROM c WHERE id = 11 RETURNING id) TO STDOUT;
COPY (SELECT E'a\tb\nc\\d\r\b\f' || chr(11)) TO STDOUT;
COPY c FROM STDIN;
1	dup	1	2024-01-01	t	\N
\.
COPY c FROM STDIN;
20	x
\.
COPY c FROM STDIN;
20	x	1	2024-01-01	t	\N	extra
\.
COPY c FROM STDIN;
x	x	1	2024-01-01	t	\N
\.
COPY c FROM STDIN;
21	x	1	2024-99-01	t	\N
\.
COPY c FROM STDIN (FORMAT csv);
22,"unterminated
\.
COPY c (id, nope) FROM STDIN;
\.
COPY c (id, id) FROM STDIN;
\.
COPY nope FROM STDIN;
\.
COPY nope TO STDOUT;
COPY c TO STDOUT (FORMAT nope);
COPY c TO STDOUT (NOPE true);
COPY c TO STDOUT (DELIMITER 'ab');
COPY c TO STDOUT (DELIMITER 'a');
COPY c TO STDOUT (QUOTE '"');
COPY c TO STDOUT (FORMAT csv, QUOTE '""');
COPY c TO STDOUT (FORMAT csv, DELIMITER '"');
COPY c TO STDOUT (FORMAT text, FORMAT csv);
COPY c TO STDOUT (FORMAT binary, DELIMITER ',');
COPY c TO STDOUT (FORMAT csv, FORCE_NULL (a));
COPY c TO STDOUT (HEADER match);
COPY c (a) TO STDOUT (HEADER);
COPY c TO STDOUT WHERE id = 1;
COPY (SELECT 1 / 0) TO STDOUT;
COPY c (id, a) FROM STDIN (HEADER);
head	er
23	x
\.
COPY c (id, a) FROM STDIN (DELIMITER ',', NULL '');
24,
\.
SELECT id, a, n, d, b, x FROM c ORDER BY id;
