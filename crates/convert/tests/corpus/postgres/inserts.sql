CREATE TABLE public.t (id integer NOT NULL, "Name" text, tags text[], ok boolean, at date, flags bit(3), n numeric, g integer GENERATED ALWAYS AS (id + 1) STORED);
INSERT INTO public.t (id, "Name", tags, ok, at, flags, n) VALUES (1, 'it''s; \n', '{a,b}', true, '2026-01-01', B'101', -1.5);
INSERT INTO public.t (id, "Name", tags, ok, at, flags, n) VALUES (2, NULL, NULL, false, NULL, NULL, 'NaN'), (3, '', '{}', NULL, NULL, NULL, 1e3);
INSERT INTO public.t (id) SELECT 4;
INSERT INTO public.t VALUES (5, 'x', NULL, NULL, NULL, NULL, NULL, 7);
ALTER TABLE ONLY public.t ADD CONSTRAINT t_pkey PRIMARY KEY (id);
