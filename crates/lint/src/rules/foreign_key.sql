--- bad dialect=2026-02
CREATE TABLE lines (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders (id) ON DELETE SET NULL DEFERRABLE,
    item_id uuid,
    CONSTRAINT item FOREIGN KEY (item_id) REFERENCES items (id) -- checked by hand
);
--- fixed
CREATE TABLE lines (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL,
    item_id uuid -- checked by hand
);
--- bad
CREATE TABLE customers (id uuid PRIMARY KEY, region text, UNIQUE (id, region));
CREATE TABLE orders (id uuid PRIMARY KEY, customer uuid REFERENCES customers (id) MATCH PARTIAL);
CREATE TABLE lines (id uuid PRIMARY KEY, customer uuid, region text, FOREIGN KEY (customer, region) REFERENCES customers (id, region) MATCH PARTIAL ON DELETE CASCADE);
--- fixed
CREATE TABLE customers (id uuid PRIMARY KEY, region text, UNIQUE (id, region));
CREATE TABLE orders (id uuid PRIMARY KEY, customer uuid REFERENCES customers (id));
CREATE TABLE lines (id uuid PRIMARY KEY, customer uuid, region text, FOREIGN KEY (customer, region) REFERENCES customers (id, region) ON DELETE CASCADE);
--- good
CREATE TABLE lines (id uuid PRIMARY KEY, order_id uuid NOT NULL, FOREIGN KEY (order_id) REFERENCES orders (id));
