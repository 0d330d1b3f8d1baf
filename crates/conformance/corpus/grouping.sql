-- GROUP BY in all its forms, HAVING, DISTINCT, aggregates with FILTER, DISTINCT and ORDER BY.
CREATE TABLE s (id int PRIMARY KEY, a text, b text, c int, q int);
INSERT INTO s VALUES (1, 'x', 'p', 1, 10), (2, 'x', 'p', 2, 20), (3, 'x', 'r', 1, 30), (4, 'y', 'p', 1, 40), (5, 'y', NULL, 2, 50), (6, NULL, 'r', NULL, NULL);
SELECT a, b, sum(q), grouping(a, b), grouping(a), count(*) FROM s GROUP BY ROLLUP (a, b) ORDER BY grouping(a, b), a, b;
SELECT a, b, sum(q), grouping(b, a) FROM s GROUP BY CUBE (a, b) ORDER BY 4, 1, 2;
SELECT a, b, c, sum(q) FROM s GROUP BY GROUPING SETS ((a, b), (c), ()) ORDER BY 1, 2, 3, 4;
SELECT a, b, count(*) FROM s GROUP BY a, GROUPING SETS ((b), ()) ORDER BY 1, 2, 3;
SELECT a, b, c, count(*) FROM s GROUP BY ROLLUP (a, (b, c)) ORDER BY 1, 2, 3, 4;
SELECT a, b, count(*) FROM s GROUP BY DISTINCT ROLLUP (a, b), ROLLUP (a, b) ORDER BY 1, 2, 3;
SELECT a, b, count(*) FROM s GROUP BY ALL ROLLUP (a), ROLLUP (b) ORDER BY 1, 2, 3;
SELECT a, count(*) FROM s GROUP BY GROUPING SETS (ROLLUP (a), CUBE (b)) ORDER BY 1, 2;
SELECT count(*) FROM s GROUP BY ();
SELECT count(*), sum(q) FROM s WHERE false GROUP BY ();
SELECT count(*) FROM s WHERE false GROUP BY GROUPING SETS ((), (a));
SELECT count(*), sum(q), max(q), array_agg(q), string_agg(a, ',') FROM s WHERE false;
SELECT a, sum(q) FROM s GROUP BY a HAVING sum(q) > 50 ORDER BY a;
SELECT a, sum(q) FROM s GROUP BY ROLLUP (a) HAVING grouping(a) = 1;
SELECT 1 FROM s HAVING count(*) > 3;
SELECT upper(a) AS u, count(*) FROM s GROUP BY u ORDER BY u;
SELECT c + 1, count(*) FROM s GROUP BY c + 1 ORDER BY 1;
SELECT a, a || '!' FROM s GROUP BY a ORDER BY 1;
SELECT 2, count(*) FROM s GROUP BY 1;
SELECT id, a, b FROM s GROUP BY id ORDER BY id;
SELECT count(DISTINCT a), count(a), count(*), count(DISTINCT (a, b)) FROM s;
SELECT sum(DISTINCT c), avg(DISTINCT c), sum(q) FILTER (WHERE a = 'x'), count(*) FILTER (WHERE b IS NULL) FROM s;
SELECT string_agg(b, '-' ORDER BY b DESC NULLS LAST), string_agg(DISTINCT b, ','), array_agg(c ORDER BY id DESC), array_agg(DISTINCT c ORDER BY c DESC NULLS FIRST) FROM s;
SELECT a, string_agg(b, ', ' ORDER BY id) FILTER (WHERE c = 1) FROM s GROUP BY a ORDER BY a;
SELECT min(a), max(a), min(q), max(q), bool_and(c > 0), bool_or(c > 1), every(q > 5), bit_and(c), bit_or(c), bit_xor(c) FROM s;
SELECT any_value(a) FROM s WHERE id = 1;
SELECT json_agg(c ORDER BY id), jsonb_agg(a ORDER BY id), json_object_agg(id, a ORDER BY id), jsonb_object_agg(id, b) FROM s;
SELECT array_agg(ARRAY[id, c]) FILTER (WHERE id < 3) FROM s;
SELECT array_agg(ARRAY[id, c]) FROM (VALUES (1, NULL::int)) v (id, c);
SELECT var_pop(q), var_samp(q), stddev_pop(q), stddev_samp(q), variance(q), stddev(q) FROM s;
SELECT corr(q, c), covar_pop(q, c), covar_samp(q, c), regr_avgx(q, c), regr_avgy(q, c), regr_count(q, c), regr_intercept(q, c), regr_r2(q, c), regr_slope(q, c), regr_sxx(q, c), regr_sxy(q, c), regr_syy(q, c) FROM s;
SELECT avg(q), avg(q::bigint), avg(q::numeric), avg(q::float8), avg(q::float4), avg(q::smallint), sum(q::smallint), sum(q::bigint), sum(q::numeric), sum(q::float4), sum(q::float8) FROM s;
SELECT sum(i), avg(i), min(i), max(i) FROM (VALUES (interval '1 day'), ('2 hours'), ('1 mon')) v (i);
--? ordered-set aggregates
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY q), percentile_disc(0.5) WITHIN GROUP (ORDER BY q), mode() WITHIN GROUP (ORDER BY c) FROM s;
--? ordered-set aggregates
SELECT percentile_cont(ARRAY[0, 0.25, 0.5, 1]) WITHIN GROUP (ORDER BY q), percentile_disc(ARRAY[[0.1, 0.9], [NULL, 0.5]]) WITHIN GROUP (ORDER BY a) FROM s;
--? ordered-set aggregates
SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY i), percentile_disc(0.75) WITHIN GROUP (ORDER BY i DESC) FROM (VALUES (interval '1 day'), ('2 days'), ('5 days')) v (i);
--? ordered-set aggregates
SELECT a, percentile_cont(0.5) WITHIN GROUP (ORDER BY q DESC) FILTER (WHERE c = 1), mode() WITHIN GROUP (ORDER BY b DESC) FROM s GROUP BY a ORDER BY a;
--? ordered-set aggregates
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY q) FROM s WHERE false;
--? ordered-set aggregates
SELECT percentile_cont(NULL) WITHIN GROUP (ORDER BY q) FROM s;
--? ordered-set aggregates
SELECT percentile_cont(1.5) WITHIN GROUP (ORDER BY q) FROM s;
--? ordered-set aggregates
SELECT percentile_disc(-0.1) WITHIN GROUP (ORDER BY q) FROM s;
--? ordered-set aggregates
SELECT rank(25) WITHIN GROUP (ORDER BY q), dense_rank(25) WITHIN GROUP (ORDER BY q), percent_rank(25) WITHIN GROUP (ORDER BY q), cume_dist(25) WITHIN GROUP (ORDER BY q) FROM s;
--? ordered-set aggregates
SELECT rank('x', 15) WITHIN GROUP (ORDER BY a, q), rank('y') WITHIN GROUP (ORDER BY a DESC NULLS LAST), dense_rank(1, 'p') WITHIN GROUP (ORDER BY c NULLS FIRST, b) FROM s;
--? ordered-set aggregates
SELECT rank(1) WITHIN GROUP (ORDER BY q), percent_rank(1) WITHIN GROUP (ORDER BY q), cume_dist(1) WITHIN GROUP (ORDER BY q) FROM s WHERE false;
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM s;
--? ordered-set aggregates
SELECT percentile_cont(c) WITHIN GROUP (ORDER BY q) FROM s;
--? ordered-set aggregates
SELECT c, percentile_cont(c / 10.0) WITHIN GROUP (ORDER BY q) FROM s GROUP BY c ORDER BY c;
--? ordered-set aggregates
SELECT rank(1, 2) WITHIN GROUP (ORDER BY q) FROM s;
--? ordered-set aggregates
SELECT rank(q) WITHIN GROUP (ORDER BY q) FROM s;
--? ordered-set aggregates
SELECT rank('no number') WITHIN GROUP (ORDER BY q) FROM s;
--? ordered-set aggregates
SELECT mode(q) FROM s;
SELECT mode() FROM s;
SELECT percentile_cont(0.5) FROM s;
SELECT sum(q) WITHIN GROUP (ORDER BY q) FROM s;
SELECT upper(a) WITHIN GROUP (ORDER BY a) FROM s;
--? ordered-set aggregates
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY q) OVER () FROM s;
SELECT percentile_cont(DISTINCT 0.5) WITHIN GROUP (ORDER BY q) FROM s;
SELECT a, q FROM s GROUP BY a;
SELECT s.* FROM s GROUP BY a;
SELECT a FROM s GROUP BY a HAVING q > 1;
SELECT a FROM s GROUP BY a ORDER BY q;
SELECT sum(sum(q)) FROM s;
SELECT a FROM s WHERE sum(q) > 1;
SELECT a FROM s GROUP BY sum(q);
SELECT a FROM s GROUP BY 5;
SELECT a FROM s GROUP BY 'x';
SELECT grouping(q) FROM s GROUP BY a;
SELECT grouping(a) FROM s;
SELECT string_agg(DISTINCT a, ',' ORDER BY q) FROM s;
SELECT array_agg(DISTINCT q ORDER BY a) FROM s;
SELECT sum(a) FROM s;
SELECT count(a, b) FROM s;
SELECT count() FROM s;
SELECT sum(*) FROM s;
SELECT nope(*) FROM s;
SELECT sum(q ORDER BY nope) FROM s;
--? a detail of the answer
SELECT count(*) FILTER (WHERE sum(q) > 1) FROM s;
SELECT DISTINCT ON (a) a, q FROM s ORDER BY a, q DESC;
SELECT DISTINCT ON (a, c) a, c, id FROM s ORDER BY a, c, id DESC;
SELECT DISTINCT ON (1) a, id FROM s ORDER BY 1, 2;
SELECT DISTINCT ON (upper(a)) a, id FROM s ORDER BY upper(a), id;
SELECT DISTINCT ON (a) a, q FROM s ORDER BY q;
SELECT DISTINCT a, c FROM s ORDER BY a, c;
SELECT DISTINCT a FROM s ORDER BY q;
SELECT DISTINCT a || b FROM s ORDER BY a || b;
SELECT DISTINCT ON (a) id FROM s ORDER BY a, id LIMIT 2;
