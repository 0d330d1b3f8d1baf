//! `borealis lsp` with a scripted editor at the other end of its pipes.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

struct Editor {
    server: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    last: u64,
}

impl Editor {
    fn start(folder: &std::path::Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_borealis"));
        let mut server = command.current_dir(folder).arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("started");
        let (to, from) = (server.stdin.take().expect("stdin"), BufReader::new(server.stdout.take().expect("stdout")));
        let mut editor = Self { server, to, from, last: 0 };
        let greeting = editor.ask("initialize", json!({ "capabilities": {} }));
        assert_eq!(greeting["serverInfo"]["name"], "borealis lsp");
        editor.tell("initialized", json!({}));
        editor
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{body}", body.len()).expect("sent");
        self.to.flush().expect("sent");
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.from.read_line(&mut line).expect("a header");
            match line.trim().strip_prefix("Content-Length: ") {
                Some(number) => length = number.parse().expect("a number"),
                None if line.trim().is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; length];
        self.from.read_exact(&mut body).expect("a body");
        serde_json::from_slice(&body).expect("JSON")
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.last, "method": method, "params": params }));
        let answer = self.receive();
        assert_eq!(answer["id"], self.last, "{answer}");
        answer["result"].clone()
    }

    /// The diagnostics that a text gets.
    fn open(&mut self, uri: &str, text: &str) -> Vec<Value> {
        self.tell("textDocument/didOpen", json!({ "textDocument": { "uri": uri, "languageId": "sql", "version": 1, "text": text } }));
        self.diagnostics(uri)
    }

    fn diagnostics(&mut self, uri: &str) -> Vec<Value> {
        let message = self.receive();
        assert_eq!(
            (message["method"].as_str(), message["params"]["uri"].as_str()),
            (Some("textDocument/publishDiagnostics"), Some(uri)),
            "{message}"
        );
        message["params"]["diagnostics"].as_array().expect("a list").clone()
    }

    fn stop(mut self) {
        assert_eq!(self.ask("shutdown", Value::Null), Value::Null);
        self.tell("exit", Value::Null);
        assert!(self.server.wait().expect("ended").success());
    }
}

#[test]
fn diagnostics_fixes_and_explanations_come_while_typing() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(".borealis-lint.toml"), "ignore = [\"missing-primary-key\"]\n").expect("written");
    let uri = format!("file://{}/a.sql", folder.path().display());
    let mut editor = Editor::start(folder.path());
    let text = "SELECT 'ä𝄞'; CREATE INDEX i ON t (a);\nCREATE TABLE u (a int);\n";
    let found = editor.open(&uri, text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["code"], "index/without-async");
    // Characters are counted in UTF-16: the note takes two.
    let range = json!({ "start": { "line": 0, "character": 14 }, "end": { "line": 0, "character": 26 } });
    assert_eq!(found[0]["range"], range);

    let document = json!({ "uri": uri });
    let actions =
        editor.ask("textDocument/codeAction", json!({ "textDocument": document, "range": range, "context": { "diagnostics": [] } }));
    let fix = &actions[0];
    assert!(fix["title"].as_str().expect("a title").starts_with("Fix index/without-async; lost: "), "{fix}");
    let edit = &fix["edit"]["changes"][&uri][0];
    assert_eq!((edit["newText"].as_str(), edit["range"]["start"]["character"].as_u64()), (Some(" ASYNC"), Some(26)));
    assert_eq!(actions[1]["title"], "Disable index/without-async for this statement");

    let hover = editor.ask("textDocument/hover", json!({ "textDocument": document, "position": { "line": 0, "character": 15 } }));
    assert!(hover["contents"]["value"].as_str().is_some_and(|text| text.contains("## Why")), "{hover}");
    let nothing = editor.ask("textDocument/hover", json!({ "textDocument": document, "position": { "line": 1, "character": 3 } }));
    assert_eq!(nothing, Value::Null);

    let changed = json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [{ "text": "CREATE INDEX ASYNC i ON t (a);" }] });
    editor.tell("textDocument/didChange", changed);
    assert_eq!(editor.diagnostics(&uri), Vec::<Value>::new());
    editor.stop();
}

#[test]
fn a_wrong_configuration_is_said_and_the_editor_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(".borealis-lint.toml"), "nonsense = 1\n").expect("written");
    let uri = format!("file://{}/a.sql", folder.path().display());
    let mut editor = Editor::start(folder.path());
    editor
        .tell("textDocument/didOpen", json!({ "textDocument": { "uri": uri, "languageId": "sql", "version": 1, "text": "TRUNCATE t;" } }));
    let message = editor.receive();
    assert!(
        message["method"] == "window/showMessage" && message["params"]["message"].as_str().is_some_and(|text| text.contains("nonsense")),
        "{message}"
    );
    let found = editor.diagnostics(&uri);
    assert_eq!(found[0]["code"], "statement/truncate");
    let actions = editor.ask(
        "textDocument/codeAction",
        json!({ "textDocument": { "uri": uri }, "range": found[0]["range"], "context": { "diagnostics": [], "only": ["source.fixAll"] } }),
    );
    assert_eq!(actions, json!([]), "what loses something is not applied unasked");
    editor.stop();
}
