CREATE TABLE public.t (id integer NOT NULL, tags text[]);
INSERT INTO public.t (id, tags) VALUES (1, ARRAY['a']);
