/*M!999999\- enable the sandbox mode */ 
-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: shop
-- ------------------------------------------------------
-- Server version	10.11.19-MariaDB-0+deb12u1

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;

--
-- Current Database: `shop`
--

CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci */;

USE `shop`;

--
-- Table structure for table `customers`
--

DROP TABLE IF EXISTS `customers`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `customers` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT COMMENT 'counted',
  `mail` varchar(190) NOT NULL,
  `nick` char(10) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT 'x''y',
  `born` date DEFAULT NULL,
  `joined` datetime(3) NOT NULL DEFAULT current_timestamp(3),
  `seen` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `wake` time DEFAULT NULL,
  `vintage` year(4) DEFAULT 1999,
  `active` tinyint(1) NOT NULL DEFAULT 1,
  `tiny` tinyint(4) DEFAULT NULL,
  `tinyu` tinyint(3) unsigned DEFAULT NULL,
  `small` smallint(6) DEFAULT NULL,
  `medium` mediumint(8) unsigned DEFAULT NULL,
  `big` bigint(20) DEFAULT NULL,
  `bigu` bigint(20) unsigned DEFAULT NULL,
  `f` float DEFAULT NULL,
  `f2` float(7,3) DEFAULT NULL,
  `d` double DEFAULT NULL,
  `price` decimal(12,4) DEFAULT 0.5000,
  `zf` int(6) unsigned zerofill DEFAULT NULL,
  `b1` bit(1) DEFAULT b'1',
  `b9` bit(9) DEFAULT b'101000101',
  `level` enum('free','pro','it''s') NOT NULL DEFAULT 'free',
  `tags` set('a','b','c') DEFAULT 'a,c',
  `doc` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`doc`)),
  `note` text DEFAULT NULL,
  `essay` longtext DEFAULT NULL,
  `bin` binary(4) DEFAULT NULL,
  `vbin` varbinary(16) DEFAULT NULL,
  `raw` blob DEFAULT NULL,
  `spot` point DEFAULT NULL,
  `uid` uuid DEFAULT uuid(),
  `ip` inet6 DEFAULT NULL,
  `full_name` varchar(201) GENERATED ALWAYS AS (concat(`mail`,'/',convert(`nick` using utf8mb4))) VIRTUAL,
  `cents` bigint(20) GENERATED ALWAYS AS (`price` * 100) STORED,
  PRIMARY KEY (`id`),
  UNIQUE KEY `mail` (`mail`),
  KEY `born_idx` (`born`,`level`),
  KEY `note_idx` (`note`(30)),
  FULLTEXT KEY `ft` (`note`,`essay`),
  CONSTRAINT `tiny_ok` CHECK (`tiny` between -5 and 100),
  CONSTRAINT `act` CHECK (`active` = 1 or `price` >= 0)
) ENGINE=InnoDB AUTO_INCREMENT=106 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci COMMENT='people who buy';
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `customers`
--

LOCK TABLES `customers` WRITE;
/*!40000 ALTER TABLE `customers` DISABLE KEYS */;
INSERT INTO `customers` VALUES
(100,'a@example.org','Ã¼nÃ¯','1980-02-29','2026-01-01 00:00:00.125','2026-01-01 00:00:00','23:59:59',1999,1,-5,255,NULL,16777215,-9223372036854775808,9223372036854775807,1.5,NULL,2.25e100,0.5000,000042,'','\0','it\'s','a,b','{\"k\": \"v\\n\\\"q\\\"\"}','line\nbreak \\ tab	 \'quote\' \"d\" ; -- x',NULL,'\0','plain','ÿþ\0\'\"\0','\0\0\0\0\0\0\0\0\0\0\0\0\0ð?\0\0\0\0\0\0\0@','01234567-89ab-4def-8123-456789abcdef','::1','a@example.org/Ã¼nÃ¯',50),
(105,'b@example.org',NULL,NULL,'2026-01-01 00:00:00.125','2026-01-01 00:00:00',NULL,1999,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0.5000,NULL,'','\0\0','free','',NULL,'',NULL,NULL,NULL,NULL,NULL,'01234567-89ab-4def-8123-456789abcde0',NULL,NULL,50);
/*!40000 ALTER TABLE `customers` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `invoices`
--

DROP TABLE IF EXISTS `invoices`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `invoices` (
  `no` bigint(20) NOT NULL AUTO_INCREMENT,
  `customer_id` int(10) unsigned DEFAULT NULL,
  `paid` tinyint(1) DEFAULT NULL,
  `code` binary(16) NOT NULL,
  PRIMARY KEY (`no`),
  UNIQUE KEY `code` (`code`),
  KEY `inv_c` (`customer_id`),
  CONSTRAINT `inv_c` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`) ON DELETE SET NULL ON UPDATE CASCADE
) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `invoices`
--

LOCK TABLES `invoices` WRITE;
/*!40000 ALTER TABLE `invoices` DISABLE KEYS */;
INSERT INTO `invoices` VALUES
(1,100,1,'\0	\n\r'),
(2,105,0,'\0	\n\r');
/*!40000 ALTER TABLE `invoices` ENABLE KEYS */;
UNLOCK TABLES;
/*!50003 SET @saved_cs_client      = @@character_set_client */ ;
/*!50003 SET @saved_cs_results     = @@character_set_results */ ;
/*!50003 SET @saved_col_connection = @@collation_connection */ ;
/*!50003 SET character_set_client  = utf8mb3 */ ;
/*!50003 SET character_set_results = utf8mb3 */ ;
/*!50003 SET collation_connection  = utf8mb3_general_ci */ ;
/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;
/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION' */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER t BEFORE INSERT ON invoices FOR EACH ROW SET NEW.paid = COALESCE(NEW.paid, 0) 
*/;;
DELIMITER ;
/*!50003 SET sql_mode              = @saved_sql_mode */ ;
/*!50003 SET character_set_client  = @saved_cs_client */ ;
/*!50003 SET character_set_results = @saved_cs_results */ ;
/*!50003 SET collation_connection  = @saved_col_connection */ ;

--
-- Table structure for table `orders`
--

DROP TABLE IF EXISTS `orders`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `orders` (
  `customer_id` int(10) unsigned NOT NULL,
  `line` smallint(5) unsigned NOT NULL,
  `code` binary(16) NOT NULL,
  `amount` decimal(10,2) NOT NULL,
  PRIMARY KEY (`customer_id`,`line`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci
 PARTITION BY KEY (`customer_id`)
PARTITIONS 2;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `orders`
--

LOCK TABLES `orders` WRITE;
/*!40000 ALTER TABLE `orders` DISABLE KEYS */;
INSERT INTO `orders` VALUES
(105,2,'ÿ	\n\r',0.10),
(100,1,'\0	\n\r',9.90);
/*!40000 ALTER TABLE `orders` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Temporary table structure for view `paid`
--

DROP TABLE IF EXISTS `paid`;
/*!50001 DROP VIEW IF EXISTS `paid`*/;
SET @saved_cs_client     = @@character_set_client;
SET character_set_client = utf8mb4;
/*!50001 CREATE VIEW `paid` AS SELECT
 NULL AS `no` */;
SET character_set_client = @saved_cs_client;

--
-- Dumping routines for database 'shop'
--

--
-- Current Database: `shop`
--

USE `shop`;

--
-- Final view structure for view `paid`
--

/*!50001 DROP VIEW IF EXISTS `paid`*/;
/*!50001 SET @saved_cs_client          = @@character_set_client */;
/*!50001 SET @saved_cs_results         = @@character_set_results */;
/*!50001 SET @saved_col_connection     = @@collation_connection */;
/*!50001 SET character_set_client      = utf8mb3 */;
/*!50001 SET character_set_results     = utf8mb3 */;
/*!50001 SET collation_connection      = utf8mb3_general_ci */;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */
/*!50001 VIEW `paid` AS select `invoices`.`no` AS `no` from `invoices` where `invoices`.`paid` <> 0 */;
/*!50001 SET character_set_client      = @saved_cs_client */;
/*!50001 SET character_set_results     = @saved_cs_results */;
/*!50001 SET collation_connection      = @saved_col_connection */;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;

/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;

-- Dump completed
