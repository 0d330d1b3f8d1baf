//! `borealis env | head -1`: what happens when nobody reads any more.
//!
//! `println!` panics when its reader has gone. A command then ends as other programs do that SIGPIPE ends: without a word, and with the exit code that
//! shells give those. A server must not end by it, so it does not ask for this.

use std::any::Any;
use std::io::{Error, ErrorKind};

use crate::Failure;

/// 128 and the number of SIGPIPE.
pub(crate) const EXIT_CODE: u8 = 141;

/// From here on a print that nobody reads ends the process.
pub(crate) fn end_quietly() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if is_broken_pipe(panic.payload()) {
            std::process::exit(i32::from(EXIT_CODE));
        }
        report(panic);
    }));
}

/// Whether this is what a print says whose reader has gone.
fn is_broken_pipe(payload: &dyn Any) -> bool {
    let broken = Error::from(rustix::io::Errno::PIPE).to_string();
    payload.downcast_ref::<String>().is_some_and(|text| text.starts_with("failed printing to std") && text.ends_with(&broken))
}

/// The same of a command that writes without printing. What a network says is no error of these types: it comes with where it was said.
pub(crate) fn is_cause_of(failure: &Failure) -> bool {
    let kind = match failure.downcast_ref::<serde_json::Error>() {
        Some(error) => error.io_error_kind(),
        None => failure.downcast_ref::<Error>().map(Error::kind),
    };
    kind == Some(ErrorKind::BrokenPipe)
}
