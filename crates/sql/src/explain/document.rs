//! JSON, YAML and XML, laid out as PostgreSQL lays them out.

use std::fmt::Write as _;

/// A format that is no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Format {
    Json,
    Yaml,
    Xml,
}

/// A value of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A string.
    Text(String),
    /// A number, or true or false: written as it is.
    Plain(String),
    /// Strings.
    List(Vec<String>),
    /// Named values.
    Object(Vec<(&'static str, Value)>),
    /// Objects, each of that name in XML.
    Objects(&'static str, Vec<Value>),
}

/// The document of one statement.
pub(super) fn write(format: Format, parts: Vec<(&'static str, Value)>) -> String {
    let mut out = String::new();
    match format {
        Format::Json => {
            out.push_str("[\n");
            json_indent(&mut out, 1);
            json(&mut out, &Value::Object(parts), 1);
            out.push_str("\n]");
        }
        Format::Yaml => yaml_object(&mut out, &parts, 0, true),
        Format::Xml => {
            out.push_str("<explain xmlns=\"http://www.postgresql.org/2009/explain\">\n");
            xml(&mut out, "Query", &Value::Object(parts), 1);
            out.push_str("</explain>");
        }
    }
    out.truncate(out.trim_end_matches('\n').len());
    out
}

fn json_indent(out: &mut String, depth: usize) {
    let _ = write!(out, "{:1$}", "", 2 * depth);
}

fn json(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Text(text) => out.push_str(&quoted(text)),
        Value::Plain(text) => out.push_str(text),
        Value::List(items) => {
            let _ = write!(out, "[{}]", items.iter().map(|item| quoted(item)).collect::<Vec<_>>().join(", "));
        }
        Value::Object(parts) => {
            out.push_str("{\n");
            for (index, (key, value)) in parts.iter().enumerate() {
                json_indent(out, depth + 1);
                let _ = write!(out, "{}: ", quoted(key));
                json(out, value, depth + 1);
                out.push_str(if index + 1 < parts.len() { ",\n" } else { "\n" });
            }
            json_indent(out, depth);
            out.push('}');
        }
        Value::Objects(_, objects) => {
            out.push_str("[\n");
            for (index, object) in objects.iter().enumerate() {
                json_indent(out, depth + 1);
                json(out, object, depth + 1);
                out.push_str(if index + 1 < objects.len() { ",\n" } else { "\n" });
            }
            json_indent(out, depth);
            out.push(']');
        }
    }
}

/// A JSON string, which is a YAML string too.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if u32::from(control) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// The parts of an object; `listed`: as an item of a list, whose first line begins with `- `.
fn yaml_object(out: &mut String, parts: &[(&'static str, Value)], indent: usize, listed: bool) {
    let inner = if listed { indent + 2 } else { indent };
    for (index, (key, value)) in parts.iter().enumerate() {
        if listed && index == 0 {
            let _ = write!(out, "{:indent$}- {key}: ", "");
        } else {
            let _ = write!(out, "{:inner$}{key}: ", "");
        }
        yaml_value(out, value, inner);
    }
}

fn yaml_value(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Text(text) => {
            let _ = writeln!(out, "{}", quoted(text));
        }
        Value::Plain(text) => {
            let _ = writeln!(out, "{text}");
        }
        Value::List(items) => {
            out.push('\n');
            for item in items {
                let _ = writeln!(out, "{:1$}- {2}", "", indent + 2, quoted(item));
            }
        }
        Value::Object(parts) => {
            out.push('\n');
            yaml_object(out, parts, indent + 2, false);
        }
        Value::Objects(_, objects) => {
            out.push('\n');
            for object in objects {
                if let Value::Object(parts) = object {
                    yaml_object(out, parts, indent + 2, true);
                }
            }
        }
    }
}

fn xml(out: &mut String, key: &str, value: &Value, depth: usize) {
    let tag = key.replace(' ', "-");
    let indent = 2 * depth;
    match value {
        Value::Text(text) => {
            let _ = writeln!(out, "{:indent$}<{tag}>{}</{tag}>", "", escaped(text));
        }
        Value::Plain(text) => {
            let _ = writeln!(out, "{:indent$}<{tag}>{text}</{tag}>", "");
        }
        Value::List(items) => {
            let _ = writeln!(out, "{:indent$}<{tag}>", "");
            for item in items {
                let _ = writeln!(out, "{:1$}<Item>{2}</Item>", "", indent + 2, escaped(item));
            }
            let _ = writeln!(out, "{:indent$}</{tag}>", "");
        }
        Value::Object(parts) => {
            let _ = writeln!(out, "{:indent$}<{tag}>", "");
            for (key, value) in parts {
                xml(out, key, value, depth + 1);
            }
            let _ = writeln!(out, "{:indent$}</{tag}>", "");
        }
        Value::Objects(name, objects) => {
            let _ = writeln!(out, "{:indent$}<{tag}>", "");
            for object in objects {
                xml(out, name, object, depth + 1);
            }
            let _ = writeln!(out, "{:indent$}</{tag}>", "");
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#x0d;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<(&'static str, Value)> {
        let leaf = Value::Object(vec![("Node Type", Value::Text("Seq Scan".to_owned())), ("Plan Rows", Value::Plain("5".to_owned()))]);
        let plan = vec![
            ("Node Type", Value::Text("Sort".to_owned())),
            ("Sort Key", Value::List(vec!["a".to_owned(), "(b < 'x\"')".to_owned()])),
            ("Plans", Value::Objects("Plan", vec![leaf])),
        ];
        vec![("Plan", Value::Object(plan)), ("Planning Time", Value::Plain("0.100".to_owned()))]
    }

    #[test]
    fn json_as_postgresql_writes_it() {
        let expected = r#"[
  {
    "Plan": {
      "Node Type": "Sort",
      "Sort Key": ["a", "(b < 'x\"')"],
      "Plans": [
        {
          "Node Type": "Seq Scan",
          "Plan Rows": 5
        }
      ]
    },
    "Planning Time": 0.100
  }
]"#;
        assert_eq!(write(Format::Json, sample()), expected);
    }

    #[test]
    fn yaml_as_postgresql_writes_it() {
        let expected = "- Plan: \n    Node Type: \"Sort\"\n    Sort Key: \n      - \"a\"\n      - \"(b < 'x\\\"')\"\n    Plans: \n      \
                        - Node Type: \"Seq Scan\"\n        Plan Rows: 5\n  Planning Time: 0.100";
        assert_eq!(write(Format::Yaml, sample()), expected);
    }

    #[test]
    fn xml_as_postgresql_writes_it() {
        let expected = r#"<explain xmlns="http://www.postgresql.org/2009/explain">
  <Query>
    <Plan>
      <Node-Type>Sort</Node-Type>
      <Sort-Key>
        <Item>a</Item>
        <Item>(b &lt; 'x"')</Item>
      </Sort-Key>
      <Plans>
        <Plan>
          <Node-Type>Seq Scan</Node-Type>
          <Plan-Rows>5</Plan-Rows>
        </Plan>
      </Plans>
    </Plan>
    <Planning-Time>0.100</Planning-Time>
  </Query>
</explain>"#;
        assert_eq!(write(Format::Xml, sample()), expected);
    }
}
