CREATE TABLE public.t (id integer NOT NULL, tags text[], cash money);
COPY public.t (id, tags, cash) FROM stdin;
1	{a}	$1,234.50
2	a	$1.00
3	{b}	1.234
\.
INSERT INTO public.t VALUES (4, 'c', '-1.234.567,89 €');
INSERT INTO public.t VALUES (5, now(), '(2,00 €)');
