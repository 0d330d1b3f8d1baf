--
-- PostgreSQL database dump
--

CREATE TABLE public.t (id integer NOT NULL, a integer, b text, tags text[]);
COPY public.t (id, a, b, tags) FROM stdin;
1	2	b	{}
\.
ALTER TABLE ONLY public.t ADD CONSTRAINT t_pkey PRIMARY KEY (id);
CREATE STATISTICS public.t_ab ON a, b FROM public.t;
ALTER STATISTICS public.t_ab SET STATISTICS 100;
ALTER STATISTICS public.t_ab OWNER TO postgres;
CREATE STATISTICS public.t_nd (ndistinct) ON a, lower(b) FROM public.t;
COMMENT ON STATISTICS public.t_ab IS 'pairs';

--
-- PostgreSQL database dump complete
--
