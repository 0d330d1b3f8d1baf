-- json and jsonb: operators, functions, construction, paths.
SELECT '{"a": {"b": [1, 2, {"c": "x"}]}}'::jsonb -> 'a' -> 'b' -> 2 ->> 'c', '[1, 2, 3]'::jsonb -> -1, '[1]'::jsonb -> 5, '{"a": null}'::jsonb ->> 'a', '{"a": 1}'::json -> 'a', '{"a": {"b": 2}}'::jsonb #> '{a,b}', '{"a": [1, "x"]}'::jsonb #>> '{a,1}', '[1, 2]'::json ->> 1, '"str"'::jsonb #>> '{}', '{"a": [1, 2]}'::json #> '{a,-1}';
SELECT '{"a": 1, "b": 2}'::jsonb @> '{"a": 1}', '{"a": 1}'::jsonb <@ '{"a": 1, "b": 2}', '[1, 2, [3]]'::jsonb @> '[3]', '["a", "b"]'::jsonb ? 'b', '{"a": 1}'::jsonb ?| ARRAY['x', 'a'], '{"a": 1, "b": 1}'::jsonb ?& ARRAY['a', 'b'], '"a"'::jsonb ? 'a', '[1]'::jsonb @> '1', '{"a": [1, 2]}'::jsonb @> '{"a": [2]}';
SELECT '{"a": 1}'::jsonb || '{"b": 2}', '[1]'::jsonb || '2', '[1]'::jsonb || '[2]', '1'::jsonb || '2', '{"a": 1, "b": 2}'::jsonb - 'a', '[1, 2, 3]'::jsonb - 1, '["a", "b"]'::jsonb - 'a', '{"a": 1, "b": 2, "c": 3}'::jsonb - ARRAY['a', 'c'], '{"a": {"b": 1}}'::jsonb #- '{a,b}', '[1, 2]'::jsonb - -1;
SELECT '{"a": 1}'::jsonb - 1;
SELECT '1'::jsonb - 'a';
SELECT '{"a": 1}'::jsonb = '{"a": 1.0}', '[1, 2]'::jsonb < '[1, 3]', '{"a": 1}'::jsonb > '[1]', 'null'::jsonb < '1', '{"a": 1, "b": 1}'::jsonb > '{"z": 1}', 'true'::jsonb > 'false', '"a"'::jsonb < '"b"', '[]'::jsonb < 'null';
SELECT '{"a": 1}'::json = '{"a": 1}'::json;
SELECT jsonb_set('{"a": [1, 2]}', '{a,0}', '9'), jsonb_set('{"a": 1}', '{b}', '2'), jsonb_set('{"a": 1}', '{b}', '2', false), jsonb_set('{"a": {}}', '{a,b,c}', '1'), jsonb_set('[1, 2]', '{-1}', '"x"'), jsonb_set('[1]', '{5}', '2'), jsonb_insert('[1, 2]', '{0}', '0'), jsonb_insert('[1, 2]', '{0}', '0', true), jsonb_insert('{"a": 1}', '{b}', '2'), jsonb_set_lax('{"a": 1}', '{a}', NULL, true, 'delete_key'), jsonb_set_lax('{"a": 1}', '{a}', NULL);
SELECT jsonb_insert('{"a": 1}', '{a}', '2');
SELECT jsonb_set('1', '{a}', '2');
SELECT jsonb_set('[1]', '{x}', '2');
SELECT jsonb_typeof('1'), jsonb_typeof('null'), jsonb_typeof('[]'), json_typeof('"a"'), jsonb_array_length('[1, 2]'), jsonb_strip_nulls('{"a": null, "b": {"c": null}}'), jsonb_pretty('{"a": [1, {"b": 2}], "c": {}}'), jsonb_extract_path('{"a": {"b": 1}}', 'a', 'b'), jsonb_extract_path_text('{"a": "x"}', 'a'), json_strip_nulls('{"a": null, "b": 1}');
SELECT jsonb_array_length('{}');
SELECT jsonb_array_elements('1');
SELECT jsonb_each('[1]');
SELECT jsonb_object_keys('1');
SELECT jsonb_array_elements('[1, "a", null, {"b": 2}]'), jsonb_array_elements_text('[1, "a", null, {"b": 2}]');
SELECT * FROM jsonb_each('{"a": 1, "b": "x"}') ORDER BY key;
SELECT * FROM json_each_text('{"a": 1, "b": null}');
SELECT key, value FROM jsonb_each_text('{"b": [1], "a": {}}') ORDER BY 1;
SELECT jsonb_object_keys('{"b": 1, "a": 2, "ccc": 3}');
SELECT * FROM json_array_elements('[1, {"a": 2}]') WITH ORDINALITY;
SELECT to_json('a'::text), to_jsonb(1.50), to_json(ARRAY[1, 2]), to_jsonb(date '2024-01-01'), to_json(timestamp '2024-01-01 10:00'), to_json(timestamptz '2024-01-01 10:00+00'), to_jsonb(true), to_jsonb(NULL::int), to_json('{"a": 1}'::jsonb), to_json(interval '1 day'), to_jsonb('NaN'::float8), to_json(1e10::float8), to_json('\x01'::bytea), to_jsonb('a'::char(3));
SELECT json_build_object('a', 1, 'b', NULL, 'c', ARRAY[1, 2], 'd', '{"x": 1}'::json), jsonb_build_object('b', 1, 'a', 2, 1, 'one'), json_build_array(1, 'a', NULL, true), jsonb_build_array(1, '{"a": 1}'::jsonb), json_build_object(), jsonb_build_array(), json_object('{a,1,b,2}'), json_object('{a,b}', '{1,2}'), jsonb_object('{{a,1},{b,2}}');
SELECT json_build_object('a');
SELECT json_build_object(NULL, 1);
SELECT json_object('{a,b,c}');
SELECT jsonb_build_object(ARRAY[1], 2);
SELECT jsonb_object_agg(k, v), json_object_agg(k, v), jsonb_agg(v), json_agg(v) FROM (VALUES ('a', 1), ('b', NULL)) t (k, v);
SELECT jsonb_object_agg(NULL, 1);
SELECT json_object_agg_strict(k, v), jsonb_object_agg_strict(k, v), json_agg_strict(v), jsonb_agg_strict(v) FROM (VALUES ('a', 1), ('b', NULL)) t (k, v);
SELECT json_object_agg_unique(k, v) FROM (VALUES ('a', 1), ('a', 2)) t (k, v);
SELECT jsonb_object_agg_unique_strict(k, v) FROM (VALUES ('a', 1), ('b', NULL)) t (k, v);
SELECT ('{"a": [1, 2, {"b": 3}]}'::jsonb)['a'][2]['b'], ('[1, 2]'::jsonb)[0], ('{"a": 1}'::jsonb)['x'], ('[1, 2]'::jsonb)[-1];
SELECT ('{"a": 1}'::json)['a'];
--? a detail of the answer
SELECT ('[1]'::jsonb)[1:2];
SELECT '{"a": 1e2, "b": 1.10, "c": -0, "d": 1E+5}'::jsonb, '{"a": 1e2, "b": 1.10}'::json, '"\u00e9\n\t\"\\/"'::jsonb, '"\ud83d\ude00"'::jsonb, '[1.0, 1.00]'::jsonb, '{"": 1}'::jsonb;
SELECT DISTINCT v FROM (VALUES ('{"a":1}'::jsonb), ('{"a": 1}'), ('[1]')) t (v) ORDER BY v;
SELECT v FROM (VALUES ('1'::jsonb), ('"a"'), ('null'), ('true'), ('[]'), ('{}'), ('[1,2]'), ('{"a":1}'), ('-5')) t (v) ORDER BY v;
SELECT '"\ud83d"'::jsonb;
SELECT '{"a": 1'::jsonb;
SELECT '{"a" 1}'::json;
SELECT E'"a\nb"'::json;
SELECT '01'::json;
SELECT 'nul'::jsonb;
SELECT '[1, 2'::json;
SELECT '{1: 2}'::jsonb;
SELECT '"\x"'::json;
--? jsonpath
SELECT jsonb_path_query('{"a": [1, 2, 3]}', '$.a[*]'), jsonb_path_query_array('{"a": [1, 2, 3]}', '$.a[*] ? (@ > 1)'), jsonb_path_query_first('{"a": [1, 2, 3]}', '$.a[1]'), jsonb_path_exists('{"a": 1}', '$.b'), jsonb_path_match('{"a": 1}', '$.a == 1');
--? jsonpath
SELECT '{"a": 1}'::jsonb @? '$.a ? (@ > 0)', '{"a": 1}'::jsonb @@ '$.a > 5', '{"a": "x"}'::jsonb @@ '$.a';
--? jsonpath
SELECT jsonb_path_query('[1, 2.5, "a", null, true, {"b": 1}, [1, 2]]', '$[*].type()');
--? jsonpath
SELECT jsonb_path_query_array('[1, -2.5, 3.7]', '$[*].abs()'), jsonb_path_query_array('[1.2, -2.5]', '$[*].floor()'), jsonb_path_query_array('[1.2]', '$[*].ceiling()'), jsonb_path_query_array('["1.5", 2]', '$[*].double()'), jsonb_path_query_array('[1, [2, 3]]', '$.size()'), jsonb_path_query_array('{"a": 1, "b": "x"}', '$.keyvalue()'), jsonb_path_query_array('[1, [2, [3]]]', '$[*][*]'), jsonb_path_query_array('{"a": {"b": {"c": 1}}}', '$.**'), jsonb_path_query_array('{"a": {"b": {"c": 1}}}', '$.**{1 to 2}'), jsonb_path_query_array('{"a": {"b": {"c": 1}}}', '$.**{last}');
--? jsonpath
SELECT jsonb_path_query_array('[1, 2, 3, 4]', '$[1 to 2]'), jsonb_path_query_array('[1, 2, 3, 4]', '$[last]'), jsonb_path_query_array('[1, 2, 3, 4]', '$[last - 1]'), jsonb_path_query_array('[1, 2, 3, 4]', '$[0, 2 to last]'), jsonb_path_query_array('[1, 2]', 'lax $[5]'), jsonb_path_query_array('1', 'lax $[0]'), jsonb_path_query_array('{"a": [{"b": 1}, {"b": 2}]}', '$.a.b'), jsonb_path_query_array('{"x": 1, "y": 2}', '$.*');
--? jsonpath
SELECT jsonb_path_query('[1, 2]', 'strict $[5]');
--? jsonpath
SELECT jsonb_path_query('{"a": 1}', 'strict $.b');
--? jsonpath
SELECT jsonb_path_query('[{"b": 1}]', 'strict $.b');
--? jsonpath
SELECT jsonb_path_query('{"a": 1}', 'strict $.b', silent => true);
--? jsonpath
SELECT jsonb_path_query('1', 'strict $[*]');
--? jsonpath
SELECT jsonb_path_query('{"a": 5}', '$.a + 3'), jsonb_path_query('{"a": 5}', '$.a * 2 - 1'), jsonb_path_query('{"a": 5}', '-$.a'), jsonb_path_query('[1, 2]', '-$[*]'), jsonb_path_query('{"a": 7}', '$.a % 4'), jsonb_path_query('{"a": 7}', '$.a / 2');
--? jsonpath
SELECT jsonb_path_query('{"a": 5}', '$.a / 0');
--? jsonpath
SELECT jsonb_path_query('{"a": "x"}', '$.a + 1');
--? jsonpath
SELECT jsonb_path_query_array('[1, 2, 3]', '$[*] ? (@ >= $min && @ < $max)', '{"min": 2, "max": 3}'), jsonb_path_query_array('["abc", "xyz"]', '$[*] ? (@ starts with "a")'), jsonb_path_query_array('["abc", "ABD", "x"]', '$[*] ? (@ like_regex "^ab" flag "i")'), jsonb_path_query_array('[{"a": 1}, {"b": 2}]', '$[*] ? (exists (@.a))'), jsonb_path_query_array('[1, "a", null]', '$[*] ? ((@ > 0) is unknown)'), jsonb_path_query_array('[1, 2, 3]', '$[*] ? (!(@ == 2))'), jsonb_path_query_array('[1, null, true]', '$[*] ? (@ == null || @ == true)'), jsonb_path_query_array('{"a": [{"p": 5, "n": "x"}, {"p": 15, "n": "y"}]}', '$.a[*] ? (@.p > 10).n');
--? jsonpath
SELECT jsonb_path_query('1', '$x');
--? jsonpath
SELECT jsonb_path_match('{"a": 1}', '$.a');
--? jsonpath
SELECT jsonb_path_match('{"a": 1}', '$.a', '{}', true), jsonb_path_exists('{"a": 1}', 'strict $.b', '{}', true);
--? jsonpath
SELECT jsonb_path_query_array('["2023-08-15", "2023-08-16T10:00:00"]', '$[*].datetime()'), jsonb_path_query('"10:20:30"', '$.datetime()'), jsonb_path_query('"15.08.2023"', '$.datetime("DD.MM.YYYY")'), jsonb_path_query_array('["2023-01-01", "2024-06-01"]', '$[*] ? (@.datetime() < "2023-12-31".datetime())'), jsonb_path_query('"2023-08-15"', '$.datetime().type()');
--? jsonpath
SELECT jsonb_path_query('"x"', '$.datetime()');
--? jsonpath
SELECT jsonb_path_query_tz('"2023-08-15 10:00:00+02"', '$.datetime()');
--? jsonpath
SELECT '$.a[*] ? (@.b > 1 && @.c == "x").d'::jsonpath, 'strict $."a b"[0 to last].**{2}.size()'::jsonpath, '$ ? (@ like_regex "a" flag "i")'::jsonpath, '-$.a + 2 * 3'::jsonpath, '$.a.*[1, 2]'::jsonpath, '($.a + 1) * 2'::jsonpath, '$[*] ? (exists (@.x) || !(@.y == true))'::jsonpath, '"x"'::jsonpath, '$var'::jsonpath, '1.50'::jsonpath;
--? jsonpath
SELECT '$.'::jsonpath;
--? jsonpath
SELECT 'a'::jsonpath;
--? jsonpath
SELECT '$[*'::jsonpath;
--? jsonpath
SELECT '@'::jsonpath;
--? jsonpath
SELECT 'last'::jsonpath;
--? jsonpath
SELECT ''::jsonpath;
--? jsonpath
SELECT '$ ? (@ like_regex "(")'::jsonpath;
--? jsonpath
SELECT '$.a.nope()'::jsonpath;
