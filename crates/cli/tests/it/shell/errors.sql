SELECT * FROM nowhere;
SELECT 1 +
  foo FROM item;
SELECT 'äöü日本', nothing FROM item;
SELECT 'a very long line that must be cut somewhere, since only sixty columns of it are shown', nothing, 'and more behind it';
SELECT nothing, 'a very long line that must be cut somewhere, since only sixty columns of it are shown';
SELECT 'a very long line that must be cut somewhere, since only sixty columns of it are shown', nothing
;
SELECT	tab, nothing FROM item;
SELEC 1;
SELECT (1;
);
INSERT INTO item VALUES (1);
INSERT INTO item VALUES (10, 'a', -1, NULL);
INSERT INTO item (id, name) VALUES (11, 'much longer than twenty characters');
SELECT 1/0;
BEGIN;
SELECT nothing;
SELECT 2;
ROLLBACK;
\nonsense
\pset nonsense
\timing maybe
\t maybe
\pset footer maybe
SELECT $1;
