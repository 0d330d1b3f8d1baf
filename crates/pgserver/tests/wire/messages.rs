//! Frontend messages as bytes, backend messages as lines.

/// A message with its type and length.
pub(crate) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    out.extend_from_slice(&length(body.len() + 4));
    out.extend_from_slice(body);
    out
}

fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).expect("a short message").to_be_bytes()
}

fn count(items: usize) -> [u8; 2] {
    u16::try_from(items).expect("few items").to_be_bytes()
}

fn strings(parts: &[&str]) -> Vec<u8> {
    parts.iter().flat_map(|part| part.bytes().chain([0])).collect()
}

/// A startup packet with these parameters, the final terminator included.
pub(crate) fn startup(parameters: &[&str]) -> Vec<u8> {
    let mut body = 196_608_u32.to_be_bytes().to_vec();
    body.extend(strings(parameters));
    body.push(0);
    packet(&body)
}

/// A packet without a type.
pub(crate) fn packet(body: &[u8]) -> Vec<u8> {
    [&length(body.len() + 4)[..], body].concat()
}

pub(crate) fn query(sql: &str) -> Vec<u8> {
    message(b'Q', &strings(&[sql]))
}

pub(crate) fn parse(name: &str, sql: &str, types: &[u32]) -> Vec<u8> {
    let mut body = strings(&[name, sql]);
    body.extend(count(types.len()));
    body.extend(types.iter().flat_map(|oid| oid.to_be_bytes()));
    message(b'P', &body)
}

/// Bind with format codes as given, for parameters and results.
pub(crate) fn bind_as(portal: &str, statement: &str, codes: &[i16], values: &[Option<&[u8]>], results: &[i16]) -> Vec<u8> {
    let mut body = strings(&[portal, statement]);
    body.extend(count(codes.len()));
    body.extend(codes.iter().flat_map(|code| code.to_be_bytes()));
    body.extend(count(values.len()));
    for value in values {
        match value {
            Some(bytes) => {
                body.extend(length(bytes.len()));
                body.extend_from_slice(bytes);
            }
            None => body.extend((-1i32).to_be_bytes()),
        }
    }
    body.extend(count(results.len()));
    body.extend(results.iter().flat_map(|code| code.to_be_bytes()));
    message(b'B', &body)
}

/// Bind with everything as text.
pub(crate) fn bind(portal: &str, statement: &str, values: &[&str]) -> Vec<u8> {
    let values: Vec<Option<&[u8]>> = values.iter().map(|value| Some(value.as_bytes())).collect();
    bind_as(portal, statement, &[], &values, &[])
}

pub(crate) fn describe(target: u8, name: &str) -> Vec<u8> {
    message(b'D', &[&[target][..], &strings(&[name])].concat())
}

pub(crate) fn execute(portal: &str, rows_max: i32) -> Vec<u8> {
    message(b'E', &[&strings(&[portal])[..], &rows_max.to_be_bytes()].concat())
}

pub(crate) fn close(target: u8, name: &str) -> Vec<u8> {
    message(b'C', &[&[target][..], &strings(&[name])].concat())
}

pub(crate) fn sync() -> Vec<u8> {
    message(b'S', &[])
}

pub(crate) fn flush() -> Vec<u8> {
    message(b'H', &[])
}

/// A backend message as a line.
pub(crate) fn line(kind: u8, body: &[u8]) -> String {
    let name = char::from(kind);
    match kind {
        b'E' | b'N' => format!("{name} {}", error(body)),
        b'C' => format!("C {}", text(body)),
        b'Z' => format!("Z {}", char::from(body[0])),
        b'T' => format!("T {}", columns(body)),
        b't' => format!("t {}", Reader(&body[2..]).oids()),
        b'D' => format!("D {}", values(body)),
        b'd' => format!("d {}", String::from_utf8_lossy(body).escape_debug()),
        b'G' | b'H' => format!("{name} {} {}", body[0], u16::from_be_bytes([body[1], body[2]])),
        _ => name.to_string(),
    }
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body.strip_suffix(&[0]).unwrap_or(body)).into_owned()
}

/// Severity, SQLSTATE, message, then `@position`.
fn error(body: &[u8]) -> String {
    let fields: Vec<(u8, String)> =
        body.split(|byte| *byte == 0).filter_map(|field| field.split_first()).map(|(kind, value)| (*kind, text(value))).collect();
    let field = |kind: u8| fields.iter().find(|(found, _)| *found == kind).map(|(_, value)| value.clone());
    let position = field(b'P').map_or_else(String::new, |position| format!(" @{position}"));
    format!("{} {} {}{position}", field(b'S').expect("severity"), field(b'C').expect("code"), field(b'M').expect("message"))
}

/// Reads fields off a message.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let (taken, rest) = self.0.split_first_chunk().expect("a whole field");
        self.0 = rest;
        *taken
    }

    fn string(&mut self) -> String {
        let end = self.0.iter().position(|byte| *byte == 0).expect("a terminator");
        let found = text(&self.0[..end]);
        self.0 = &self.0[end + 1..];
        found
    }

    fn oids(mut self) -> String {
        let mut oids = Vec::new();
        while !self.0.is_empty() {
            oids.push(u32::from_be_bytes(self.bytes()).to_string());
        }
        oids.join(",")
    }
}

/// `name:type` of each column, `/b` when binary.
fn columns(body: &[u8]) -> String {
    let mut reader = Reader(body);
    let columns = u16::from_be_bytes(reader.bytes());
    let column = |_| {
        let name = reader.string();
        let _origin: [u8; 6] = reader.bytes();
        let oid = u32::from_be_bytes(reader.bytes());
        let _size: [u8; 6] = reader.bytes();
        let binary = u16::from_be_bytes(reader.bytes()) == 1;
        format!("{name}:{oid}{}", if binary { "/b" } else { "" })
    };
    (0..columns).map(column).collect::<Vec<_>>().join(" ")
}

fn values(body: &[u8]) -> String {
    let mut reader = Reader(body);
    let columns = u16::from_be_bytes(reader.bytes());
    let value = |_| {
        let length = i32::from_be_bytes(reader.bytes());
        let Ok(length) = usize::try_from(length) else { return "NULL".to_owned() };
        let (value, rest) = reader.0.split_at(length);
        reader.0 = rest;
        let printable = value.iter().all(|byte| (b' '..=b'~').contains(byte));
        if printable { text(value) } else { value.iter().map(|byte| format!("{byte:02x}")).collect() }
    };
    (0..columns).map(value).collect::<Vec<_>>().join("|")
}
