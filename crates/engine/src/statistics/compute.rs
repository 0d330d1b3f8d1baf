//! From a sample to statistics: `compute_scalar_stats` and its neighbours of PostgreSQL's `analyze.c`, so that the same rows give the same numbers.

use borealis_catalog::statistics::ColumnStatistics;
use borealis_pgtypes::{Datum, Oid, compare, types};

/// `default_statistics_target`: entries of a list of common values, and parts of a histogram.
pub(super) const TARGET: usize = 100;
/// Values longer than this are counted and not looked at (`WIDTH_THRESHOLD`).
const WIDTH_MAX: usize = 1024;

/// A run of equal values among the sorted ones.
#[derive(Clone, Copy)]
struct Run {
    count: usize,
    first: usize,
}

/// Equal values of a sorted sample, counted.
struct Runs {
    distinct: usize,
    /// Values that occur more than once.
    repeated: usize,
    /// The most frequent of these, most frequent first.
    tracked: Vec<Run>,
}

/// Statistics of a column of type `oid`, from its values in the order of their rows, which are a sample of `table_rows`. `None` without any row.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // statistics are estimates, kept as PostgreSQL keeps them
pub(super) fn column(oid: Oid, values: &[Datum], table_rows: f64) -> Option<ColumnStatistics> {
    if values.is_empty() {
        return None;
    }
    let sample = values.len();
    let present: Vec<&Datum> = values.iter().filter(|value| !value.is_null()).collect();
    let nulls = sample - present.len();
    let null_fraction = nulls as f64 / sample as f64;
    let mut statistics = ColumnStatistics {
        null_fraction: null_fraction as f32,
        width: average_width(oid, &present),
        distinct: 0.0,
        most_common: Vec::new(),
        histogram: Vec::new(),
        correlation: None,
    };
    if present.is_empty() || !has_order(oid) {
        return Some(statistics);
    }
    let mut sorted: Vec<(usize, &Datum)> = present.iter().copied().filter(|value| width(oid, value) <= WIDTH_MAX).enumerate().collect();
    let wide = present.len() - sorted.len();
    if sorted.is_empty() {
        statistics.distinct = -(1.0 - null_fraction) as f32;
        return Some(statistics);
    }
    sorted.sort_by(|a, b| compare::compare_typed(a.1, b.1, oid).then(a.0.cmp(&b.0)));
    let runs = runs(oid, &sorted);
    let size = Size { sample: sample as f64, rows: table_rows, null_fraction };
    statistics.distinct = distinct(&runs, wide, &size) as f32;
    let common = common(&runs, wide, f64::from(statistics.distinct), &size);
    statistics.most_common = common.iter().map(|run| (sorted[run.first].1.clone(), (run.count as f64 / sample as f64) as f32)).collect();
    statistics.histogram = histogram(&sorted, &runs, &common);
    statistics.correlation = correlation(&sorted).map(|correlation| correlation as f32);
    Some(statistics)
}

/// Whether values of the type have a B-tree order.
fn has_order(oid: Oid) -> bool {
    oid != Oid::JSON
}

struct Size {
    sample: f64,
    rows: f64,
    null_fraction: f64,
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
fn average_width(oid: Oid, present: &[&Datum]) -> i32 {
    let fixed = types::by_oid(oid).map_or(-1, |info| i32::from(info.length));
    if fixed > 0 {
        return fixed;
    }
    let total: usize = present.iter().map(|value| width(oid, value)).sum();
    (total as f64 / present.len().max(1) as f64) as i32
}

/// Bytes of a value with its length word, as PostgreSQL stores it: one byte up to 126, four beyond.
fn width(oid: Oid, value: &Datum) -> usize {
    let bytes = match value {
        Datum::Text(text) => text.len(),
        Datum::Bytea(bytes) => bytes.len(),
        other => {
            let mut text = String::new();
            let known = borealis_pgtypes::text::output(other, oid, &borealis_pgtypes::Settings::default(), &mut text).is_ok();
            match (known, oid) {
                // Four decimal digits are two bytes, after a header of two.
                (true, Oid::NUMERIC) => 2 + 2 * text.len().div_ceil(4),
                (true, _) => text.len(),
                (false, _) => 0,
            }
        }
    };
    bytes + if bytes <= 126 { 1 } else { 4 }
}

fn runs(oid: Oid, sorted: &[(usize, &Datum)]) -> Runs {
    let mut runs = Runs { distinct: 0, repeated: 0, tracked: Vec::new() };
    let mut count = 0;
    for (position, (_, value)) in sorted.iter().enumerate() {
        count += 1;
        let ends = sorted.get(position + 1).is_none_or(|(_, next)| compare::compare_typed(value, next, oid).is_ne());
        if !ends {
            continue;
        }
        runs.distinct += 1;
        if count > 1 {
            runs.repeated += 1;
            track(&mut runs.tracked, Run { count, first: position + 1 - count });
        }
        count = 0;
    }
    runs
}

/// Keeps the most frequent runs; of equally frequent ones the smaller value stays before the greater.
fn track(tracked: &mut Vec<Run>, run: Run) {
    if tracked.len() == TARGET {
        if tracked.last().is_some_and(|last| last.count >= run.count) {
            return;
        }
        tracked.pop();
    }
    let place = tracked.partition_point(|known| known.count >= run.count);
    tracked.insert(place, run);
}

/// The number of distinct values in the table: the estimator of Haas and Stokes, `n*d / (n - f1 + f1*n/N)`.
#[allow(clippy::cast_precision_loss)]
fn distinct(runs: &Runs, wide: usize, size: &Size) -> f64 {
    if runs.repeated == 0 {
        return -(1.0 - size.null_fraction);
    }
    let mut found = runs.distinct as f64;
    if wide > 0 || runs.repeated != runs.distinct {
        let once = (runs.distinct - runs.repeated + wide) as f64;
        let seen = once + runs.repeated as f64;
        let sample = size.sample * (1.0 - size.null_fraction);
        let rows = size.rows * (1.0 - size.null_fraction);
        let estimate = if rows > 0.0 { sample * seen / ((sample - once) + once * sample / rows) } else { 0.0 };
        found = (estimate.max(seen).min(rows) + 0.5).floor();
    }
    // So many that it must grow with the table.
    if found > 0.1 * size.rows { -(found / size.rows) } else { found }
}

/// The values that are common enough to be listed.
#[allow(clippy::cast_precision_loss)]
fn common(runs: &Runs, wide: usize, distinct: f64, size: &Size) -> Vec<Run> {
    let all_seen = runs.tracked.len() == runs.distinct && wide == 0 && distinct > 0.0;
    // The whole table was read: nothing in the list is an accident of sampling.
    if all_seen || size.sample >= size.rows || size.rows <= 1.0 {
        return runs.tracked.clone();
    }
    let distinct = if distinct < 0.0 { -distinct * size.rows } else { distinct };
    let mut kept = runs.tracked.len();
    let mut before: f64 = runs.tracked.iter().take(kept.saturating_sub(1)).map(|run| run.count as f64).sum();
    while kept > 0 {
        let least = runs.tracked[kept - 1].count as f64;
        let mut others = (1.0 - before / size.sample - size.null_fraction).clamp(0.0, 1.0);
        let other_values = distinct - (kept - 1) as f64;
        if other_values > 1.0 {
            others /= other_values;
        }
        let (rows, sample) = (size.rows, size.sample);
        let expected = rows * least / sample;
        let variance = sample * expected * (rows - expected) * (rows - sample) / (rows * rows * (rows - 1.0));
        // More often than the others by two standard deviations, with a correction for counts being whole.
        if least > others * sample + 2.0 * variance.sqrt() + 0.5 {
            break;
        }
        kept -= 1;
        if kept > 0 {
            before -= runs.tracked[kept - 1].count as f64;
        }
    }
    runs.tracked[..kept].to_vec()
}

/// Bounds between which equally many of the values that are not common lie.
fn histogram(sorted: &[(usize, &Datum)], runs: &Runs, common: &[Run]) -> Vec<Datum> {
    let bounds = (runs.distinct - common.len()).min(TARGET + 1);
    if bounds < 2 {
        return Vec::new();
    }
    let mut places: Vec<Run> = common.to_vec();
    places.sort_unstable_by_key(|run| run.first);
    let mut rest = Vec::with_capacity(sorted.len());
    let mut next = 0;
    for run in places {
        rest.extend_from_slice(&sorted[next..run.first]);
        next = run.first + run.count;
    }
    rest.extend_from_slice(&sorted[next..]);
    (0..bounds).map(|bound| rest[bound * (rest.len() - 1) / (bounds - 1)].1.clone()).collect()
}

/// Correlation of a value's place among the values with its row's place among the rows.
#[allow(clippy::cast_precision_loss)]
fn correlation(sorted: &[(usize, &Datum)]) -> Option<f64> {
    if sorted.len() < 2 {
        return None;
    }
    let count = sorted.len() as f64;
    let products: f64 = sorted.iter().enumerate().map(|(place, (row, _))| place as f64 * *row as f64).sum();
    let sum = (count - 1.0) * count / 2.0;
    let squares = (count - 1.0) * count * (2.0 * count - 1.0) / 6.0;
    Some((count * products - sum * sum) / (count * squares - sum * sum))
}
