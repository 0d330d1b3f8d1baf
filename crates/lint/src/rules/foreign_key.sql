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
--- good
CREATE TABLE lines (id uuid PRIMARY KEY, order_id uuid NOT NULL, FOREIGN KEY (order_id) REFERENCES orders (id));
