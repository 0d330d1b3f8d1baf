--- bad
CREATE TABLE a (id bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY);
CREATE TABLE b (at timestamptz DEFAULT now(), id uuid, PRIMARY KEY (at, id));
--- good
CREATE TABLE c (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
