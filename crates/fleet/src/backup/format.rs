//! The bytes of a backup: see `docs/formats/backup.md`.
//!
//! Every byte of a file is under a checksum, and the last record holds a digest of all before it. So a file that is cut, changed or put together from
//! two is refused, at whatever place; and one that was read to its end is what was written.

use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};

const MAGIC: &[u8; 8] = b"BRLSBKUP";
const FORMAT_VERSION: u32 = 1;

const DESCRIPTION: u8 = 1;
const ROWS: u8 = 2;
const END: u8 = 3;
/// Never in a file that was finished: whoever writes tells whoever reads why it goes no further.
const FAILURE: u8 = 4;

/// Kind, length, checksum.
const FRAME_HEADER_BYTES: usize = 9;
/// Rows are written when so much has come together.
const BLOCK_BYTES: usize = 256 << 10;
/// More than a block and the largest row a commit takes.
const PAYLOAD_BYTES_MAX: usize = 48 << 20;
/// Count and digest.
const END_BYTES: usize = 8 + 32;

/// Why a file is no backup that can be restored.
#[derive(Debug)]
pub(super) enum Bad {
    /// It could not be read.
    Io(io::Error),
    /// What is wrong with it, and where.
    Damaged { offset: u64, what: String },
    /// It ends, or says that it ends, before its end.
    Cut(String),
}

impl From<io::Error> for Bad {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Cut("it ends in the middle of a record".to_owned()),
            _ => Self::Io(error),
        }
    }
}

/// Writes a backup.
pub(super) struct Writer<W> {
    out: W,
    digest: Sha256,
    block: Vec<u8>,
    rows: u64,
    bytes: u64,
}

impl<W: Write> Writer<W> {
    pub(super) fn begin(out: W, description: &[u8]) -> io::Result<Self> {
        let mut writer = Self { out, digest: Sha256::new(), block: Vec::new(), rows: 0, bytes: 0 };
        writer.write(MAGIC)?;
        writer.write(&FORMAT_VERSION.to_le_bytes())?;
        writer.frame(DESCRIPTION, description)?;
        Ok(writer)
    }

    /// Takes a row; keys ascend.
    pub(super) fn put(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        let too_long = |_| io::Error::other("a row is longer than any row can be");
        self.block.extend_from_slice(&u16::try_from(key.len()).map_err(too_long)?.to_le_bytes());
        self.block.extend_from_slice(&u32::try_from(value.len()).map_err(too_long)?.to_le_bytes());
        self.block.extend_from_slice(key);
        self.block.extend_from_slice(value);
        self.rows += 1;
        if self.block.len() >= BLOCK_BYTES { self.flush_block() } else { Ok(()) }
    }

    fn flush_block(&mut self) -> io::Result<()> {
        let mut block = std::mem::take(&mut self.block);
        self.frame(ROWS, &block)?;
        block.clear();
        block.shrink_to(2 * BLOCK_BYTES); // one huge row does not keep its memory
        self.block = block;
        Ok(())
    }

    /// Ends it; rows and bytes written.
    pub(super) fn finish(mut self) -> io::Result<(u64, u64)> {
        if !self.block.is_empty() {
            self.flush_block()?;
        }
        let mut end = self.rows.to_le_bytes().to_vec();
        end.extend_from_slice(&self.digest.clone().finalize());
        self.frame(END, &end)?;
        self.out.flush()?;
        Ok((self.rows, self.bytes))
    }

    fn frame(&mut self, kind: u8, payload: &[u8]) -> io::Result<()> {
        let header = frame_header(kind, payload)?;
        self.write(&header)?;
        self.write(payload)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digest.update(bytes);
        self.bytes += bytes.len() as u64;
        self.out.write_all(bytes)
    }
}

/// Tells a reader why there is no more.
pub(super) fn write_failure(out: &mut impl Write, why: &str) -> io::Result<()> {
    out.write_all(&frame_header(FAILURE, why.as_bytes())?)?;
    out.write_all(why.as_bytes())?;
    out.flush()
}

fn frame_header(kind: u8, payload: &[u8]) -> io::Result<[u8; FRAME_HEADER_BYTES]> {
    if payload.len() > PAYLOAD_BYTES_MAX {
        return Err(io::Error::other("a row is longer than any row can be"));
    }
    let mut header = [0; FRAME_HEADER_BYTES];
    header[0] = kind;
    header[1..5].copy_from_slice(&(payload.len() as u32).to_le_bytes());
    let checksum = checksum(&header[..5], payload);
    header[5..].copy_from_slice(&checksum.to_le_bytes());
    Ok(header)
}

fn checksum(header: &[u8], payload: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(header), payload)
}

/// Reads a backup and checks it on the way.
pub(super) struct Reader<R> {
    input: R,
    digest: Sha256,
    offset: u64,
    rows: u64,
    /// The key of the last row, before which no later one may come.
    last: Vec<u8>,
}

impl<R: Read> Reader<R> {
    /// Reads up to the first row; gives the description too.
    pub(super) fn begin(input: R) -> Result<(Self, Vec<u8>), Bad> {
        let mut reader = Self { input, digest: Sha256::new(), offset: 0, rows: 0, last: Vec::new() };
        let mut start = [0; 12];
        // A server that cannot begin says so in place of the beginning.
        reader.input.read_exact(&mut start[..1])?;
        if start[0] == FAILURE {
            return Err(reader.failure(start[0]));
        }
        reader.input.read_exact(&mut start[1..])?;
        if start[..8] != *MAGIC {
            return Err(Bad::Damaged { offset: 0, what: "it is no backup of a cluster".to_owned() });
        }
        let version = u32::from_le_bytes([start[8], start[9], start[10], start[11]]);
        if version != FORMAT_VERSION {
            let what = format!("it has format version {version}; this program reads version {FORMAT_VERSION}");
            return Err(Bad::Damaged { offset: 8, what });
        }
        reader.take(&start);
        match reader.frame()? {
            (DESCRIPTION, description) => Ok((reader, description)),
            _ => Err(reader.damaged("the description is missing")),
        }
    }

    /// Gives every row to `visit`, to the end of the file; rows and bytes read. What `visit` got counts only once this has succeeded.
    pub(super) fn rows<E: From<Bad>>(mut self, mut visit: impl FnMut(&[u8], &[u8]) -> Result<(), E>) -> Result<(u64, u64), E> {
        loop {
            let digest = self.digest.clone();
            match self.frame()? {
                (ROWS, block) => self.block(&block, &mut visit)?,
                (END, end) => {
                    self.end(&end, digest)?;
                    return Ok((self.rows, self.offset));
                }
                (FAILURE, why) => return Err(Bad::Cut(String::from_utf8_lossy(&why).into_owned()).into()),
                _ => return Err(self.damaged("there is a record of an unknown kind").into()),
            }
        }
    }

    fn block<E: From<Bad>>(&mut self, mut block: &[u8], visit: &mut impl FnMut(&[u8], &[u8]) -> Result<(), E>) -> Result<(), E> {
        while !block.is_empty() {
            let Some((key, value, rest)) = split_row(block) else { return Err(self.damaged("a row ends early").into()) };
            if key <= &self.last[..] {
                return Err(self.damaged("the rows are not in order").into());
            }
            self.last.clear();
            self.last.extend_from_slice(key);
            visit(key, value)?;
            self.rows += 1;
            block = rest;
        }
        Ok(())
    }

    fn end(&mut self, end: &[u8], digest: Sha256) -> Result<(), Bad> {
        let mut expected = self.rows.to_le_bytes().to_vec();
        expected.extend_from_slice(&digest.finalize());
        debug_assert_eq!(expected.len(), END_BYTES);
        if end != expected {
            return Err(self.damaged("count and digest at the end are not those of what comes before"));
        }
        match self.input.read(&mut [0])? {
            0 => Ok(()),
            _ => Err(self.damaged("it goes on after its end")),
        }
    }

    fn frame(&mut self) -> Result<(u8, Vec<u8>), Bad> {
        let mut header = [0; FRAME_HEADER_BYTES];
        self.input.read_exact(&mut header)?;
        let payload = self.payload(&header)?;
        self.take(&header);
        self.take(&payload);
        Ok((header[0], payload))
    }

    fn payload(&mut self, header: &[u8; FRAME_HEADER_BYTES]) -> Result<Vec<u8>, Bad> {
        let length = u32::from_le_bytes([header[1], header[2], header[3], header[4]]) as usize;
        if length > PAYLOAD_BYTES_MAX {
            return Err(self.damaged("a record is longer than any record can be"));
        }
        // Grows with what is there: a length that is wrong takes no memory.
        let mut payload = Vec::with_capacity(length.min(2 * BLOCK_BYTES));
        (&mut self.input).take(length as u64).read_to_end(&mut payload)?;
        if payload.len() < length {
            return Err(Bad::Cut("it ends in the middle of a record".to_owned()));
        }
        let told = u32::from_le_bytes([header[5], header[6], header[7], header[8]]);
        if checksum(&header[..5], &payload) != told {
            return Err(self.damaged("a record does not fit its checksum"));
        }
        Ok(payload)
    }

    /// What the failure says whose first byte was read.
    fn failure(&mut self, kind: u8) -> Bad {
        let mut header = [0; FRAME_HEADER_BYTES];
        header[0] = kind;
        let payload = self.input.read_exact(&mut header[1..]).map_err(Bad::from).and_then(|()| self.payload(&header));
        payload.map_or_else(|bad| bad, |why| Bad::Cut(String::from_utf8_lossy(&why).into_owned()))
    }

    fn take(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.offset += bytes.len() as u64;
    }

    fn damaged(&self, what: &str) -> Bad {
        Bad::Damaged { offset: self.offset, what: what.to_owned() }
    }
}

fn split_row(block: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (lengths, rest) = block.split_at_checked(6)?;
    let key = usize::from(u16::from_le_bytes([lengths[0], lengths[1]]));
    let value = u32::from_le_bytes([lengths[2], lengths[3], lengths[4], lengths[5]]) as usize;
    let (key, rest) = rest.split_at_checked(key)?;
    let (value, rest) = rest.split_at_checked(value)?;
    Some((key, value, rest))
}
