//! What a statement costs on the service, by its documented arithmetic: distributed processing units for computing, reading and writing.

use std::time::Duration;

use borealis_sql::explain::Value;

/// Per byte read, and the least a transaction that reads is charged.
const READ_RATE: f64 = 0.000_001_831_05;
const READ_MIN: f64 = 0.003_75;
/// Per byte written, and the least a transaction that writes is charged.
const WRITE_RATE: f64 = 0.000_048_83;
const WRITE_MIN: f64 = 0.05;

/// The units of one statement.
pub(super) struct Estimate {
    compute: f64,
    read: f64,
    write: f64,
}

impl Estimate {
    /// A second of computing is a unit. Rows and ranges count with at least 128 bytes, which whoever counts them has seen to; the minimum of a transaction
    /// is shown and not charged to the statement.
    #[allow(clippy::cast_precision_loss)] // five decimals are shown
    pub(super) fn new(computing: Duration, read_bytes: u64, written_bytes: u64) -> Self {
        Self { compute: computing.as_secs_f64(), read: read_bytes as f64 * READ_RATE, write: written_bytes as f64 * WRITE_RATE }
    }

    fn total(&self) -> f64 {
        self.compute + self.read + self.write
    }

    pub(super) fn lines(&self) -> Vec<String> {
        vec![
            "Statement DPU Estimate:".to_owned(),
            format!("  Compute: {:.5} DPU", self.compute),
            format!("  Read: {:.5} DPU{}", self.read, minimum(self.read, READ_MIN)),
            format!("  Write: {:.5} DPU{}", self.write, minimum(self.write, WRITE_MIN)),
            format!("  Total: {:.5} DPU", self.total()),
        ]
    }

    pub(super) fn value(&self) -> Value {
        let number = |units: f64| Value::Plain(format!("{units:.5}"));
        Value::Object(vec![
            ("Compute", number(self.compute)),
            ("Read", number(self.read)),
            ("Write", number(self.write)),
            ("Total", number(self.total())),
        ])
    }
}

/// Told when the statement alone costs less than its transaction will be charged.
fn minimum(units: f64, minimum: f64) -> String {
    if units > 0.0 && units < minimum { format!(" (Transaction minimum: {minimum:.5})") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_is_the_services() {
        let lines = Estimate::new(Duration::from_micros(15_500), 1_677, 384).lines();
        let expected = [
            "Statement DPU Estimate:",
            "  Compute: 0.01550 DPU",
            "  Read: 0.00307 DPU (Transaction minimum: 0.00375)",
            "  Write: 0.01875 DPU (Transaction minimum: 0.05000)",
            "  Total: 0.03732 DPU",
        ];
        assert_eq!(lines, expected);
        let lines = Estimate::new(Duration::ZERO, 0, 2_000).lines();
        assert_eq!(lines[2], "  Read: 0.00000 DPU");
        assert_eq!(lines[3], "  Write: 0.09766 DPU");
    }
}
