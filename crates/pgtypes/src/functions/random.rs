//! Random numbers, and sequences of them that can be had again.

use super::args::float8;
use crate::{CallContext, Datum, Result, SqlError, SqlState};

/// PostgreSQL's sequence of random numbers after `setseed()`: xoroshiro128**, begun by splitmix64.
#[derive(Clone, Copy, Debug)]
pub struct RandomSequence {
    state: [u64; 2],
}

impl RandomSequence {
    /// The sequence that a seed stands for, which is between -1 and 1.
    ///
    /// # Errors
    /// `22023` for any other number.
    pub fn seeded(seed: f64) -> Result<Self> {
        if !(-1.0..=1.0).contains(&seed) {
            let text = format!("setseed parameter {seed} is out of allowed range [-1,1]");
            return Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, text));
        }
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
        let scaled = (((1u64 << 52) - 1) as f64 * seed) as i64;
        let mut mixed = scaled.cast_unsigned();
        Ok(Self { state: [split_mix(&mut mixed), split_mix(&mut mixed)] })
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        let [first, second] = self.state;
        let mixed = first ^ second;
        self.state = [first.rotate_left(24) ^ mixed ^ (mixed << 16), mixed.rotate_left(37)];
        first.wrapping_mul(5).rotate_left(7).wrapping_mul(9)
    }
}

fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// 52 random bits: uniform in [0, 1).
fn uniform(call: &CallContext<'_>) -> f64 {
    #[allow(clippy::cast_precision_loss)]
    let mantissa = (call.eval.host.draw() >> 12) as f64;
    mantissa / (1u64 << 52) as f64
}

pub(super) fn drandom(call: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
    Ok(Datum::Float8(uniform(call)))
}

/// `random_normal(mean, deviation)`: Box and Muller's method, from two numbers of the sequence.
pub(super) fn random_normal(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (mean, deviation) = (float8(args, 0)?, float8(args, 1)?);
    let (first, second) = (1.0 - uniform(call), 1.0 - uniform(call));
    let normal = (-2.0 * first.ln()).sqrt() * (2.0 * std::f64::consts::PI * second).sin();
    Ok(Datum::Float8(deviation * normal + mean))
}

pub(super) fn setseed(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    call.eval.host.seed(RandomSequence::seeded(float8(args, 0)?)?)?;
    Ok(Datum::text(""))
}

#[cfg(test)]
mod tests {
    use super::RandomSequence;

    /// What PostgreSQL 16 gives after `setseed(0.5)`, `setseed(-1)` and `setseed(0)`.
    #[test]
    fn a_seed_stands_for_its_sequence() {
        for (seed, first) in [(0.5, 0.985_167_717_534_799_9), (-1.0, 0.725_656_831_544_149), (0.0, 0.870_255_310_581_867_6)] {
            let drawn = RandomSequence::seeded(seed).expect("in range").draw();
            #[allow(clippy::cast_precision_loss)]
            let uniform = (drawn >> 12) as f64 / (1u64 << 52) as f64;
            assert!((uniform - first).abs() < 1e-15, "{seed}: {uniform}");
        }
        assert!(RandomSequence::seeded(f64::NAN).is_err());
    }
}
