//! Where lines come from: an editor with history on a terminal, else a file or a pipe.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Config, Editor};

/// Lines that the history keeps.
const HISTORY_LINES_MAX: usize = 2_000;

pub(super) enum Input {
    Terminal(Box<Terminal>),
    Stream(Box<dyn BufRead>),
}

/// A line editor. It writes its history with mode 0600.
pub(super) struct Terminal {
    editor: Editor<(), FileHistory>,
    history: Option<PathBuf>,
}

/// Ctrl-C at the prompt.
#[derive(Debug)]
pub(super) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("canceled by user")
    }
}

impl std::error::Error for Interrupted {}

impl Input {
    pub(super) fn stream(reader: impl Read + 'static) -> Self {
        Self::Stream(Box::new(BufReader::new(reader)))
    }

    pub(super) fn terminal() -> Result<Self, ReadlineError> {
        let config = Config::builder().max_history_size(HISTORY_LINES_MAX)?.auto_add_history(false).build();
        let mut editor = Editor::with_config(config)?;
        let history = history_file();
        if let Some(file) = &history {
            // At the first start there is none.
            let _ = editor.load_history(file);
        }
        Ok(Self::Terminal(Box::new(Terminal { editor, history })))
    }

    pub(super) fn is_interactive(&self) -> bool {
        matches!(self, Self::Terminal(_))
    }

    /// The next line without its end; `None` behind the last one.
    pub(super) fn line(&mut self, prompt: &str) -> Result<Option<String>, crate::Failure> {
        match self {
            Self::Terminal(terminal) => match terminal.editor.readline(prompt) {
                Ok(line) => Ok(Some(line)),
                Err(ReadlineError::Eof) => Ok(None),
                Err(ReadlineError::Interrupted) => Err(Box::new(Interrupted)),
                Err(error) => Err(error.into()),
            },
            Self::Stream(stream) => {
                let mut line = String::new();
                if stream.read_line(&mut line)? == 0 {
                    return Ok(None);
                }
                let length = line.trim_end_matches('\n').len();
                line.truncate(length);
                Ok(Some(line))
            }
        }
    }

    /// Keeps a statement for the next time, unless it sets a password.
    pub(super) fn remember(&mut self, text: &str) {
        let Self::Terminal(terminal) = self else { return };
        if text.trim().is_empty() || text.to_ascii_lowercase().contains("password") {
            return;
        }
        // A history that cannot be written is no reason to stop.
        let _ = terminal.editor.add_history_entry(text.trim_end());
        if let Some(file) = &terminal.history {
            let _ = terminal.editor.append_history(file);
        }
    }
}

/// `$BOREALIS_HISTORY`, or a file in the platform's folder for the state of programs.
fn history_file() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("BOREALIS_HISTORY") {
        return (!named.is_empty()).then(|| PathBuf::from(named));
    }
    let home = || std::env::var_os("HOME").map(PathBuf::from);
    let state = if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Application Support"))
    } else {
        std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).or_else(|| home().map(|home| home.join(".local/state")))
    };
    let folder = state?.join("borealis");
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder.join("sql_history"))
}
