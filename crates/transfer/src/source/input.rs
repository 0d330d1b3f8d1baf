//! Bytes: opened, decompressed by what they start with, decoded into UTF-8.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};
use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use super::{Input, Source};
use crate::error::TransferError;

/// What is read at once from the operating system.
const READ_BYTES: usize = 256 * 1024;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Opens a source as UTF-8. `consumed` counts the bytes of the file as it stands on disk.
pub(super) fn open(source: &Source, consumed: &Arc<AtomicU64>) -> Result<Box<dyn Read + Send>, TransferError> {
    let bytes: Box<dyn Read + Send> = match &source.input {
        Input::File(path) => {
            let file = File::open(path).map_err(TransferError::file(format!("cannot open {}", source.name())))?;
            if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
                return Err(TransferError::Request(folder(path, &source.name())));
            }
            Box::new(file)
        }
        Input::Stdin | Input::Postgres(_) | Input::Mysql(_) => Box::new(io::stdin()),
    };
    let counted = Counted { inner: bytes, consumed: Arc::clone(consumed) };
    let named = encoding(source)?;
    let plain = decompress(counted).map_err(TransferError::file(format!("cannot read {}", source.name())))?;
    let damaged = format!("{} cannot be read from its beginning; it may be cut or damaged", source.name());
    decode(plain, named).map_err(TransferError::file(damaged))
}

fn folder(path: &Path, name: &str) -> String {
    if path.join("toc.dat").is_file() {
        return super::dump_file::archive(name, "-Fd");
    }
    format!("{name} is a folder: name a file in it")
}

/// The encoding that is said.
fn encoding(source: &Source) -> Result<Option<&'static Encoding>, TransferError> {
    let Some(label) = &source.encoding else { return Ok(None) };
    let unknown = || TransferError::Request(format!("cannot read {}: no encoding is called '{label}'", source.name()));
    Encoding::for_label(label.as_bytes()).map(Some).ok_or_else(unknown)
}

fn decompress(bytes: Counted) -> io::Result<Box<dyn Read + Send>> {
    let (start, bytes) = peek(bytes, ZSTD.len())?;
    let bytes = BufReader::with_capacity(READ_BYTES, bytes);
    Ok(if start.starts_with(GZIP) {
        Box::new(MultiGzDecoder::new(bytes))
    } else if start == ZSTD {
        Box::new(Frames { current: None, rest: Some(bytes) })
    } else {
        Box::new(bytes)
    })
}

fn decode(bytes: Box<dyn Read + Send>, named: Option<&'static Encoding>) -> io::Result<Box<dyn Read + Send>> {
    let (start, bytes) = peek(bytes, 3)?;
    let named = named.or_else(|| Encoding::for_bom(&start).map(|(encoding, _)| encoding));
    // UTF-8 passes as it is: each record is checked by itself, so that one bad byte costs one record.
    match named {
        Some(encoding) if encoding != UTF_8 => Ok(Box::new(Decoded::new(bytes, encoding))),
        _ => Ok(Box::new(bytes)),
    }
}

/// The first bytes, and the whole again.
fn peek<R: Read>(mut bytes: R, count: usize) -> io::Result<(Vec<u8>, io::Chain<io::Cursor<Vec<u8>>, R>)> {
    let mut start = Vec::with_capacity(count);
    bytes.by_ref().take(count as u64).read_to_end(&mut start)?;
    Ok((start.clone(), io::Cursor::new(start).chain(bytes)))
}

/// Counts what passes.
struct Counted {
    inner: Box<dyn Read + Send>,
    consumed: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.consumed.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// zstd: any number of frames, one behind the other.
struct Frames<R: BufRead> {
    current: Option<StreamingDecoder<R, FrameDecoder>>,
    /// What is behind the frames read so far, between two of them.
    rest: Option<R>,
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.current {
                let read = frame.read(buffer)?;
                if read > 0 || buffer.is_empty() {
                    return Ok(read);
                }
            }
            if let Some(frame) = self.current.take() {
                self.rest = Some(frame.into_inner());
            }
            let Some(mut rest) = self.rest.take() else { return Ok(0) };
            if rest.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.current = Some(StreamingDecoder::new(rest).map_err(io::Error::other)?);
        }
    }
}

/// Another encoding than UTF-8, as UTF-8.
struct Decoded<R> {
    inner: R,
    decoder: Decoder,
    encoding: &'static Encoding,
    raw: Vec<u8>,
    raw_read: usize,
    raw_end: usize,
    text: Vec<u8>,
    text_read: usize,
    is_over: bool,
}

impl<R: Read> Decoded<R> {
    fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self { inner, decoder, encoding, raw: vec![0; READ_BYTES], raw_read: 0, raw_end: 0, text: Vec::new(), text_read: 0, is_over: false }
    }

    /// More text; none at the end.
    fn refill(&mut self) -> io::Result<()> {
        if self.raw_read == self.raw_end {
            (self.raw_read, self.raw_end) = (0, self.inner.read(&mut self.raw)?);
            self.is_over = self.raw_end == 0;
        }
        self.text.resize(3 * READ_BYTES, 0);
        let raw = &self.raw[self.raw_read..self.raw_end];
        let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(raw, &mut self.text, self.is_over);
        self.raw_read += read;
        self.text.truncate(written);
        self.text_read = 0;
        match result {
            DecoderResult::Malformed(..) => {
                let what = format!("the text is not {} throughout: give the right --encoding", self.encoding.name());
                Err(io::Error::new(io::ErrorKind::InvalidData, what))
            }
            DecoderResult::InputEmpty | DecoderResult::OutputFull => Ok(()),
        }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.text_read == self.text.len() {
            if self.is_over {
                return Ok(0);
            }
            self.refill()?;
        }
        let count = buffer.len().min(self.text.len() - self.text_read);
        buffer[..count].copy_from_slice(&self.text[self.text_read..self.text_read + count]);
        self.text_read += count;
        Ok(count)
    }
}
