-- The tables that the queries in this folder ask about. One DDL statement is one transaction; run them one by one.
CREATE TABLE parent (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
CREATE TABLE child (id bigint PRIMARY KEY, parent_id uuid NOT NULL, v text UNIQUE, n numeric(10,2) DEFAULT 1, CONSTRAINT child_n_check CHECK (n > 0));
