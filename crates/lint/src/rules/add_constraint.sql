--- bad
CREATE TABLE public.orders (
    id integer NOT NULL,
    customer integer, -- who
    number text
);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_number_key UNIQUE (number);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer) REFERENCES public.customers(id);
ALTER TABLE orders ADD CHECK (number <> '');
--- fixed
CREATE TABLE public.orders (
    id integer NOT NULL,
    customer integer, -- who
    number text,
    CONSTRAINT orders_pkey PRIMARY KEY (id),
    CONSTRAINT orders_number_key UNIQUE (number)
);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer) REFERENCES public.customers(id) NOT VALID;
ALTER TABLE ASYNC public.orders VALIDATE CONSTRAINT orders_customer_fkey;
ALTER TABLE orders ADD CONSTRAINT orders_number_check CHECK (number <> '') NOT VALID;
ALTER TABLE ASYNC orders VALIDATE CONSTRAINT orders_number_check;
--- bad
ALTER TABLE elsewhere ADD CONSTRAINT e UNIQUE NULLS NOT DISTINCT (a, b);
--- fixed
CREATE UNIQUE INDEX ASYNC e ON elsewhere (a, b) NULLS NOT DISTINCT;
--- bad
ALTER TABLE elsewhere ADD PRIMARY KEY (id);
--- bad dialect=2026-02
CREATE TABLE t (id uuid PRIMARY KEY, n int, p uuid);
ALTER TABLE t ADD CONSTRAINT positive CHECK (n > 0);
ALTER TABLE t ADD FOREIGN KEY (p) REFERENCES p (id);
--- fixed
CREATE TABLE t (id uuid PRIMARY KEY, n int, p uuid,
    CONSTRAINT positive CHECK (n > 0));
--- good
ALTER TABLE t ADD CONSTRAINT c CHECK (n > 0) NOT VALID;
ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i;
