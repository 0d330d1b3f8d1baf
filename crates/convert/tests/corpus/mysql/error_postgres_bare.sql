COPY public.t (s) FROM stdin;
it's
\.
