--- bad
INSERT INTO archive SELECT * FROM orders;
--- good
INSERT INTO archive SELECT * FROM orders WHERE id > 7 ORDER BY id LIMIT 3000;
INSERT INTO archive SELECT g FROM generate_series(1, 3) g;
