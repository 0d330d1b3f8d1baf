//! Writes a parsed pattern in the syntax of the `regex` crate.

use super::parse::Tree;

/// `force`: the kind given to every quantifier, in place of its own.
pub(super) fn emit(tree: &Tree, force: Option<bool>) -> String {
    let mut out = String::new();
    write(tree, force, &mut out);
    out
}

fn write(tree: &Tree, force: Option<bool>, out: &mut String) {
    match tree {
        Tree::Empty => {}
        Tree::Literal(character) => out.push_str(&regex::escape(character.encode_utf8(&mut [0; 4]))),
        Tree::Raw(raw) => out.push_str(raw),
        Tree::Concat(parts) => parts.iter().for_each(|part| write(part, force, out)),
        Tree::Alternate(branches) => {
            for (index, branch) in branches.iter().enumerate() {
                out.push_str(if index > 0 { "|" } else { "" });
                write(branch, force, out);
            }
        }
        Tree::Group { capturing, inner } => {
            out.push_str(if *capturing { "(" } else { "(?:" });
            write(inner, force, out);
            out.push(')');
        }
        // `{1,1}` and `{1,1}?` exist to give their operand a preference; `substring(.. similar ..)` is made of them.
        Tree::Repeat { inner, min: 1, max: Some(1), greedy } => write(inner, force.or(Some(*greedy)), out),
        Tree::Repeat { inner, min, max, greedy } => {
            // The operand is made a group: the target would read a quantifier after a quantifier differently.
            out.push_str("(?:");
            write(inner, force, out);
            out.push(')');
            write_bounds(*min, *max, out);
            if !force.unwrap_or(*greedy) {
                out.push('?');
            }
        }
    }
}

fn write_bounds(min: u32, max: Option<u32>, out: &mut String) {
    match (min, max) {
        (0, None) => out.push('*'),
        (1, None) => out.push('+'),
        (0, Some(1)) => out.push('?'),
        (min, None) => out.push_str(&format!("{{{min},}}")),
        (min, Some(max)) => out.push_str(&format!("{{{min},{max}}}")),
    }
}
