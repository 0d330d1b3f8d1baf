CREATE TABLE public.t (id integer NOT NULL);
INSERT INTO public.t (id)
  SELECT 4;
