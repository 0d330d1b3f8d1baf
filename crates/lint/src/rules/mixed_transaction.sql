--- bad
BEGIN;
CREATE TABLE a (id uuid PRIMARY KEY);
CREATE TABLE b (id uuid PRIMARY KEY);
INSERT INTO a VALUES (gen_random_uuid());
INSERT INTO b VALUES (gen_random_uuid());
COMMIT;
--- fixed
BEGIN;
CREATE TABLE a (id uuid PRIMARY KEY);
COMMIT;
BEGIN;
CREATE TABLE b (id uuid PRIMARY KEY);
COMMIT;
BEGIN;
INSERT INTO a VALUES (gen_random_uuid());
INSERT INTO b VALUES (gen_random_uuid());
COMMIT;
--- good
BEGIN;
CREATE TABLE a (id uuid PRIMARY KEY);
COMMIT;
