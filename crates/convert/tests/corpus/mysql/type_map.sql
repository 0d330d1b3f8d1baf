CREATE TABLE `types` (
  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `ti` tinyint(4) DEFAULT -1, `b1` tinyint(1) NOT NULL DEFAULT 0, `b2` bool DEFAULT TRUE, `tu` tinyint(3) unsigned DEFAULT '7',
  `si` smallint(6), `su` smallint(5) unsigned, `mi` mediumint(9), `mu` mediumint(8) unsigned,
  `i` int(11) DEFAULT 0x1F, `iu` int(10) unsigned zerofill, `bi` bigint(20), `bu` bigint(20) unsigned,
  `f` float, `f24` float(24), `f25` float(25), `fmd` float(7,4), `d` double, `dp` double precision(10,2), `r` real unsigned,
  `de` decimal, `de2` decimal(10,2) unsigned DEFAULT 1.50, `nu` numeric(65,30), `fx` fixed(5),
  `bit1` bit(1) DEFAULT b'1', `bit8` bit(8) DEFAULT b'101', `bit64` bit(64),
  `c` char, `c0` char(0), `c10` char(10) DEFAULT 'it''s', `v` varchar(100) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT "double", `nv` national varchar(20),
  `tt` tinytext, `tx` text, `mt` mediumtext, `lt` longtext, `lv` long varchar,
  `en` enum('a','b''c',"d") NOT NULL DEFAULT 'a', `se` set('x','y') DEFAULT 'x,y',
  `da` date DEFAULT '2026-01-31', `dt` datetime, `dt3` datetime(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), `ts` timestamp NULL DEFAULT NULL, `tm` time, `tm6` time(6), `y` year(4) DEFAULT 2026,
  `bn` binary(4) DEFAULT 0xDEADBEEF, `vb` varbinary(20), `tb` tinyblob, `bl` blob, `mb` mediumblob, `lb` longblob,
  `js` json DEFAULT (json_array()), `mj` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`mj`)),
  `ge` geometry, `po` point, `pg` polygon,
  `uu` uuid DEFAULT uuid(), `i4` inet4, `i6` inet6,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=42;
