--
-- PostgreSQL database dump
--

COPY t FROM stdin;
it's
\.
