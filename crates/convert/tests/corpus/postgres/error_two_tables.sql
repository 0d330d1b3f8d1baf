CREATE TABLE public.t (id integer);
CREATE TABLE IF NOT EXISTS public.t (id text);
\connect other
CREATE TABLE public.t (id integer);
