//! COPY data out of rows.

use super::options::{CopyFormat, Options};

/// Appends one line; `None` is NULL. `names` are the columns', for FORCE QUOTE.
pub(super) fn line(fields: &[Option<String>], names: &[String], options: &Options, out: &mut Vec<u8>) {
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            out.push(options.delimiter);
        }
        match (field, options.format) {
            (None, _) => out.extend_from_slice(options.null.as_bytes()),
            (Some(text), CopyFormat::Text | CopyFormat::Binary) => text_field(text, options.delimiter, out),
            (Some(text), CopyFormat::Csv) => {
                let alone = fields.len() == 1 && text == "\\.";
                csv_field(text, alone || options.force_quote.contains(&names[index]), options, out);
            }
        }
    }
    out.push(b'\n');
}

fn text_field(text: &str, delimiter: u8, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        let letter = match byte {
            b'\\' => b'\\',
            0x08 => b'b',
            0x0c => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x0b => b'v',
            other if other == delimiter => other,
            other => {
                out.push(other);
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', letter]);
    }
}

fn csv_field(text: &str, force: bool, options: &Options, out: &mut Vec<u8>) {
    let special = |byte: u8| byte == options.delimiter || byte == options.quote || byte == b'\n' || byte == b'\r';
    if !force && text != options.null && !text.bytes().any(special) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(options.quote);
    for byte in text.bytes() {
        if byte == options.quote || byte == options.escape {
            out.push(options.escape);
        }
        out.push(byte);
    }
    out.push(options.quote);
}
