--- bad
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE t (id uuid PRIMARY KEY, m mood DEFAULT 'ok');
DROP TYPE IF EXISTS other;
--- fixed
CREATE DOMAIN mood AS text CHECK (VALUE IN ('sad', 'ok'));
CREATE TABLE t (id uuid PRIMARY KEY, m mood DEFAULT 'ok');
DROP DOMAIN IF EXISTS other;
--- good
CREATE DOMAIN mood AS text CHECK (VALUE IN ('sad', 'ok'));
