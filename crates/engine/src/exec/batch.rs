//! Rows on their way through a plan.

use borealis_pgtypes::Datum;

/// Rows asked of an operator at a time: enough to drown the cost of a call, few enough that a batch stays in the processor's cache.
pub const BATCH_ROWS: usize = 256;

/// Rows of equal width, one after the other in one vector: a batch costs one allocation, which its owner uses again.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    width: usize,
    rows: usize,
    values: Vec<Datum>,
}

impl Batch {
    /// An empty batch for rows of `width` values.
    #[must_use]
    pub const fn new(width: usize) -> Self {
        Self { width, rows: 0, values: Vec::new() }
    }

    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Values per row; rows may have none.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// A row.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn row(&self, index: usize) -> &[Datum] {
        assert!(index < self.rows, "row {index} of {}", self.rows);
        &self.values[index * self.width..(index + 1) * self.width]
    }

    /// All rows, in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[Datum]> {
        (0..self.rows).map(|index| self.row(index))
    }

    /// Forgets all rows and takes another width; keeps the allocation.
    pub fn reset(&mut self, width: usize) {
        self.values.clear();
        self.rows = 0;
        self.width = width;
    }

    /// Appends a copy of a row. Copying a value never copies its payload.
    pub fn push(&mut self, row: &[Datum]) {
        debug_assert_eq!(row.len(), self.width, "rows of a batch are equally wide");
        self.values.extend_from_slice(row);
        self.rows += 1;
    }

    /// Appends the row that is `left` followed by `right`.
    pub fn push_pair(&mut self, left: &[Datum], right: &[Datum]) {
        debug_assert_eq!(left.len() + right.len(), self.width, "rows of a batch are equally wide");
        self.values.extend_from_slice(left);
        self.values.extend_from_slice(right);
        self.rows += 1;
    }

    /// Appends one value of a row that [`Batch::end_row`] completes.
    pub fn push_value(&mut self, value: Datum) {
        self.values.push(value);
    }

    /// Appends values of a row that [`Batch::end_row`] completes.
    pub fn push_values(&mut self, values: &[Datum]) {
        self.values.extend_from_slice(values);
    }

    /// Appends NULLs of a row that [`Batch::end_row`] completes.
    pub fn push_nulls(&mut self, count: usize) {
        self.values.resize(self.values.len() + count, Datum::Null);
    }

    /// Completes the row made of the values pushed since the last one.
    pub fn end_row(&mut self) {
        self.rows += 1;
        debug_assert_eq!(self.values.len(), self.rows * self.width, "a row has as many values as the batch is wide");
    }

    /// The values pushed since the last complete row.
    #[must_use]
    pub fn open_row(&self) -> &[Datum] {
        &self.values[self.rows * self.width..]
    }

    /// The values pushed since the last complete row, to change them.
    pub fn open_row_mut(&mut self) -> &mut [Datum] {
        &mut self.values[self.rows * self.width..]
    }

    /// The vector, to append the values of a row that [`Batch::end_row`] completes.
    pub(crate) fn open_values(&mut self) -> &mut Vec<Datum> {
        &mut self.values
    }

    /// Drops the values pushed since the last complete row.
    pub fn abandon_row(&mut self) {
        self.values.truncate(self.rows * self.width);
    }

    /// A row, to change it.
    pub fn row_mut(&mut self, index: usize) -> &mut [Datum] {
        &mut self.values[index * self.width..(index + 1) * self.width]
    }

    /// Keeps the first `rows` rows.
    pub fn truncate(&mut self, rows: usize) {
        self.rows = self.rows.min(rows);
        self.values.truncate(self.rows * self.width);
    }

    /// Moves row `from` to place `to` at or before it; the row there before is lost to place `from`.
    pub fn move_row(&mut self, from: usize, to: usize) {
        if from != to {
            for column in 0..self.width {
                self.values.swap(from * self.width + column, to * self.width + column);
            }
        }
    }

    /// Moves all rows of `other` to the end of this batch.
    pub fn append(&mut self, other: &mut Self) {
        debug_assert_eq!(self.width, other.width, "rows of a batch are equally wide");
        self.rows += other.rows;
        other.rows = 0;
        self.values.append(&mut other.values);
    }

    /// Bytes held by the values, for the memory limit.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.values.iter().map(super::memory::value_bytes).sum()
    }
}
