//! Expressions as the descriptors keep them: text in PostgreSQL's fully parenthesised form.

/// The text without the parentheses around all of it, which is how the "pretty" functions begin; inner ones stay, they change nothing.
#[must_use]
pub fn pretty(expression: &str) -> &str {
    match expression.strip_prefix('(') {
        Some(inner) if closes_at_end(expression) => &inner[..inner.len() - 1],
        _ => expression,
    }
}

/// Whether a key expression can stand in an index's list without parentheses of its own: it is a single call.
pub(super) fn is_call(expression: &str) -> bool {
    let Some(open) = expression.find('(') else { return false };
    let name = &expression[..open];
    let identifier = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '"');
    !name.is_empty() && name.chars().all(identifier) && closes_at_end(&expression[open..])
}

/// Whether the parenthesis that opens the text is closed by its last character. Parentheses in literals and quoted names do not count.
fn closes_at_end(text: &str) -> bool {
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1 == text.len();
                }
            }
            _ => {}
        }
    }
    false
}
