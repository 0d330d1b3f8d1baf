CREATE TABLE parent (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT, code BINARY(16) NOT NULL, name VARCHAR(64) NOT NULL, bio TEXT, hash VARBINARY(32), place POINT NOT NULL, born DATE,
  PRIMARY KEY (id), UNIQUE KEY uq_code (code), UNIQUE KEY parent_name (name(10)), UNIQUE uq_hash (hash),
  KEY k_bio (bio(20), name DESC), KEY k_desc (name DESC, born DESC) COMMENT 'newest' INVISIBLE, KEY k_expr ((lower(name))), KEY (born) USING BTREE,
  FULLTEXT KEY ft (bio) WITH PARSER ngram, SPATIAL KEY sp (place)
) COMMENT='the parents; with a ''quote''' PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE TABLE Child (
  `order` INT NOT NULL COMMENT 'position', parent_id INT UNSIGNED NOT NULL, code BINARY(16), amount DECIMAL(8,2), tax DECIMAL(8,2) GENERATED ALWAYS AS (amount * 0.2) VIRTUAL,
  label VARCHAR(100) AS (concat(`order`, '-', amount)) STORED, odd VARCHAR(10) AS (date_format(now(), '%Y')) VIRTUAL, active BOOLEAN DEFAULT 1,
  hidden INT DEFAULT 5 INVISIBLE,
  CONSTRAINT positive CHECK (amount > 0 AND active IN (0, 1)), CHECK (`order` between 1 and 100) NOT ENFORCED, CHECK (label regexp '^[0-9]'),
  PRIMARY KEY (`order`, parent_id),
  CONSTRAINT fk_parent FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE RESTRICT,
  FOREIGN KEY (code) REFERENCES parent (code) ON DELETE SET NULL
);
CREATE TABLE twin_a (id INT PRIMARY KEY, b INT, CONSTRAINT to_b FOREIGN KEY (b) REFERENCES twin_b (id));
CREATE TABLE twin_b (id INT PRIMARY KEY, a INT, CONSTRAINT to_a FOREIGN KEY (a) REFERENCES twin_a (id));
CREATE INDEX k_later ON twin_b (a);
