-- Text functions, patterns, encodings.
SELECT 'a' || 'b', 'a' || 1, 1 || 'a', 'a' || NULL, NULL || 'a', 'x' || 1.5 || true, ARRAY[1] || 2, 'a' || ARRAY['b'];
SELECT length('héllo'), char_length('日本'), octet_length('日本'), bit_length('a'), length(''::char(3)), length('\x0102'::bytea), octet_length('ab '::char(5));
SELECT upper('straße'), lower('ÀB'), initcap('hello wORLD-foo bar_baz 3rd'), reverse('héllo'), repeat('ab', 3), repeat('x', -1), left('hello', 2), left('hello', -2), right('hello', 2), right('hello', -2), lpad('hi', 5), lpad('hi', 5, 'xy'), rpad('hi', 5, 'xy'), lpad('hello', 2), lpad('x', 5, '');
SELECT substring('hello' FROM 2 FOR 3), substring('hello', 2), substring('hello' FROM -1 FOR 3), substring('hello', 10), substr('hello', 2, 2), substring('foobar' FROM 'o(.)b'), substring('foobar' FROM 'o.b'), substring('foobar' FROM 'zz'), substring('foobar' SIMILAR '%#"o_b#"%' ESCAPE '#'), substring('foobar' FROM '%#"o_b#"%' FOR '#');
SELECT substring('hello' FROM 2 FOR -1);
SELECT position('lo' IN 'hello'), strpos('hello', 'l'), position('' IN 'x'), overlay('Txxxxas' PLACING 'hom' FROM 2 FOR 4), overlay('abc' PLACING 'X' FROM 2), overlay('abc' PLACING 'XY' FROM 5);
SELECT trim('  x  '), trim(BOTH 'xy' FROM 'xyaxy'), trim(LEADING 'x' FROM 'xxa'), trim(TRAILING FROM 'a  '), ltrim('xxa', 'x'), rtrim('axx', 'x'), btrim('xyaxy', 'xy'), trim('x' FROM NULL);
SELECT replace('hello', 'l', 'LL'), replace('hello', '', 'x'), translate('12345', '143', 'ax'), split_part('a,b,c', ',', 2), split_part('a,b,c', ',', -1), split_part('a,b,c', ',', 5), split_part('abc', '', 1), ascii('é'), chr(233), concat('a', NULL, 1, true), concat_ws(',', 'a', NULL, 'b'), concat_ws(NULL, 'a'), starts_with('hello', 'he'), 'hello' ^@ 'he';
SELECT split_part('a', ',', 0);
SELECT chr(0);
SELECT chr(-1);
SELECT format('Hello %s, %1$s %2$s %I %L %%', 'World', 'x y', 'O''R'), format('%10s|%-10s|%*s', 'a', 'b', 5, 'c'), format('%s', NULL), format('%L', NULL), format('%2$*1$s', 5, 'x'), format('%s', ARRAY[1, 2]);
SELECT format('%I', NULL);
SELECT format('%s');
SELECT format('%z', 1);
SELECT format('%0$s', 1);
SELECT quote_ident('a b'), quote_ident('select'), quote_ident('abc'), quote_literal('O''R'), quote_literal(E'a\\b'), quote_nullable(NULL), quote_literal(42.5), quote_nullable('x');
SELECT to_hex(10), md5('a'), sha256('a'), encode('abc', 'base64'), encode('abc', 'hex'), encode('\x00ff41', 'escape'), decode('YWJj', 'base64'), decode('616263', 'hex'), decode('a\\000b', 'escape'), md5('\x61'::bytea), sha224('a'), sha384('a'), sha512('');
SELECT decode('xyz', 'hex');
SELECT decode('a', 'base64');
SELECT encode('a', 'nope');
SELECT convert_from('\xc3a9', 'UTF8'), convert_to('é', 'LATIN1'), convert('\xe9', 'LATIN1', 'UTF8'), convert_from('\xe9', 'LATIN1');
SELECT convert_from('\xff', 'UTF8');
SELECT convert_from('a', 'NOPE');
SELECT 'abc' LIKE 'a%', 'abc' LIKE '_b_', 'abc' NOT LIKE 'A%', 'abc' ILIKE 'A%', 'a%c' LIKE 'a\%c', 'a%c' LIKE 'a!%c' ESCAPE '!', 'abc' LIKE 'abc\', 'ab' ~~ 'a_', 'ab' !~~* 'A_', 'é' ILIKE 'É';
SELECT 'abc' LIKE 'a\';
SELECT 'abc' LIKE 'a%' ESCAPE 'xx';
SELECT 'abc' SIMILAR TO '(a|b)%', 'abc' SIMILAR TO 'a', 'abc' NOT SIMILAR TO '%(b|d)%', 'a.c' SIMILAR TO 'a.c', 'aaa' SIMILAR TO 'a{3}', 'ab' SIMILAR TO 'a[a-c]+';
--? a detail of the answer
SELECT 'abc' ~ 'B', 'abc' ~* 'B', 'abc' !~ 'b', 'abc' !~* 'X', 'foo123' ~ '^\w+\d{3}$', 'a\nb' ~ 'a.b', E'a\nb' ~ 'a.b', 'foobar' ~ '(foo)(?=bar)', 'abcabc' ~ '(abc)\1', '' ~ '^$', 'a b' ~ '[[:space:]]', 'xay' ~ '\ma\M', 'ab' ~ '(?i)AB', 'a.b' ~ '***=a.b';
SELECT 'a' ~ '(';
SELECT 'a' ~ '[';
SELECT 'a' ~ 'a{2,1}';
SELECT 'a' ~ '*';
SELECT regexp_replace('foobarbaz', 'b..', 'X'), regexp_replace('foobarbaz', 'b..', 'X', 'g'), regexp_replace('foobarbaz', 'b(..)', '[\1]', 'g'), regexp_replace('ABC', 'b', 'x', 'i'), regexp_replace('foobar', 'o', '\&\&'), regexp_replace('foobarbaz', 'b', 'X', 5), regexp_replace('aaaa', 'a', 'b', 1, 3), regexp_replace('aaaa', 'a', 'b', 2, 0, 'i'), regexp_replace('x', '', '-', 'g');
SELECT regexp_match('foobarbequebaz', '(bar)(beque)'), regexp_match('abc', 'b'), regexp_match('abc', 'z'), regexp_match('ABC', 'b', 'i'), regexp_count('ABCABC', 'b', 1, 'i'), regexp_like('abc', 'B', 'i'), regexp_instr('abcabc', 'b', 1, 2), regexp_instr('abcabc', '(b)(c)', 1, 1, 1, '', 2), regexp_substr('foobarbaz', 'b..', 1, 2), regexp_substr('abc', 'z'), regexp_split_to_array('a1b2c', '\d'), regexp_split_to_array('abc', '');
SELECT regexp_matches('foobarbequebazilbarfbonk', '(b[^b]+)(b[^b]+)', 'g');
SELECT regexp_matches('abc', 'z');
SELECT regexp_match('a', 'a', 'g');
SELECT regexp_match('a', 'a', 'z');
SELECT regexp_replace('a', 'a', 'b', 0);
SELECT string_to_array('a,b,,c', ','), string_to_array('a,b', NULL), string_to_array('', ','), string_to_array('abc', ''), string_to_array('a,x,b', ',', 'x'), array_to_string(ARRAY[1, NULL, 3], ','), array_to_string(ARRAY[1, NULL, 3], ',', '*'), array_to_string(ARRAY[[1, 2], [3, 4]], '-');
SELECT normalize('é', NFD) = 'é', length(normalize(E'e\u0301')), normalize('ﬁ', NFKC), 'é' IS NORMALIZED, E'e\u0301' IS NFC NORMALIZED, E'e\u0301' IS NOT NFD NORMALIZED, length(normalize('é', NFKD));
SELECT normalize('a', 'nope');
SELECT unistr('\0061\+000062 \u0063 \\'), U&'\0061\+000062', U&'d!0061' UESCAPE '!', E'\x41\101\u0041\t|', 'a''b', 'con' 'cat';
SELECT unistr('\00g1');
SELECT 'con'
  'cat';
SELECT 'B' < 'a', 'a' < 'b', 'Z' < 'a', '' < 'a', 'a' COLLATE "C" < 'B', max(x), min(x) FROM (VALUES ('a'), ('B'), ('é')) v (x) ;
SELECT x FROM (VALUES ('a'), ('B'), ('é'), ('Z'), ('aa'), ('')) v (x) ORDER BY x;
SELECT 'a' COLLATE "nope";
--? a detail of the answer
SELECT 'a' COLLATE "C" = 'a' COLLATE "POSIX";
--? a function or operator
SELECT to_ascii('x'), 1;
--? a detail of the answer
SELECT substring('\x010203'::bytea FROM 2 FOR 1), '\x01'::bytea || '\x02', get_byte('\x0102', 1), set_byte('\x0102', 1, 255), get_bit('\x01', 0), set_bit('\x00', 3, 1), overlay('\x010203'::bytea PLACING '\xff' FROM 2), position('\x02'::bytea IN '\x0102'), trim('\x00'::bytea FROM '\x000100'), bit_count('\xff01'::bytea), reverse('abc'), '\x01'::bytea < '\x02', ltrim('\x0001'::bytea, '\x00'), '\x0102'::bytea LIKE '\x01%'::bytea;
SELECT get_byte('\x01', 5);
--? a detail of the answer
SELECT set_bit('\x00', 99, 1);
SELECT parse_ident('a."B".c'), parse_ident('a.b c', false);
SELECT parse_ident('a.b c');
--? a function or operator
SELECT pg_column_size(1), pg_column_size('abc'::text), pg_column_size(NULL::int), pg_column_size(1.5), pg_column_size('a'::char(5));
SELECT pg_input_is_valid('1', 'int4'), pg_input_is_valid('x', 'int4'), pg_input_is_valid('2024-02-30', 'date'), pg_input_is_valid('999', 'numeric(2,1)');
SELECT * FROM pg_input_error_info('x', 'int4');
SELECT * FROM pg_input_error_info('1', 'int4');
SELECT repeat('x', 2000000000);
SELECT upper(NULL), length(NULL), upper(5::text), upper(5);
SELECT current_schema, current_user = session_user, current_catalog, user = current_user;
SELECT 'a' < 1;
SELECT 'x' = 'x' = true, NOT 'a' = 'b', 'a' <> 'b' AND 'c' > 'b';
SELECT string_agg(x, '' ORDER BY x DESC), string_agg(x::bytea, '\x2c' ORDER BY x) FROM (VALUES ('a'), ('b')) v (x);
