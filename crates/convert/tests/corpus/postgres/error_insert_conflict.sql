CREATE TABLE public.t (id integer NOT NULL);
INSERT INTO public.t (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 2;
