--- bad
CREATE TABLE orders (id uuid PRIMARY KEY);
ALTER TABLE orders
    -- open, paid, sent
    ADD COLUMN status text NOT NULL DEFAULT 'open' CHECK (status <> ''),
    ADD COLUMN customer uuid CONSTRAINT known REFERENCES customers (id),
    ADD COLUMN number text UNIQUE;
--- fixed
CREATE TABLE orders (id uuid PRIMARY KEY);
ALTER TABLE orders
    -- open, paid, sent
    ADD COLUMN status text,
    ADD COLUMN customer uuid,
    ADD COLUMN number text;
ALTER TABLE orders ALTER COLUMN status SET DEFAULT 'open';
-- To be repeated until it changes no row: a transaction changes at most 3,000.
UPDATE orders SET status = DEFAULT WHERE id IN (SELECT id FROM orders WHERE status IS NULL LIMIT 3000);
ALTER TABLE orders ADD CONSTRAINT orders_status_not_null CHECK (status IS NOT NULL) NOT VALID;
ALTER TABLE ASYNC orders VALIDATE CONSTRAINT orders_status_not_null;
ALTER TABLE orders ADD CONSTRAINT orders_status_check CHECK (status <> '') NOT VALID;
ALTER TABLE ASYNC orders VALIDATE CONSTRAINT orders_status_check;
ALTER TABLE orders ADD CONSTRAINT known FOREIGN KEY (customer) REFERENCES customers (id) NOT VALID;
ALTER TABLE ASYNC orders VALIDATE CONSTRAINT known;
CREATE UNIQUE INDEX ASYNC orders_number_key ON orders (number);
--- bad
ALTER TABLE elsewhere ADD COLUMN n int DEFAULT 0;
--- fixed
ALTER TABLE elsewhere ADD COLUMN n int;
ALTER TABLE elsewhere ALTER COLUMN n SET DEFAULT 0;
-- For at most 3,000 rows. More are filled in batches, which need a key: none of elsewhere is known here.
-- With a key: WHERE key IN (SELECT key FROM elsewhere WHERE n IS NULL LIMIT 3000), until no row is changed.
UPDATE elsewhere SET n = DEFAULT WHERE n IS NULL;
--- bad
CREATE TABLE k (a int NOT NULL, b int NOT NULL, c int UNIQUE, UNIQUE (a, b));
BEGIN;
ALTER TABLE k ADD COLUMN n int DEFAULT 0;
COMMIT;
--- fixed
CREATE TABLE k (a int NOT NULL, b int NOT NULL, c int UNIQUE, UNIQUE (a, b));
BEGIN;
ALTER TABLE k ADD COLUMN n int;
COMMIT;
BEGIN;
ALTER TABLE k ALTER COLUMN n SET DEFAULT 0;
COMMIT;
BEGIN;
-- To be repeated until it changes no row: a transaction changes at most 3,000.
UPDATE k SET n = DEFAULT WHERE (a, b) IN (SELECT a, b FROM k WHERE n IS NULL LIMIT 3000);
COMMIT;
--- bad
CREATE TABLE u (id uuid PRIMARY KEY);
ALTER TABLE u ADD COLUMN n int UNIQUE;
ALTER TABLE u ADD COLUMN m int NULL DEFAULT NULL;
--- fixed
CREATE TABLE u (id uuid PRIMARY KEY);
ALTER TABLE u ADD COLUMN n int;
CREATE UNIQUE INDEX ASYNC u_n_key ON u (n);
ALTER TABLE u ADD COLUMN m int;
--- bad dialect=2026-02
ALTER TABLE orders ADD COLUMN status text DEFAULT 'open';
--- bad
ALTER TABLE orders ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY (CACHE 1);
--- good
ALTER TABLE orders ADD COLUMN status text, ADD COLUMN note text STORAGE EXTERNAL;
