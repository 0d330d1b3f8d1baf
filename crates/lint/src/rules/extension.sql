--- bad
CREATE EXTENSION IF NOT EXISTS plpgsql WITH SCHEMA pg_catalog;
COMMENT ON EXTENSION plpgsql IS 'PL/pgSQL procedural language';
CREATE EXTENSION "uuid-ossp";
--- fixed
--- bad
CREATE EXTENSION postgis;
--- good
SELECT gen_random_uuid();
