//! Requests and notifications of an editor.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use borealis_lint::{Finding, Options, Verdict};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::notification::{DidChangeTextDocument, DidCloseTextDocument, DidOpenTextDocument, Notification as _, PublishDiagnostics};
use lsp_types::request::{CodeActionRequest, HoverRequest, Request as _};
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOptions, CodeActionOrCommand, CodeActionParams, CodeActionProviderCapability,
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, Hover, HoverContents, HoverParams,
    HoverProviderCapability, MarkupContent, MarkupKind, PublishDiagnosticsParams, Range, ServerCapabilities, TextDocumentSyncCapability,
    TextDocumentSyncKind, TextEdit, Uri, WorkspaceEdit,
};
use serde_json::{Value, json};

use super::document::Document;
use crate::Failure;
use crate::lint::Choice;

/// Applies every fix that loses nothing.
const FIX_ALL: CodeActionKind = CodeActionKind::SOURCE_FIX_ALL;

/// What the server says of itself.
pub(super) fn greeting() -> Value {
    let actions = CodeActionOptions { code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, FIX_ALL]), ..CodeActionOptions::default() };
    let capabilities = ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Kind(TextDocumentSyncKind::FULL)),
        code_action_provider: Some(CodeActionProviderCapability::Options(actions)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        ..ServerCapabilities::default()
    };
    json!({ "capabilities": capabilities, "serverInfo": { "name": "borealis lsp", "version": env!("CARGO_PKG_VERSION") } })
}

/// One editor's session.
pub(super) struct Server<'a> {
    connection: &'a Connection,
    choice: &'a Choice,
    documents: HashMap<String, Document>,
}

impl<'a> Server<'a> {
    pub(super) fn new(connection: &'a Connection, choice: &'a Choice) -> Self {
        Self { connection, choice, documents: HashMap::new() }
    }

    /// Answers until the editor says that it is done, or goes away.
    pub(super) fn run(mut self) -> Result<(), Failure> {
        for message in &self.connection.receiver {
            match message {
                Message::Request(request) => {
                    if self.connection.handle_shutdown(&request)? {
                        return Ok(());
                    }
                    let response = self.answer(request);
                    self.connection.sender.send(Message::Response(response))?;
                }
                Message::Notification(notification) => self.notice(notification)?,
                Message::Response(_) => {}
            }
        }
        Ok(())
    }

    fn answer(&self, request: Request) -> Response {
        let Request { id, method, params } = request;
        let answer = match method.as_str() {
            CodeActionRequest::METHOD => read(params).map(|params| self.code_actions(&params)),
            HoverRequest::METHOD => read(params).map(|params| self.hover(&params)),
            _ => return Response::new_err(id, ErrorCode::MethodNotFound as i32, format!("no method {method}")),
        };
        match answer {
            Ok(value) => Response::new_ok(id, value),
            Err(problem) => Response::new_err(id, ErrorCode::InvalidParams as i32, problem),
        }
    }

    fn notice(&mut self, notification: Notification) -> Result<(), Failure> {
        let Notification { method, params } = notification;
        match method.as_str() {
            DidOpenTextDocument::METHOD => {
                let document = read::<DidOpenTextDocumentParams>(params)?.text_document;
                self.update(document.uri, document.version, &document.text)
            }
            DidChangeTextDocument::METHOD => {
                let DidChangeTextDocumentParams { text_document, content_changes } = read(params)?;
                // Changes are of the whole text, as the server asked: the last one counts.
                content_changes.last().map_or(Ok(()), |change| self.update(text_document.uri, text_document.version, &change.text))
            }
            DidCloseTextDocument::METHOD => {
                let uri = read::<DidCloseTextDocumentParams>(params)?.text_document.uri;
                self.documents.remove(uri.as_str());
                self.publish(PublishDiagnosticsParams::new(uri, Vec::new(), None))
            }
            // What a server does not know it may ignore, says the protocol.
            _ => Ok(()),
        }
    }

    fn update(&mut self, uri: Uri, version: i32, text: &str) -> Result<(), Failure> {
        let document = Document::new(text, self.options(&uri)?);
        let diagnostics = document.report.findings.iter().map(|finding| document.diagnostic(finding)).collect();
        self.documents.insert(uri.as_str().to_owned(), document);
        self.publish(PublishDiagnosticsParams::new(uri, diagnostics, Some(version)))
    }

    /// Options as `borealis lint` has them for a file in the same place. A wrong configuration is said and not followed.
    fn options(&self, uri: &Uri) -> Result<Options, Failure> {
        let folder = path_of(uri).and_then(|path| path.parent().map(Path::to_path_buf)).unwrap_or_default();
        match self.choice.options(&folder) {
            Ok(options) => Ok(options),
            Err(problem) => {
                let parameters = json!({ "type": 1, "message": format!("borealis: {problem}") });
                self.connection
                    .sender
                    .send(Message::Notification(Notification { method: "window/showMessage".to_owned(), params: parameters }))?;
                Ok(Options::default())
            }
        }
    }

    fn publish(&self, parameters: PublishDiagnosticsParams) -> Result<(), Failure> {
        let notification = Notification::new(PublishDiagnostics::METHOD.to_owned(), parameters);
        Ok(self.connection.sender.send(Message::Notification(notification))?)
    }

    fn code_actions(&self, parameters: &CodeActionParams) -> Value {
        let uri = &parameters.text_document.uri;
        let Some(document) = self.documents.get(uri.as_str()) else { return Value::Null };
        let wants = |kind: &CodeActionKind| {
            parameters.context.only.as_ref().is_none_or(|only| only.iter().any(|asked| kind.as_str().starts_with(asked.as_str())))
        };
        let mut actions: Vec<CodeActionOrCommand> = Vec::new();
        if wants(&CodeActionKind::QUICKFIX) {
            for finding in document.findings_in(parameters.range) {
                actions.extend(fix(uri, document, finding).map(CodeActionOrCommand::from));
                actions.push(suppress(uri, document, finding).into());
            }
        }
        if wants(&FIX_ALL) {
            actions.extend(fix_all(uri, document).map(CodeActionOrCommand::from));
        }
        json!(actions)
    }

    fn hover(&self, parameters: &HoverParams) -> Value {
        let place = &parameters.text_document_position_params;
        let Some(document) = self.documents.get(place.text_document.uri.as_str()) else { return Value::Null };
        let Some(finding) = document.findings_in(Range::new(place.position, place.position)).next() else { return Value::Null };
        let explanation = borealis_lint::explain(&finding.rule, document.report.dialect()).unwrap_or_default();
        let value = format!("**{}**\n\n{explanation}", finding.message);
        let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
        json!(Hover { contents, range: Some(document.range(finding.span)) })
    }
}

fn read<T: serde::de::DeserializeOwned>(params: Value) -> Result<T, String> {
    serde_json::from_value(params).map_err(|error| error.to_string())
}

/// The path of a `file:` address.
fn path_of(uri: &Uri) -> Option<PathBuf> {
    let path = uri.as_str().strip_prefix("file://")?;
    let decoded = percent_encoding::percent_decode_str(&path[path.find('/')?..]).decode_utf8().ok()?;
    Some(PathBuf::from(decoded.into_owned()))
}

fn edit(uri: &Uri, edits: Vec<TextEdit>) -> Option<WorkspaceEdit> {
    Some(WorkspaceEdit { changes: Some(HashMap::from([(uri.clone(), edits)])), ..WorkspaceEdit::default() })
}

fn fix(uri: &Uri, document: &Document, finding: &Finding) -> Option<CodeAction> {
    let fix = finding.fix.as_ref().filter(|_| finding.is_fixable())?;
    let title = match &fix.loss {
        Some(loss) => format!("Fix {}; lost: {loss}", finding.rule),
        None => format!("Fix {}", finding.rule),
    };
    Some(CodeAction {
        title,
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![document.diagnostic(finding)]),
        edit: edit(uri, document.edits(&fix.edits)),
        is_preferred: Some(fix.verdict == Verdict::Clean),
        ..CodeAction::default()
    })
}

fn suppress(uri: &Uri, document: &Document, finding: &Finding) -> CodeAction {
    CodeAction {
        title: format!("Disable {} for this statement", finding.rule),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![document.diagnostic(finding)]),
        edit: edit(uri, vec![document.suppression(finding)]),
        ..CodeAction::default()
    }
}

fn fix_all(uri: &Uri, document: &Document) -> Option<CodeAction> {
    let fixed = document.report.fix(true);
    (fixed.text != document.report.text()).then(|| CodeAction {
        title: "Apply all fixes that lose nothing".to_owned(),
        kind: Some(FIX_ALL),
        edit: edit(uri, vec![TextEdit::new(document.whole(), fixed.text)]),
        ..CodeAction::default()
    })
}
