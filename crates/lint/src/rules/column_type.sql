--- bad
CREATE TABLE t (
    id uuid PRIMARY KEY,
    price money,
    address inet NOT NULL DEFAULT '::1',
    tags text[],
    notes varchar(70000),
    code char(5000)
);
--- fixed
CREATE TABLE t (
    id uuid PRIMARY KEY,
    price numeric(19,2),
    address text NOT NULL DEFAULT '::1',
    tags jsonb,
    notes text,
    code varchar(5000)
);
--- bad
CREATE TABLE t (id uuid PRIMARY KEY, place point, tags int[] DEFAULT '{}', flags bit varying(8));
--- bad dialect=2026-02
CREATE TABLE t (id uuid PRIMARY KEY, document jsonb);
--- fixed
CREATE TABLE t (id uuid PRIMARY KEY, document text);
--- good
CREATE TABLE t (id uuid PRIMARY KEY, document jsonb, price numeric(19,4));
