--- bad
CREATE TABLE parent (id uuid PRIMARY KEY);
CREATE TABLE child (PRIMARY KEY (id), extra text) INHERITS (parent);
--- fixed
CREATE TABLE parent (id uuid PRIMARY KEY);
CREATE TABLE child (LIKE parent INCLUDING DEFAULTS INCLUDING CONSTRAINTS, PRIMARY KEY (id), extra text);
--- good
CREATE TABLE child (LIKE parent INCLUDING ALL, extra text);
