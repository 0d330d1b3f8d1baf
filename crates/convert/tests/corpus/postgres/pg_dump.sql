--
-- PostgreSQL database dump
--

\restrict l49TBNYlW8kL15lf53dEaeqNZvW5gs0C8EXCgmGabMZbhafxgOd6af4GnwEDndf

-- Dumped from database version 15.20 (Debian 15.20-0+deb12u1)
-- Dumped by pg_dump version 15.20 (Debian 15.20-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: app; Type: SCHEMA; Schema: -; Owner: postgres
--

CREATE SCHEMA app;


ALTER SCHEMA app OWNER TO postgres;

--
-- Name: mood; Type: TYPE; Schema: app; Owner: postgres
--

CREATE TYPE app.mood AS ENUM (
    'sad',
    'ok',
    'it''s'
);


ALTER TYPE app.mood OWNER TO postgres;

--
-- Name: positive; Type: DOMAIN; Schema: public; Owner: postgres
--

CREATE DOMAIN public.positive AS integer
	CONSTRAINT positive_check CHECK ((VALUE > 0));


ALTER DOMAIN public.positive OWNER TO postgres;

--
-- Name: tf(); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.tf() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN NEW.note := 'x;'; RETURN NEW; END $$;


ALTER FUNCTION public.tf() OWNER TO postgres;

--
-- Name: twice(integer); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.twice(n integer) RETURNS integer
    LANGUAGE sql IMMUTABLE
    AS $$ SELECT n * 2; $$;


ALTER FUNCTION public.twice(n integer) OWNER TO postgres;

SET default_tablespace = '';

--
-- Name: events; Type: TABLE; Schema: app; Owner: postgres
--

CREATE TABLE app.events (
    at date NOT NULL,
    what text
)
PARTITION BY RANGE (at);


ALTER TABLE app.events OWNER TO postgres;

SET default_table_access_method = heap;

--
-- Name: events_2025; Type: TABLE; Schema: app; Owner: postgres
--

CREATE TABLE app.events_2025 (
    at date NOT NULL,
    what text
);


ALTER TABLE app.events_2025 OWNER TO postgres;

--
-- Name: events_2026; Type: TABLE; Schema: app; Owner: postgres
--

CREATE TABLE app.events_2026 (
    at date NOT NULL,
    what text
);


ALTER TABLE app.events_2026 OWNER TO postgres;

--
-- Name: invoice_no; Type: SEQUENCE; Schema: public; Owner: postgres
--

CREATE SEQUENCE public.invoice_no
    START WITH 1000
    INCREMENT BY 5
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.invoice_no OWNER TO postgres;

--
-- Name: posts; Type: TABLE; Schema: app; Owner: postgres
--

CREATE TABLE app.posts (
    id bigint NOT NULL,
    user_id integer NOT NULL,
    no bigint DEFAULT nextval('public.invoice_no'::regclass) NOT NULL,
    title text,
    body text,
    at timestamp without time zone
);


ALTER TABLE app.posts OWNER TO postgres;

--
-- Name: posts_id_seq; Type: SEQUENCE; Schema: app; Owner: postgres
--

ALTER TABLE app.posts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.posts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: base; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.base (
    a integer,
    b text
);


ALTER TABLE public.base OWNER TO postgres;

--
-- Name: cache; Type: TABLE; Schema: public; Owner: postgres
--

CREATE UNLOGGED TABLE public.cache (
    k text NOT NULL,
    v text
)
WITH (fillfactor='70');


ALTER TABLE public.cache OWNER TO postgres;

--
-- Name: child; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.child (
    c integer
)
INHERITS (public.base);


ALTER TABLE public.child OWNER TO postgres;

--
-- Name: users; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.users (
    id integer NOT NULL,
    mail character varying(190) NOT NULL,
    mood app.mood DEFAULT 'ok'::app.mood NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    scores integer[],
    age public.positive,
    ip inet DEFAULT '127.0.0.1'::inet,
    cash money,
    doc jsonb DEFAULT '{}'::jsonb,
    raw bytea,
    born date,
    at timestamp(3) with time zone DEFAULT now(),
    took interval,
    flags bit(4),
    span int4range,
    spot point,
    x xml,
    search tsvector,
    price numeric(10,2),
    big numeric(50,10),
    note text COLLATE pg_catalog."C",
    uid uuid DEFAULT gen_random_uuid(),
    total numeric GENERATED ALWAYS AS ((price * (2)::numeric)) STORED,
    ok boolean DEFAULT true,
    c character(3),
    CONSTRAINT mood_age CHECK (((mood <> 'sad'::app.mood) OR ((age)::integer > 3))),
    CONSTRAINT users_price_check CHECK ((price >= (0)::numeric))
);


ALTER TABLE public.users OWNER TO postgres;

--
-- Name: TABLE users; Type: COMMENT; Schema: public; Owner: postgres
--

COMMENT ON TABLE public.users IS 'people; with a ''quote''';


--
-- Name: COLUMN users.mail; Type: COMMENT; Schema: public; Owner: postgres
--

COMMENT ON COLUMN public.users.mail IS 'address';


--
-- Name: happy; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.happy AS
 SELECT u.id,
    u.mail
   FROM public.users u
  WHERE u.ok;


ALTER TABLE public.happy OWNER TO postgres;

--
-- Name: mv; Type: MATERIALIZED VIEW; Schema: public; Owner: postgres
--

CREATE MATERIALIZED VIEW public.mv AS
 SELECT count(*) AS n
   FROM public.users
  WITH NO DATA;


ALTER TABLE public.mv OWNER TO postgres;

--
-- Name: users_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

CREATE SEQUENCE public.users_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.users_id_seq OWNER TO postgres;

--
-- Name: users_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: postgres
--

ALTER SEQUENCE public.users_id_seq OWNED BY public.users.id;


--
-- Name: events_2025; Type: TABLE ATTACH; Schema: app; Owner: postgres
--

ALTER TABLE ONLY app.events ATTACH PARTITION app.events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');


--
-- Name: events_2026; Type: TABLE ATTACH; Schema: app; Owner: postgres
--

ALTER TABLE ONLY app.events ATTACH PARTITION app.events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');


--
-- Name: users id; Type: DEFAULT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.users ALTER COLUMN id SET DEFAULT nextval('public.users_id_seq'::regclass);


--
-- Data for Name: events_2025; Type: TABLE DATA; Schema: app; Owner: postgres
--

COPY app.events_2025 (at, what) FROM stdin;
2025-05-05	old
\.


--
-- Data for Name: events_2026; Type: TABLE DATA; Schema: app; Owner: postgres
--

COPY app.events_2026 (at, what) FROM stdin;
2026-05-05	new
\.


--
-- Data for Name: posts; Type: TABLE DATA; Schema: app; Owner: postgres
--

COPY app.posts (id, user_id, no, title, body, at) FROM stdin;
1	1	1000	one	\N	2026-01-01 00:00:00
2	2	1005	\N	\N	\N
\.


--
-- Data for Name: base; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.base (a, b) FROM stdin;
\.


--
-- Data for Name: cache; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.cache (k, v) FROM stdin;
k	v
\.


--
-- Data for Name: child; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.child (a, b, c) FROM stdin;
1	x	2
\.


--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.users (id, mail, mood, tags, scores, age, ip, cash, doc, raw, born, at, took, flags, span, spot, x, search, price, big, note, uid, ok, c) FROM stdin;
1	a\tb\\c'd	ok	{a,"b c",NULL,"q\\"r"}	{1,-2,NULL}	5	127.0.0.1	$1,234.50	{}	\\x00ff	2026-01-01	2026-11-27 14:39:41.67+00	1 day	0101	[1,5)	(1,2)	<a/>	'cat' 'dog'	9.99	\N	x;	91c72e04-ce62-4621-8375-7e36f4152ea6	t	ab 
2	b	sad	{}	\N	4	127.0.0.1	\N	{}	\N	\N	2026-11-27 14:39:41.67+00	\N	\N	\N	\N	\N	\N	\N	\N	x;	32faadfd-8630-4968-83e9-8f3a21193dd1	t	\N
\.


--
-- Name: posts_id_seq; Type: SEQUENCE SET; Schema: app; Owner: postgres
--

SELECT pg_catalog.setval('app.posts_id_seq', 2, true);


--
-- Name: invoice_no; Type: SEQUENCE SET; Schema: public; Owner: postgres
--

SELECT pg_catalog.setval('public.invoice_no', 1005, true);


--
-- Name: users_id_seq; Type: SEQUENCE SET; Schema: public; Owner: postgres
--

SELECT pg_catalog.setval('public.users_id_seq', 2, true);


--
-- Name: posts posts_pkey; Type: CONSTRAINT; Schema: app; Owner: postgres
--

ALTER TABLE ONLY app.posts
    ADD CONSTRAINT posts_pkey PRIMARY KEY (id);


--
-- Name: posts posts_user_id_title_key; Type: CONSTRAINT; Schema: app; Owner: postgres
--

ALTER TABLE ONLY app.posts
    ADD CONSTRAINT posts_user_id_title_key UNIQUE NULLS NOT DISTINCT (user_id, title);


--
-- Name: cache cache_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.cache
    ADD CONSTRAINT cache_pkey PRIMARY KEY (k);


--
-- Name: users users_mail_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_mail_key UNIQUE (mail);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);


--
-- Name: events_what; Type: INDEX; Schema: app; Owner: postgres
--

CREATE INDEX events_what ON ONLY app.events USING btree (what);


--
-- Name: events_2025_what_idx; Type: INDEX; Schema: app; Owner: postgres
--

CREATE INDEX events_2025_what_idx ON app.events_2025 USING btree (what);


--
-- Name: events_2026_what_idx; Type: INDEX; Schema: app; Owner: postgres
--

CREATE INDEX events_2026_what_idx ON app.events_2026 USING btree (what);


--
-- Name: posts_at; Type: INDEX; Schema: app; Owner: postgres
--

CREATE INDEX posts_at ON app.posts USING btree (at DESC, user_id);


--
-- Name: posts_lower; Type: INDEX; Schema: app; Owner: postgres
--

CREATE INDEX posts_lower ON app.posts USING btree (lower(title) text_pattern_ops) INCLUDE (body) WHERE (title IS NOT NULL);


--
-- Name: users_mail_hash; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX users_mail_hash ON public.users USING hash (mail);


--
-- Name: users_tags; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX users_tags ON public.users USING gin (tags);


--
-- Name: users_uid; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX users_uid ON public.users USING btree (uid NULLS FIRST);


--
-- Name: events_2025_what_idx; Type: INDEX ATTACH; Schema: app; Owner: postgres
--

ALTER INDEX app.events_what ATTACH PARTITION app.events_2025_what_idx;


--
-- Name: events_2026_what_idx; Type: INDEX ATTACH; Schema: app; Owner: postgres
--

ALTER INDEX app.events_what ATTACH PARTITION app.events_2026_what_idx;


--
-- Name: users users_tr; Type: TRIGGER; Schema: public; Owner: postgres
--

CREATE TRIGGER users_tr BEFORE INSERT ON public.users FOR EACH ROW EXECUTE FUNCTION public.tf();


--
-- Name: posts posts_user_id_fkey; Type: FK CONSTRAINT; Schema: app; Owner: postgres
--

ALTER TABLE ONLY app.posts
    ADD CONSTRAINT posts_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE;


--
-- Name: posts p; Type: POLICY; Schema: app; Owner: postgres
--

CREATE POLICY p ON app.posts USING (true);


--
-- Name: posts; Type: ROW SECURITY; Schema: app; Owner: postgres
--

ALTER TABLE app.posts ENABLE ROW LEVEL SECURITY;

--
-- Name: TABLE users; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.users TO PUBLIC;


--
-- Name: mv; Type: MATERIALIZED VIEW DATA; Schema: public; Owner: postgres
--

REFRESH MATERIALIZED VIEW public.mv;


--
-- PostgreSQL database dump complete
--

\unrestrict l49TBNYlW8kL15lf53dEaeqNZvW5gs0C8EXCgmGabMZbhafxgOd6af4GnwEDndf

