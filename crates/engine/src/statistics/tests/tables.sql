CREATE TABLE s (id int PRIMARY KEY, k int, name text, price numeric, active boolean, day date, note varchar(20))
CREATE TABLE u (id int PRIMARY KEY, s_id int, kind int)
INSERT INTO s SELECT g, g % 7, CASE WHEN g % 10 = 0 THEN NULL ELSE 'name ' || (g * g % 97) END, g * 1.5, g % 3 = 0, date '2026-01-01' + g % 300, CASE WHEN g % 2 = 0 THEN 'same' ELSE 'n' || g END FROM generate_series(1, 2000) g
INSERT INTO u SELECT g, g % 400 + 1, CASE WHEN g % 4 = 0 THEN 1 ELSE g % 50 END FROM generate_series(1, 3000) g
