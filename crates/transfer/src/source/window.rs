//! A source as bytes of which a part is at hand: the record that is being read, and what was read together with it.

use std::io::Read;

use crate::error::TransferError;

/// How much is asked for at once.
const FILL_BYTES: usize = 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes at hand.
pub(super) struct Window {
    inner: Box<dyn Read + Send>,
    name: String,
    buffer: Vec<u8>,
    /// Where what is at hand begins in `buffer`.
    start: usize,
    /// Where that is in the source.
    place: u64,
    is_over: bool,
}

impl Window {
    pub(super) fn new(inner: Box<dyn Read + Send>, name: String) -> Self {
        Self { inner, name, buffer: Vec::new(), start: 0, place: 0, is_over: false }
    }

    /// The source's name, for messages.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// How many bytes have been taken.
    pub(super) fn place(&self) -> u64 {
        self.place
    }

    /// What is at hand.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Gets more; false at the end of the source.
    pub(super) fn fill(&mut self) -> Result<bool, TransferError> {
        if self.is_over {
            return Ok(false);
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let old_length = self.buffer.len();
        self.buffer.resize(old_length + FILL_BYTES, 0);
        let read = loop {
            match self.inner.read(&mut self.buffer[old_length..]) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buffer.truncate(old_length + read.as_ref().copied().unwrap_or(0));
        let what = format!("{} cannot be read beyond byte {}; it may be cut or damaged", self.name, self.place + old_length as u64);
        self.is_over = read.map_err(TransferError::file(what))? == 0;
        Ok(!self.is_over)
    }

    /// Marks bytes as taken; they stay readable by [`Window::taken`] until the next fill.
    pub(super) fn take(&mut self, count: usize) {
        self.start += count;
        self.place += count as u64;
    }

    /// The last bytes that were taken.
    pub(super) fn taken(&self, count: usize) -> &[u8] {
        &self.buffer[self.start - count..self.start]
    }

    /// Takes UTF-8's byte order mark, if it is there.
    pub(super) fn skip_byte_order_mark(&mut self) -> Result<(), TransferError> {
        while self.bytes().len() < BYTE_ORDER_MARK.len() && self.fill()? {}
        if self.bytes().starts_with(BYTE_ORDER_MARK) {
            self.take(BYTE_ORDER_MARK.len());
        }
        Ok(())
    }
}
