INSERT INTO `g` (a,b) VALUES (1,2);
