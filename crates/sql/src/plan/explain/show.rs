//! An explained plan as text, JSON or YAML (`explain.c`).

use std::fmt::Write;

use super::{Format, Shown};

/// What a property of an operator is.
#[derive(Clone, Debug, PartialEq)]
pub enum Property {
    /// A text.
    Text(String),
    /// A number, as it is written.
    Number(String),
    /// Lines that are shown below each other.
    Lines(Vec<String>),
}

/// The rows of the result.
pub(super) fn rows(root: &Shown, summary: &[(String, Property)], format: Format) -> Vec<String> {
    match format {
        Format::Text => {
            let mut lines = Vec::new();
            text(root, 0, &mut lines);
            lines.extend(summary.iter().map(|(name, value)| match value {
                Property::Number(number) => format!("{name}: {number}{}", unit(name)),
                other => format!("{name}: {}", joined(other)),
            }));
            lines
        }
        Format::Json => {
            let mut out = String::from("[\n  {\n    \"Plan\": ");
            json(None, root, 4, &mut out);
            for (name, value) in summary {
                _ = write!(out, ",\n    {}: ", quoted(name));
                json_value(value, 4, &mut out);
            }
            out.push_str("\n  }\n]");
            vec![out]
        }
        Format::Yaml => {
            let mut out = String::from("- Plan: ");
            yaml(root, 4, &mut out);
            for (name, value) in summary {
                yaml_property(name, value, 2, &mut out);
            }
            vec![out]
        }
    }
}

fn unit(name: &str) -> &'static str {
    if name.ends_with("Time") { " ms" } else { "" }
}

fn joined(value: &Property) -> String {
    match value {
        Property::Text(text) | Property::Number(text) => text.clone(),
        Property::Lines(items) => items.join(", "),
    }
}

fn text(shown: &Shown, depth: usize, lines: &mut Vec<String>) {
    let title = format!("{}{}", shown.title, shown.numbers);
    lines.push(match depth {
        0 => title,
        _ => format!("{}->  {title}", "      ".repeat(depth - 1) + "  "),
    });
    let indent = "      ".repeat(depth) + "  ";
    for (name, value) in &shown.properties {
        match value {
            Property::Lines(items) => {
                lines.push(format!("{indent}{name}:"));
                lines.extend(items.iter().map(|line| format!("{indent}  {line}")));
            }
            other => lines.push(format!("{indent}{name}: {}", joined(other))),
        }
    }
    for (name, child) in &shown.children {
        if let Some(name) = name {
            lines.push(format!("{indent}{name}"));
        }
        text(child, depth + 1, lines);
    }
}

/// `name`: of a subplan.
fn json(name: Option<&str>, shown: &Shown, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent + 2);
    _ = write!(out, "{{\n{pad}\"Node Type\": {}", quoted(&shown.node_type));
    if let Some(name) = name {
        _ = write!(out, ",\n{pad}\"Subplan Name\": {}", quoted(name));
    }
    for (name, value) in shown.properties.iter().chain(&shown.measured) {
        _ = write!(out, ",\n{pad}{}: ", quoted(name));
        json_value(value, indent + 2, out);
    }
    if !shown.children.is_empty() {
        _ = write!(out, ",\n{pad}\"Plans\": [");
        for (i, (name, child)) in shown.children.iter().enumerate() {
            _ = write!(out, "{}\n{pad}  ", if i > 0 { "," } else { "" });
            json(name.as_deref(), child, indent + 4, out);
        }
        _ = write!(out, "\n{pad}]");
    }
    _ = write!(out, "\n{}}}", " ".repeat(indent));
}

fn json_value(value: &Property, indent: usize, out: &mut String) {
    match value {
        Property::Text(text) => out.push_str(&quoted(text)),
        Property::Number(number) => out.push_str(number),
        Property::Lines(items) => {
            let pad = " ".repeat(indent + 2);
            let items: Vec<String> = items.iter().map(|item| format!("\n{pad}{}", quoted(item))).collect();
            _ = write!(out, "[{}\n{}]", items.join(","), " ".repeat(indent));
        }
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    pg::json::write_json_string(text, &mut out);
    out
}

fn yaml(shown: &Shown, indent: usize, out: &mut String) {
    _ = write!(out, "\n{}Node Type: {}", " ".repeat(indent), quoted(&shown.node_type));
    for (name, value) in shown.properties.iter().chain(&shown.measured) {
        yaml_property(name, value, indent, out);
    }
    if shown.children.is_empty() {
        return;
    }
    _ = write!(out, "\n{}Plans: ", " ".repeat(indent));
    for (name, child) in &shown.children {
        let mut inner = String::new();
        yaml(child, indent + 4, &mut inner);
        if let Some(name) = name {
            _ = write!(inner, "\n{}Subplan Name: {}", " ".repeat(indent + 4), quoted(name));
        }
        let inner = inner.trim_start_matches(['\n', ' ']);
        _ = write!(out, "\n{}- {inner}", " ".repeat(indent + 2));
    }
}

fn yaml_property(name: &str, value: &Property, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match value {
        Property::Text(text) => _ = write!(out, "\n{pad}{name}: {}", quoted(text)),
        Property::Number(number) => _ = write!(out, "\n{pad}{name}: {number}"),
        Property::Lines(items) => {
            _ = write!(out, "\n{pad}{name}: ");
            items.iter().for_each(|item| _ = write!(out, "\n{pad}  - {}", quoted(item)));
        }
    }
}
