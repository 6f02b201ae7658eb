//! Addresses, URLs and passwords that are written into scripts: they belong in `docs/` and in the environment.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rhai::{ASTNode, Dynamic, Expr, Position, Stmt};
use world::code;

use super::{
    Request,
    file::{File, written},
    finding::Finding,
    nodes::Call,
    schema::Schema,
    shape::{Field, Shape},
};

/// Checks every literal of a file.
pub(super) fn check(request: &Request, file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for node in file.nodes() {
        match node {
            ASTNode::Expr(Expr::StringConstant(text, position)) => {
                facts(file, text, *position, &mut findings)
            }
            ASTNode::Expr(Expr::DynamicConstant(value, position)) => {
                constants(value, &mut |text| {
                    facts(file, text, *position, &mut findings)
                });
            }
            ASTNode::Stmt(Stmt::Var(parts, ..)) => {
                if let Some((text, position)) = written(&parts.1)
                    && is_secret_name(&parts.0.name)
                    && is_value(&text)
                {
                    findings.push(secret(file, &parts.0.name, position));
                }
            }
            ASTNode::Expr(expr @ Expr::Map(..)) => map(&Shape::of(expr), None, file, &mut findings),
            _ => {}
        }
    }
    for call in file.calls() {
        if let Some(operation) = request.operations.get(&call.name) {
            fields(&call, Schema::new(&operation.schema), file, &mut findings);
        }
    }
    findings
}

fn facts(file: &File, text: &str, position: Position, findings: &mut Vec<Finding>) {
    if let Some(url) = url(text) {
        let message = format!("the URL {url} is written into the script");
        findings.push(
            Finding::error(code::runbook::url, message, file.place(position))
                .help("put it into a table of docs/ and read it with facts::table, or into the environment"),
        );
    } else if let Some(address) = address(text) {
        let message = format!("the address {address} is written into the script");
        findings.push(
            Finding::error(code::runbook::address, message, file.place(position))
                .help("put it into a table of docs/ and read it with facts::table"),
        );
    }
}

fn constants(value: &Dynamic, visit: &mut impl FnMut(&str)) {
    if let Some(map) = value.read_lock::<rhai::Map>() {
        map.values().for_each(|inner| constants(inner, visit));
    } else if let Some(items) = value.read_lock::<rhai::Array>() {
        items.iter().for_each(|inner| constants(inner, visit));
    } else if let Ok(text) = value.clone().into_string() {
        visit(&text);
    }
}

/// A URL with a host that is written out.
fn url(text: &str) -> Option<&str> {
    let at = text.find("://")?;
    let is_word =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.');
    let start = text[..at]
        .rfind(|letter| !is_word(letter))
        .map_or(0, |before| {
            before + text[before..].chars().next().map_or(1, char::len_utf8)
        });
    let host = text[at + 3..]
        .chars()
        .next()
        .is_some_and(|letter| letter.is_alphanumeric() || letter == '[');
    let end = text[at..]
        .find(char::is_whitespace)
        .map_or(text.len(), |length| at + length);
    (start < at && host).then(|| &text[start..end])
}

/// An address of an interface in a network, or of hardware. Those that mean the machine itself, or any, aren't.
fn address(text: &str) -> Option<&str> {
    // Whole words: the end of a function's name, `mapping::ensure`, is no address.
    let in_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | ':' | '-');
    let words = text
        .split(|letter: char| !in_word(letter))
        .map(|word| word.trim_matches(['.', '-']));
    words
        .into_iter()
        .find(|word| is_network_address(word) || is_hardware_address(word))
}

fn is_network_address(word: &str) -> bool {
    let host = match word.split_once(':') {
        Some((host, port))
            if !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit()) =>
        {
            host
        }
        _ => word,
    };
    let address = host
        .parse::<Ipv4Addr>()
        .map(IpAddr::V4)
        .or_else(|_| word.parse::<Ipv6Addr>().map(IpAddr::V6));
    address.is_ok_and(|address| !address.is_loopback() && !address.is_unspecified())
}

fn is_hardware_address(word: &str) -> bool {
    [':', '-'].into_iter().any(|separator| {
        let parts: Vec<&str> = word.split(separator).collect();
        let is_byte =
            |part: &&str| part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_hexdigit());
        parts.len() == 6 && parts.iter().all(is_byte)
    })
}

/// Looks for secrets in the literal fields of an operation's argument, by its schema.
fn fields(call: &Call, schema: Schema, file: &File, findings: &mut Vec<Finding>) {
    for argument in call.args {
        map(&Shape::of(argument), Some(schema), file, findings);
    }
}

fn map(shape: &Shape, schema: Option<Schema>, file: &File, findings: &mut Vec<Finding>) {
    let Shape::Map(given) = shape else { return };
    let known = schema.and_then(Schema::fields);
    for field in given {
        let own = known
            .iter()
            .flatten()
            .find(|(name, _)| *name == field.name)
            .map(|(_, schema)| *schema);
        let by_schema = own.is_some_and(Schema::is_secret);
        let by_name = known.is_none() && is_secret_name(&field.name);
        if (by_schema || by_name) && is_written(field) {
            findings.push(secret(file, &field.name, field.position));
        }
    }
}

fn is_written(field: &Field) -> bool {
    matches!(&field.value, Shape::Text(Some(text)) if is_value(text))
}

fn secret(file: &File, name: &str, position: Position) -> Finding {
    let message = format!("the value of `{name}` is written into the script");
    Finding::error(code::runbook::password, message, file.place(position))
        .help("keep it in the environment and read it with secret(\"NAME\")")
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_lowercase();
    ["password", "passphrase", "secret", "token"]
        .iter()
        .any(|word| name == *word || name.ends_with(&format!("_{word}")))
}

/// Whether a text could be a secret's value: not empty, and no name of the environment.
fn is_value(text: &str) -> bool {
    let is_name = text.contains('_')
        && text
            .chars()
            .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_');
    !text.is_empty() && !is_name
}

#[cfg(test)]
mod tests {
    use super::{address, url};

    #[test]
    fn knows_addresses_from_versions_and_names() {
        for (text, found) in [
            ("10.10.10.2", Some("10.10.10.2")),
            ("10.10.10.2/24", Some("10.10.10.2")),
            ("10.0.0.1:8006", Some("10.0.0.1:8006")),
            ("via fd00::1 now", Some("fd00::1")),
            ("bc:24:11:00:00:01", Some("bc:24:11:00:00:01")),
            ("BC-24-11-00-00-01", Some("BC-24-11-00-00-01")),
            ("1.0.0", None),
            ("0.0.0.0/0", None),
            ("::", None),
            ("127.0.0.1", None),
            ("proxmox::storage", None),
            ("1.2-cluster", None),
            ("12:30", None),
            ("10de:27b2", None),
            ("0000:01:00.0", None),
        ] {
            assert_eq!(address(text), found, "{text}");
        }
    }

    #[test]
    fn knows_urls_with_a_host() {
        for (text, found) in [
            ("https://example.org/x y", Some("https://example.org/x")),
            ("see http://a", Some("http://a")),
            ("https://", None),
            ("a :// b", None),
            ("://x", None),
        ] {
            assert_eq!(url(text), found, "{text}");
        }
    }
}
