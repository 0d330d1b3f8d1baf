-- inet and cidr at run time: order, containment, arithmetic, parts.
SELECT '10.0.0.1'::inet < '10.0.0.2', '10.0.0.0/8'::inet = '10.0.0.0/8'::cidr, '10.0.0.1'::inet <> '10.0.0.1/24', '::1'::inet > '255.255.255.255', '10.0.0.0/24'::inet < '10.0.0.0/25'::inet;
SELECT '192.168.1.5'::inet << '192.168.1.0/24', '192.168.1.0/24'::inet << '192.168.1.0/24', '192.168.1.0/24'::inet <<= '192.168.1.0/24', '192.168.0.0/16'::inet >> '192.168.1.0/24', '192.168.1.0/24'::inet >>= '192.168.1.0/24', '10.0.0.0/8'::inet && '10.1.0.0/16', '10.0.0.0/8'::inet && '::/0';
SELECT '10.0.0.1'::inet + 25, 25 + '10.0.0.1'::inet, '10.0.0.10'::inet - 5, '10.0.1.0'::inet - '10.0.0.0', ~ '10.0.0.1'::inet, '10.1.2.3'::inet & '255.0.0.255', '10.0.0.0'::inet | '0.0.1.1', '::1'::inet + 10;
SELECT '255.255.255.255'::inet + 1;
SELECT '0.0.0.0'::inet - 1;
SELECT '10.0.0.1'::inet - '::1';
SELECT '10.0.0.1'::inet & '::1';
SELECT host('10.1.2.3/8'), family('::1'), masklen('10.0.0.0/8'), network('10.1.2.3/8'), broadcast('10.1.2.3/8'), netmask('10.1.2.3/20'), hostmask('10.1.2.3/20'), set_masklen('10.1.2.3/8', 16), set_masklen('10.1.0.0/16'::cidr, 8), abbrev('10.1.0.0/16'::cidr), abbrev('10.1.0.0/16'::inet), text('10.1.2.3'::inet), inet_same_family('1.1.1.1', '::1'), inet_merge('192.168.1.5/24', '192.168.2.5/24');
SELECT set_masklen('10.1.2.3', 33);
SELECT inet_merge('1.1.1.1', '::1');
SELECT netmask('::1/64'), hostmask('2001:db8::/32'), broadcast('2001:db8::/126'), network('2001:db8::5/64'), abbrev('0.0.0.0/0'::cidr), abbrev('192.168.1.0/25'::cidr);
SELECT min(a), max(a), count(DISTINCT a) FROM (VALUES ('10.0.0.2'::inet), ('10.0.0.10'), ('10.0.0.2')) v (a);
SELECT a FROM (VALUES ('10.0.0.2'::inet), ('::1'), ('10.0.0.0/8'), ('9.255.255.255')) v (a) ORDER BY a;
SELECT a, count(*) FROM (VALUES ('10.0.0.2'::inet), ('10.0.0.2')) v (a) GROUP BY a;
SELECT '10.0.0.1'::inet = ANY (ARRAY['10.0.0.1'::inet, '::1']), '10.0.0.1'::text::inet, '10.0.0.1'::inet::cidr, ARRAY['10.0.0.1'::inet];
SELECT '10.0.0.1'::inet || 'x';
SELECT '10.0.0.1'::inet = 'nope';
