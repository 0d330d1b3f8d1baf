--- bad
TRUNCATE TABLE orders, app.lines RESTART IDENTITY CASCADE;
--- fixed
DELETE FROM orders WHERE true;
DELETE FROM app.lines WHERE true;
--- good
DELETE FROM orders WHERE id < 100;
