-- options: zero-dates=null
SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
START TRANSACTION;
SET time_zone = "+00:00";
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
CREATE TABLE `users` (
  `id` int(11) NOT NULL,
  `mail` varchar(190) NOT NULL,
  `flags` bit(4) NOT NULL DEFAULT b'0',
  `admin` tinyint(1) NOT NULL DEFAULT 0,
  `kind` enum('free','paid') NOT NULL DEFAULT 'free',
  `seen` datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  `raw` blob DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
--
-- Data; a ; in a comment, and a quote: '
--
INSERT INTO `users` (`id`, `mail`, `flags`, `admin`, `kind`, `seen`, `raw`) VALUES
(7, 'o\'hara@example.org', b'1010', 1, 'paid', '2026-01-02 03:04:05', 0x00ff27),
(9, 'tab\there \\ and "quotes" ''doubled'''
, b'0', 0, 'FREE', '0000-00-00 00:00:00', _binary 'a\0b');
ALTER TABLE `users` ADD PRIMARY KEY (`id`), ADD UNIQUE KEY `mail` (`mail`);
ALTER TABLE `users` MODIFY `id` int(11) NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=10;
COMMIT;
