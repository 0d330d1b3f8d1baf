--- bad
SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ;
--- fixed
SET client_encoding = 'UTF8';
--- bad
SET TRANSACTION READ ONLY;
--- good
SET search_path = public;
