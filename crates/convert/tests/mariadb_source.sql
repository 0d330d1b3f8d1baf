CREATE DATABASE shop CHARACTER SET utf8mb4; USE shop;
CREATE TABLE customers (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'counted',
  mail VARCHAR(190) NOT NULL, nick CHAR(10) CHARACTER SET latin1 DEFAULT 'x''y', born DATE, joined DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  seen TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, wake TIME, vintage YEAR DEFAULT 1999,
  active BOOLEAN NOT NULL DEFAULT TRUE, tiny TINYINT, tinyu TINYINT UNSIGNED, small SMALLINT, medium MEDIUMINT UNSIGNED, big BIGINT, bigu BIGINT UNSIGNED,
  f FLOAT, f2 FLOAT(7,3), d DOUBLE, price DECIMAL(12,4) DEFAULT 0.5000, zf INT(6) ZEROFILL, b1 BIT(1) DEFAULT b'1', b9 BIT(9) DEFAULT b'101000101',
  level ENUM('free','pro','it''s') NOT NULL DEFAULT 'free', tags SET('a','b','c') DEFAULT 'a,c', doc JSON, note TEXT, essay LONGTEXT,
  bin BINARY(4), vbin VARBINARY(16), raw BLOB, spot POINT, uid UUID DEFAULT uuid(), ip INET6,
  full_name VARCHAR(201) GENERATED ALWAYS AS (concat(mail, '/', nick)) VIRTUAL, cents BIGINT GENERATED ALWAYS AS (price * 100) STORED,
  PRIMARY KEY (id), UNIQUE KEY mail (mail), KEY born_idx (born, level), KEY note_idx (note(30)), FULLTEXT KEY ft (note, essay),
  CONSTRAINT tiny_ok CHECK (tiny BETWEEN -5 AND 100), CONSTRAINT act CHECK (active = 1 OR price >= 0)
) COMMENT='people who buy' AUTO_INCREMENT=100;
CREATE TABLE orders (
  customer_id INT UNSIGNED NOT NULL, line SMALLINT UNSIGNED NOT NULL, code BINARY(16) NOT NULL, amount DECIMAL(10,2) NOT NULL,
  PRIMARY KEY (customer_id, line)
) PARTITION BY KEY (customer_id) PARTITIONS 2;
CREATE TABLE invoices (no BIGINT AUTO_INCREMENT PRIMARY KEY, customer_id INT UNSIGNED, paid TINYINT(1), code BINARY(16) NOT NULL UNIQUE, CONSTRAINT inv_c FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE SET NULL ON UPDATE CASCADE);
CREATE VIEW paid AS SELECT no FROM invoices WHERE paid;
CREATE TRIGGER t BEFORE INSERT ON invoices FOR EACH ROW SET NEW.paid = COALESCE(NEW.paid, 0);
INSERT INTO customers (id, mail, nick, born, wake, active, tiny, tinyu, medium, big, bigu, f, d, zf, b9, level, tags, doc, note, bin, vbin, raw, spot, ip, seen, joined, uid)
VALUES (100, 'a@example.org', 'ünï', '1980-02-29', '23:59:59', 1, -5, 255, 16777215, -9223372036854775808, 9223372036854775807, 1.5, 2.25e100, 42, b'111', 'it''s', 'a,b', '{"k": "v\\n\\"q\\""}', 'line\nbreak \\ tab\t ''quote'' "d" ; -- x', 0x00010203, 'plain', 0xFFFE00272200, ST_GeomFromText('POINT(1 2)'), '::1', '2026-01-01 00:00:00', '2026-01-01 00:00:00.125', '01234567-89ab-4def-8123-456789abcdef'),
(105, 'b@example.org', NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, b'0', 'free', '', NULL, '', NULL, NULL, NULL, NULL, NULL, '2026-01-01 00:00:00', '2026-01-01 00:00:00.125', '01234567-89ab-4def-8123-456789abcde0');
INSERT INTO orders VALUES (100, 1, unhex('000102030405060708090a0b0c0d0e0f'), 9.90), (105, 2, unhex('ff0102030405060708090a0b0c0d0e0f'), 0.10);
INSERT INTO invoices (customer_id, paid, code) VALUES (100, 1, unhex('000102030405060708090a0b0c0d0e0f')), (105, NULL, unhex('000102030405060708090a0b0c0d0e10'));
