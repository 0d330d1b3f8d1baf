//! Where text forms are appended: a string, or the bytes of a message under construction.

use std::fmt::{Display, Write};

/// A growing buffer of UTF-8.
pub trait TextSink {
    /// Appends a text.
    fn put(&mut self, text: &str);

    /// Appends an ASCII byte.
    fn put_byte(&mut self, byte: u8) {
        debug_assert!(byte.is_ascii());
        self.put(char::from(byte).encode_utf8(&mut [0; 4]));
    }

    /// Appends whatever a value displays.
    fn put_display<T: Display>(&mut self, value: &T)
    where
        Self: Sized,
    {
        let mut adapter = Adapter(self);
        // The adapter accepts everything, so that only a failing `Display` could fail here, and ours do not.
        let _ = write!(adapter, "{value}");
    }
}

struct Adapter<'a, W>(&'a mut W);

impl<W: TextSink> Write for Adapter<'_, W> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.put(text);
        Ok(())
    }
}

impl TextSink for String {
    fn put(&mut self, text: &str) {
        self.push_str(text);
    }

    fn put_byte(&mut self, byte: u8) {
        self.push(char::from(byte));
    }
}

impl TextSink for Vec<u8> {
    fn put(&mut self, text: &str) {
        self.extend_from_slice(text.as_bytes());
    }

    fn put_byte(&mut self, byte: u8) {
        self.push(byte);
    }
}
