//! The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), as PostgreSQL speaks it, for tools that cannot make tokens.
//!
//! What is kept of a password is a *verifier*: with it the server can check a proof, but not make one. The name in the client's message is
//! not looked at, as in PostgreSQL: the startup packet has said who wants in.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use borealis_base::{Random, Redacted};
use data_encoding::BASE64;
use ring::{digest, hmac, pbkdf2};
use subtle::ConstantTimeEq;

/// The name of the mechanism.
pub const SCRAM_SHA_256: &str = "SCRAM-SHA-256";

/// PostgreSQL's own count.
const ITERATIONS: u32 = 4_096;
const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 18;
/// The longest message looked at, in bytes; libpq's have about a hundred.
const MESSAGE_BYTES_MAX: usize = 2_048;
const KEY_BYTES: usize = digest::SHA256_OUTPUT_LEN;

type Key = [u8; KEY_BYTES];

/// What is kept of a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    iterations: NonZeroU32,
    salt: Vec<u8>,
    stored_key: Redacted<Key>,
    server_key: Redacted<Key>,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier([redacted])")
    }
}

/// The text is no verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidVerifier;

impl fmt::Display for InvalidVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a verifier has the form SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>")
    }
}

impl std::error::Error for InvalidVerifier {}

/// Why an exchange ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScramError {
    /// A message that breaks the protocol: what is wrong with it.
    Malformed(&'static str),
    /// The proof is wrong.
    Refused,
}

impl Verifier {
    /// A verifier of a password, with fresh salt.
    ///
    /// # Panics
    /// Never: the count is not zero.
    #[must_use]
    pub fn new(password: &str, random: &dyn Random) -> Self {
        let mut salt = [0; SALT_BYTES];
        random.fill(&mut salt);
        Self::derive(password, &salt, NonZeroU32::new(ITERATIONS).expect("a count that is not zero"))
    }

    fn derive(password: &str, salt: &[u8], iterations: NonZeroU32) -> Self {
        // As PostgreSQL: a password that SASLprep has no form for is taken as it is.
        let prepared = stringprep::saslprep(password).unwrap_or(password.into());
        let mut salted = [0; KEY_BYTES];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt, prepared.as_bytes(), &mut salted);
        let client_key = mac(&salted, b"Client Key");
        Self {
            iterations,
            salt: salt.to_vec(),
            stored_key: Redacted::new(hash(&client_key)),
            server_key: Redacted::new(mac(&salted, b"Server Key")),
        }
    }

    /// The text that is kept, in PostgreSQL's form.
    #[must_use]
    pub fn to_text(&self) -> Redacted<String> {
        let text = |bytes: &[u8]| BASE64.encode(bytes);
        let (stored, server) = (text(self.stored_key.expose()), text(self.server_key.expose()));
        Redacted::new(format!("{SCRAM_SHA_256}${}:{}${stored}:{server}", self.iterations, text(&self.salt)))
    }
}

impl FromStr for Verifier {
    type Err = InvalidVerifier;

    fn from_str(text: &str) -> Result<Self, InvalidVerifier> {
        let bytes = |text: &str| BASE64.decode(text.as_bytes()).map_err(|_| InvalidVerifier);
        let key = |text: &str| Key::try_from(bytes(text)?).map_err(|_| InvalidVerifier);
        let parts: Vec<&str> = text.split('$').collect();
        let [SCRAM_SHA_256, work, keys] = parts.as_slice() else { return Err(InvalidVerifier) };
        let (iterations, salt) = work.split_once(':').ok_or(InvalidVerifier)?;
        let (stored, server) = keys.split_once(':').ok_or(InvalidVerifier)?;
        Ok(Self {
            iterations: iterations.parse().map_err(|_| InvalidVerifier)?,
            salt: bytes(salt)?,
            stored_key: Redacted::new(key(stored)?),
            server_key: Redacted::new(key(server)?),
        })
    }
}

/// An exchange that waits for the client's proof.
pub struct Exchange {
    verifier: Verifier,
    /// What the client binds to, as it must repeat it.
    gs2_header: String,
    nonce: String,
    /// The first two messages, as the proof covers them.
    messages: String,
}

impl Exchange {
    /// Takes the client's first message and gives the server's.
    ///
    /// # Errors
    /// When the message breaks the protocol.
    pub fn start(verifier: Verifier, message: &[u8], random: &dyn Random) -> Result<(Self, String), ScramError> {
        let message = text(message)?;
        let (gs2_header, bare) = split_gs2_header(message)?;
        let fields: Vec<&str> = bare.split(',').collect();
        let client_nonce = match fields.as_slice() {
            [mandatory, ..] if mandatory.starts_with("m=") => {
                return Err(ScramError::Malformed("client requires an unsupported SCRAM extension"));
            }
            [name, nonce, ..] if name.starts_with("n=") => nonce.strip_prefix("r=").filter(|nonce| is_nonce(nonce)),
            _ => None,
        };
        let client_nonce = client_nonce.ok_or(ScramError::Malformed("The message does not name user and nonce."))?;
        let mut fresh = [0; NONCE_BYTES];
        random.fill(&mut fresh);
        let nonce = format!("{client_nonce}{}", BASE64.encode(&fresh));
        let answer = format!("r={nonce},s={},i={}", BASE64.encode(&verifier.salt), verifier.iterations);
        let messages = format!("{bare},{answer}");
        Ok((Self { verifier, gs2_header: gs2_header.to_owned(), nonce, messages }, answer))
    }

    /// Takes the client's proof and gives the server's own.
    ///
    /// # Errors
    /// When the message breaks the protocol, or proves nothing.
    pub fn finish(self, message: &[u8]) -> Result<Redacted<String>, ScramError> {
        let message = text(message)?;
        let (unproved, proof) = message.rsplit_once(",p=").ok_or(ScramError::Malformed("The message has no proof."))?;
        let fields: Vec<&str> = unproved.split(',').collect();
        let [binding, nonce, ..] = fields.as_slice() else { return Err(ScramError::Malformed("The message has no nonce.")) };
        if binding.strip_prefix("c=") != Some(BASE64.encode(self.gs2_header.as_bytes()).as_str()) {
            return Err(ScramError::Malformed("The channel binding does not match."));
        }
        if nonce.strip_prefix("r=") != Some(self.nonce.as_str()) {
            return Err(ScramError::Malformed("The nonce does not match."));
        }
        let proof = BASE64.decode(proof.as_bytes()).ok().and_then(|proof| Key::try_from(proof).ok());
        let proof = proof.ok_or(ScramError::Malformed("The proof has not the form of one."))?;
        let signed = format!("{},{unproved}", self.messages);
        let signature = mac(self.verifier.stored_key.expose(), signed.as_bytes());
        let client_key: Vec<u8> = proof.iter().zip(signature).map(|(proof, signature)| proof ^ signature).collect();
        let right: bool = hash(&client_key).ct_eq(self.verifier.stored_key.expose()).into();
        if !right {
            return Err(ScramError::Refused);
        }
        Ok(Redacted::new(format!("v={}", BASE64.encode(&mac(self.verifier.server_key.expose(), signed.as_bytes())))))
    }
}

fn text(message: &[u8]) -> Result<&str, ScramError> {
    if message.len() > MESSAGE_BYTES_MAX {
        return Err(ScramError::Malformed("The message is too long."));
    }
    std::str::from_utf8(message).map_err(|_| ScramError::Malformed("The message is not text."))
}

/// `n,,` or `y,,`: the client does without channel binding, which is not offered here; an authorization identity is refused as in PostgreSQL.
fn split_gs2_header(message: &str) -> Result<(&str, &str), ScramError> {
    let bare = message.strip_prefix("n,,").or_else(|| message.strip_prefix("y,,"));
    match bare {
        Some(bare) => Ok((&message[..3], bare)),
        None if message.starts_with("p=") => Err(ScramError::Malformed("client requires SCRAM channel binding, but it is not supported")),
        None if message.starts_with(['n', 'y']) => {
            Err(ScramError::Malformed("client uses authorization identity, but it is not supported"))
        }
        None => Err(ScramError::Malformed("Unexpected channel-binding flag.")),
    }
}

fn is_nonce(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
}

fn mac(key: &[u8], message: &[u8]) -> Key {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message);
    tag.as_ref().try_into().expect("a SHA-256 tag has 32 bytes")
}

fn hash(bytes: &[u8]) -> Key {
    digest::digest(&digest::SHA256, bytes).as_ref().try_into().expect("a SHA-256 digest has 32 bytes")
}

#[cfg(test)]
mod tests {
    use borealis_base::SeededRandom;

    use super::{Exchange, ScramError, Verifier, mac};

    const CLIENT_NONCE: &str = "rOprNGfwEbeRWgbNEkqO";

    /// RFC 7677's exchange: verifier, messages and both proofs.
    #[test]
    fn the_example_of_the_rfc() {
        let salt = data_encoding::BASE64.decode(b"W22ZaJ0SNY7soEsUEjb6gQ==").expect("a salt");
        let verifier = Verifier::derive("pencil", &salt, 4_096.try_into().expect("a count"));
        let exchange = Exchange {
            verifier,
            gs2_header: "n,,".to_owned(),
            nonce: "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0".to_owned(),
            messages:
                "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
                    .to_owned(),
        };
        let last = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        let server = exchange.finish(last.as_bytes()).expect("proved");
        assert_eq!(server.expose(), "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    fn start(message: &str) -> Result<(Exchange, String), ScramError> {
        Exchange::start(Verifier::new("correct horse", &SeededRandom::new(2)), message.as_bytes(), &SeededRandom::new(1))
    }

    /// A client that knows `password`: its last message.
    fn answer(password: &str, bare: &str, server_first: &str) -> String {
        let field = |name: &str| server_first.split(',').find_map(|field| field.strip_prefix(name)).expect("a field").to_owned();
        let salt = data_encoding::BASE64.decode(field("s=").as_bytes()).expect("a salt");
        let iterations: std::num::NonZeroU32 = field("i=").parse().expect("a count");
        let mut salted = [0; 32];
        ring::pbkdf2::derive(ring::pbkdf2::PBKDF2_HMAC_SHA256, iterations, &salt, password.as_bytes(), &mut salted);
        let client_key = mac(&salted, b"Client Key");
        let unproved = format!("c=biws,r={}", field("r="));
        let signature = mac(&super::hash(&client_key), format!("{bare},{server_first},{unproved}").as_bytes());
        let proof: Vec<u8> = client_key.iter().zip(signature).map(|(key, signature)| key ^ signature).collect();
        format!("{unproved},p={}", data_encoding::BASE64.encode(&proof))
    }

    fn log_in(password: &str) -> Result<(), ScramError> {
        let bare = format!("n=,r={CLIENT_NONCE}");
        let (exchange, first) = start(&format!("n,,{bare}"))?;
        exchange.finish(answer(password, &bare, &first).as_bytes()).map(drop)
    }

    #[test]
    fn only_the_password_gets_in() {
        assert_eq!(log_in("correct horse"), Ok(()));
        for password in ["", "correct horses", "Correct horse"] {
            assert_eq!(log_in(password), Err(ScramError::Refused), "{password}");
        }
    }

    #[test]
    fn messages_that_break_the_protocol() {
        for message in [
            "",
            "p=tls-server-end-point,,n=,r=x",
            "n,a=b,n=,r=x",
            "z,,n=,r=x",
            "n,,m=x,n=,r=x",
            "n,,n=",
            "n,,r=x",
            "n,,n=,r=",
            "n,,n=,r=\u{1}",
        ] {
            assert!(matches!(start(message), Err(ScramError::Malformed(_))), "{message}");
        }
        assert!(matches!(start(&format!("n,,n=,r={}", "x".repeat(2_048))), Err(ScramError::Malformed(_))));
        let good = || start("n,,n=,r=x").expect("started");
        let nonce = good().1.split(',').next().expect("a nonce").to_owned();
        for last in
            ["", "p=", "c=biws,p=x", "c=eSws,r=x,p=x", "c=biws,r=y,p=x", &format!("c=biws,{nonce},p=AAAA"), &format!("c=biws,{nonce}")]
        {
            assert!(matches!(good().0.finish(last.as_bytes()), Err(ScramError::Malformed(_))), "{last}");
        }
    }

    #[test]
    fn verifiers_are_kept_in_the_form_of_postgresql() {
        let verifier = Verifier::new("x", &SeededRandom::new(4));
        let text = verifier.to_text();
        assert_eq!(text.expose().parse::<Verifier>(), Ok(verifier));
        assert!(text.expose().starts_with("SCRAM-SHA-256$4096:"));
        for text in ["", "md5abc", "SCRAM-SHA-256$0:AAAA$AAAA:AAAA", "SCRAM-SHA-256$4096:AAAA$AAAA:AAAA", "SCRAM-SHA-256$4096$x"] {
            assert!(text.parse::<Verifier>().is_err(), "{text}");
        }
    }
}
