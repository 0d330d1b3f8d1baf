--- bad
CREATE TABLE t (id uuid PRIMARY KEY, email citext NOT NULL, attributes hstore);
--- fixed
CREATE TABLE t (id uuid PRIMARY KEY, email text NOT NULL, attributes jsonb);
--- bad
CREATE TABLE t (id uuid PRIMARY KEY, at geometry(Point, 4326));
--- good
CREATE TABLE t (id uuid PRIMARY KEY, email text NOT NULL);
