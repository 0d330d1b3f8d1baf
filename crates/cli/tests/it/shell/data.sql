INSERT INTO scratch VALUES (9) RETURNING id;
UPDATE scratch SET id = 8 WHERE id = 9;
UPDATE scratch SET id = 7 RETURNING *;
DELETE FROM scratch WHERE id = 7;
COPY copied (id, name) FROM STDIN;
20	tab and \\ backslash
21	\N
\.
COPY copied FROM STDIN WITH (FORMAT csv);
22,"a ""b"""
\.
COPY copied TO STDOUT;
COPY (SELECT id FROM copied ORDER BY id) TO STDOUT WITH (FORMAT csv, HEADER);
\copy copied to stdout
\copy (select id from copied order by id) to stdout csv
SELECT * FROM copied ORDER BY id;
COPY copied FROM STDIN;
not a number
\.
DELETE FROM copied;
\copy copied from stdin csv
30,x
31,y
\.
DELETE FROM copied;
\t
SELECT count(*) FROM copied;
