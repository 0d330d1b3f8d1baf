-- MySQL dump 10.13

CREATE TABLE `t` (`s` text);
INSERT INTO `t` VALUES ('it\'s');
