//! Where a session's rows go.

use std::sync::Arc;

use borealis_engine::Sink;
use borealis_pgtypes::{Datum, Result, Settings, SqlError};
use borealis_sql::bound::OutputColumn;
use bytes::BufMut;

use crate::encode::{Formats, Scratch, data_row};
use crate::outgoing::Outgoing;

/// Encodes rows into the outgoing buffer.
pub(crate) struct RowSink<'a> {
    pub(crate) out: &'a mut Outgoing,
    pub(crate) columns: Arc<[OutputColumn]>,
    pub(crate) formats: Formats,
    pub(crate) settings: Arc<Settings>,
    pub(crate) scratch: &'a mut Scratch,
}

impl Sink for RowSink<'_> {
    fn row(&mut self, values: &[Datum]) -> Result<()> {
        let start = self.out.buffer.len();
        data_row(&mut self.out.buffer, values, &self.columns, &self.formats, &self.settings, self.scratch)
            .inspect_err(|_| self.out.buffer.truncate(start))
    }

    fn wants_text(&self, column: usize) -> bool {
        !self.formats.is_binary(column)
    }

    fn copy_data(&mut self, data: &[u8]) {
        self.out.buffer.put_u8(b'd');
        self.out.buffer.put_i32(i32::try_from(data.len() + 4).unwrap_or(i32::MAX));
        self.out.buffer.put_slice(data);
    }

    fn notice(&mut self, notice: &SqlError) {
        self.out.notice(notice);
    }

    fn parameter(&mut self, name: &str, value: &str) {
        self.out.parameter(name, value);
    }

    fn is_full(&self) -> bool {
        self.out.is_full()
    }
}
