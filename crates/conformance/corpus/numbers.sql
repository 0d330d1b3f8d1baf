-- Integer, numeric and float arithmetic, functions and edges.
SELECT 7 / 2, -7 / 2, 7 % -2, -7 % 2, 7.0 / 2, 7 / 2.0, 2 ^ 10, 2 ^ -1, 2::numeric ^ 0.5, 7::float8 / 2, |/ 2, ||/ 8, @ -5, -(-5), +5;
SELECT 1 / 0;
SELECT 1 % 0;
SELECT 1.0 / 0;
SELECT 1::float8 / 0;
SELECT 0::float8 / 0;
SELECT 'Infinity'::float8 / 0;
SELECT 2147483647 + 1;
--? a detail of the answer
SELECT -2147483648 - 1;
SELECT 2147483647 * 2;
SELECT (-2147483648)::int4 / -1;
SELECT 9223372036854775807 + 1;
SELECT (-9223372036854775808) / -1;
SELECT -(-32768)::int2;
SELECT abs((-2147483648)::int4);
SELECT 1e308::float8 * 10;
SELECT 1e-308::float8 * 1e-308::float8;
SELECT 1e38::float4 * 10::float4;
SELECT 1::numeric / 3, 2::numeric / 3, 10::numeric / 3, 1.000 / 3, 100000000000000000000 / 7, 1e-10::numeric / 3, 0.1 + 0.2, 0.1::float8 + 0.2::float8, 1.10 * 1.10, 1.5 - 1.50;
SELECT 5 & 3, 5 | 3, 5 # 3, ~5, 1 << 4, 256 >> 4, 1 << 33, -1 >> 1;
SELECT round(2.5), round(-2.5), round(3.5), round(2.5::float8), round(3.5::float8), round(1.2345, 2), round(1250, -2), round(-1250.5, -2), trunc(2.9), trunc(-2.9), trunc(1.2378, 2), trunc(1278, -2), ceil(1.1), ceil(-1.1), floor(-1.1), ceiling(1.5), ceil(-0.5::float8);
SELECT sqrt(2), sqrt(2::numeric), cbrt(8), exp(1), exp(1.0), ln(10), ln(10.0), log(100), log(100.0), log(2, 8), log10(1000), power(2, 3), power(2.0, 0.5), pow(2, 10), sign(-5), sign(0.0), sign(1.5::float8);
SELECT sqrt(-1);
SELECT ln(0);
SELECT ln(-1.0);
SELECT log(0, 5);
SELECT power(0, -1);
SELECT power(-8, 0.5);
SELECT power(0::float8, -1), 1;
SELECT exp(1000::float8);
SELECT exp(10000.0);
SELECT mod(7, 3), mod(-7, 3), mod(7.5, 2), div(7.5, 2), div(-7, 2), gcd(12, 18), lcm(4, 6), gcd(0, 0), factorial(5), factorial(0), gcd(1.5, 0.5), lcm(1.5, 1.0);
SELECT factorial(-1);
SELECT div(1, 0);
SELECT width_bucket(5.35, 0.024, 10.06, 5), width_bucket(0, 1, 10, 3), width_bucket(11::float8, 1, 10, 3), width_bucket(now(), ARRAY['yesterday', 'today', 'tomorrow']::timestamptz[]), width_bucket(5, ARRAY[1, 3, 7]);
SELECT width_bucket(1, 1, 1, 3);
SELECT width_bucket(1, 0, 2, 0);
SELECT scale(1.230), min_scale(1.230), trim_scale(1.230), numeric_inc(1), pi(), degrees(pi()), radians(180);
SELECT sin(1), cos(1), tan(1), asin(1), acos(0), atan(1), atan2(1, 2), cot(1), sinh(1), cosh(1), tanh(1), asinh(1), acosh(2), atanh(0.5), sind(30), cosd(60), tand(45), asind(0.5), acosd(0.5), atand(1), atan2d(1, 1), cotd(45);
SELECT asin(2);
SELECT acosh(0);
SELECT atanh(1), atanh(-1);
SELECT atanh(2);
SELECT sin('Infinity');
--? a function or operator
SELECT erf(0.5), erfc(0.5), erf(0), erf('Infinity');
SELECT 'NaN'::float8 = 'NaN'::float8, 'NaN'::float8 > 'Infinity'::float8, 'NaN'::numeric = 'NaN', 'NaN'::numeric > 1e100, 'Infinity'::numeric - 'Infinity'::numeric, 'Infinity'::numeric * 0, -'Infinity'::float8, 'Infinity'::numeric > 1;
SELECT 1.0 = 1.00, 1 = 1.0, 1::float8 = 1.0, 0.1::float4 = 0.1::float8, 0.1::float4 = 0.1, '-0'::float8 = 0, '-0'::float8;
SELECT 1.0::text, 1.00 + 1, 1.10::float8, 100::float8, 1e20::float8, 1e-5::float8, 123456789012345678::float8, 0.1::float4 + 0.2::float4, 1e10::float4, 12345678::float4, 1.0::float4;
SELECT to_hex(255), to_hex(-1), to_hex(255::int8), (1234.5)::int, 1::int2 + 1::int2, 1::int8 * 1::int2;
--? a function or operator
SELECT random() BETWEEN 0 AND 1, random_normal() IS NOT NULL;
--? a function or operator
SELECT setseed(0.5);
--? a function or operator
SELECT setseed(2);
SELECT to_char(1234567.891, '9,999,999.99'), to_char(-12.5, '999.9'), to_char(-12.5, 'S999.9'), to_char(12, '0000'), to_char(12, 'FM999'), to_char(0.5, '9.9'), to_char(0.5, '0.9'), to_char(1234, '99'), to_char(485, 'RN'), to_char(485, 'FMRN'), to_char(12.3, '99.99EEEE'), to_char(148.5, '999D999'), to_char(-485, '999PR'), to_char(485, '"Good number:"999'), to_char(12, '99V999'), to_char(1, '9th'), to_char(2, 'FM9TH'), to_char(485, 'L999'), to_char(1485, '9G999'), to_char(-1, 'MI9'), to_char(-1, '9MI'), to_char(1, 'PL9'), to_char(1, 'SG9'), to_char(0, 'B9'), to_char(1.5::float8, '9.99'), to_char(100::int8, '999');
SELECT to_number('12,454.8-', '99G999D9S'), to_number('$12.5', 'L99.9'), to_number('-34,338,492', '99G999G999'), to_number('0.01-', '9.99S'), to_number('<485>', '999PR');
SELECT to_number('', '9');
SELECT 123::numeric(20, 5) * 1.1, 1e-20::numeric, 1e30::numeric, 1.5e3, 12345678901234567890.123456789 * 98765432109876543210.987654321, 2::numeric ^ 100, 0.5 ^ 10;
SELECT (1e1000::numeric * 1e1000::numeric)::text LIKE '1000%', 10::numeric ^ 200000;
SELECT sum(x), avg(x) FROM (VALUES (9223372036854775807), (9223372036854775807)) v (x);
SELECT sum(x) FROM (VALUES (1e308::float8), (1e308)) v (x);
SELECT avg(x), sum(x), stddev(x), variance(x) FROM (VALUES ('NaN'::float8), (1)) v (x);
SELECT avg(x), sum(x) FROM (VALUES ('Infinity'::numeric), ('-Infinity')) v (x);
SELECT int4(2.7), int8('5'), float8(3), numeric(5), int2(7);
SELECT 5 !;
SELECT !! 5;
SELECT 1 + 'x';
SELECT 1 + true;
SELECT 'a' + 'b';
SELECT 1 + NULL, NULL + NULL, -NULL;
SELECT nope(1);
SELECT abs('x');
SELECT abs();
SELECT round(1.5, 'x');
--? a function or operator
SELECT pg_size_pretty(1024::bigint), pg_size_pretty(10240::bigint), pg_size_pretty(123456789::bigint), pg_size_pretty(1e15::numeric), pg_size_pretty(-20480::bigint), pg_size_bytes('1 GB'), pg_size_bytes('1.5kB'), pg_size_bytes('12');
--? a function or operator
SELECT pg_size_bytes('1 XB');
