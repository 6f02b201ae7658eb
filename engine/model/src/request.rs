//! A request as it came: method, path, and parameters from query and body.

use bytes::Bytes;
use http::header;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::stop::Stop;

/// The greatest body, except an upload's.
const LIMIT: usize = 512 * 1024;

/// A request, taken apart.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The method's name.
    pub method: String,
    /// The path below `/api2/json`, percent-decoded, with one slash between parts.
    pub path: String,
    /// The parts of the path, each percent-decoded.
    pub parts: Vec<String>,
}

/// Takes the line of a request apart.
pub fn line(request: &http::Request<Bytes>) -> Result<Parsed, Stop> {
    let method = request.method().as_str().to_owned();
    let raw = request.uri().path();
    let Some(path) = raw.strip_prefix("/api2/json") else {
        return Err(Stop::not_implemented(&method, raw));
    };
    let parts: Vec<String> = percent_decode_str(path)
        .decode_utf8_lossy()
        .split('/')
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    let path = if parts.is_empty() {
        "/".to_owned()
    } else {
        format!("/{}", parts.join("/"))
    };
    Ok(Parsed {
        method,
        path,
        parts,
    })
}

/// The parameters of a request: the body's, and over them the query's.
pub fn params(request: &http::Request<Bytes>) -> Result<Map<String, Value>, Stop> {
    let body = request.body();
    let mut params = if body.is_empty() {
        Map::new()
    } else {
        body_params(request)?
    };
    if let Some(query) = request.uri().query() {
        for (name, value) in form(query.as_bytes()) {
            params.insert(name, value);
        }
    }
    Ok(params)
}

fn body_params(request: &http::Request<Bytes>) -> Result<Map<String, Value>, Stop> {
    let method = request.method().as_str();
    if !matches!(method, "POST" | "PUT") {
        return Err(Stop::status(
            501,
            format!("Unexpected content for method '{method}'"),
        ));
    }
    let kind = content_type(request);
    if kind == "multipart/form-data" {
        return super::upload::params(request);
    }
    if request.body().len() > LIMIT {
        return Err(Stop::status(501, "for data too large"));
    }
    match kind.as_str() {
        "application/json" => match serde_json::from_slice(request.body()) {
            Ok(Value::Object(params)) => Ok(params),
            _ => Err(Stop::status(400, "Bad Request")),
        },
        "" | "application/x-www-form-urlencoded" => Ok(form(request.body())),
        other => Err(Stop::status(
            501,
            format!("upload Content-Type '{other}' not implemented"),
        )),
    }
}

/// The type of the body, without its parameters.
fn content_type(request: &http::Request<Bytes>) -> String {
    let value = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = value
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

/// A form's parameters; a repeated key's values stand in one text with NUL between them.
fn form(bytes: &[u8]) -> Map<String, Value> {
    let mut params = Map::new();
    for (name, value) in form_urlencoded::parse(bytes) {
        let value = match params.get(name.as_ref()).and_then(Value::as_str) {
            Some(old) => format!("{old}\0{value}"),
            None => value.into_owned(),
        };
        params.insert(name.into_owned(), value.into());
    }
    params
}
