//! Uploads: a form in parts, its fields first, the file last.

use bytes::Bytes;
use http::header;
use md5::{Digest as _, Md5};
use serde_json::{Map, Value, json};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};

use super::stop::Stop;

/// The parameter under which a handler finds the file: `name`, `size`, and its `sums` by algorithm.
pub const FILE: &str = "\0file";

/// The fields of an upload. The file's name is parameter `filename`; what it is stands under [`FILE`].
pub(super) fn params(request: &http::Request<Bytes>) -> Result<Map<String, Value>, Stop> {
    let bad = || Stop::status(400, "Bad Request");
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let boundary = kind
        .and_then(|kind| kind.split_once("boundary="))
        .map(|(_, mark)| {
            mark.split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .trim_matches('"')
        })
        .filter(|mark| !mark.is_empty())
        .ok_or_else(bad)?;
    let mark = format!("--{boundary}");
    let body = request.body().as_ref();
    let mut params = Map::new();
    let mut rest = after(body, mark.as_bytes()).ok_or_else(bad)?;
    while !rest.starts_with(b"--") {
        let part = rest.strip_prefix(b"\r\n").ok_or_else(bad)?;
        let end = find(part, format!("\r\n{mark}").as_bytes()).ok_or_else(bad)?;
        add_part(&part[..end], &mut params).ok_or_else(bad)?;
        rest = &part[end + 2 + mark.len()..];
    }
    Ok(params)
}

fn add_part(part: &[u8], params: &mut Map<String, Value>) -> Option<()> {
    let end = find(part, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&part[..end]).into_owned();
    let content = &part[end + 4..];
    let name = attribute(&head, "name")?;
    // The file ends the fields that the daemon reads: nothing may follow it.
    if params.contains_key(FILE) {
        return None;
    }
    // A checksum is only read once its algorithm is known.
    if name == "checksum" && !params.contains_key("checksum-algorithm") {
        return None;
    }
    if let Some(file) = attribute(&head, "filename") {
        params.insert("filename".to_owned(), file.clone().into());
        let size = content.len();
        params.insert(
            FILE.to_owned(),
            json!({ "name": file, "size": size, "sums": sums(content) }),
        );
    } else {
        params.insert(name, String::from_utf8_lossy(content).into_owned().into());
    }
    Some(())
}

/// The sums of a file by algorithm.
fn sums(content: &[u8]) -> Value {
    json!({
        "md5": hex::encode(Md5::digest(content)),
        "sha1": hex::encode(Sha1::digest(content)),
        "sha224": hex::encode(Sha224::digest(content)),
        "sha256": hex::encode(Sha256::digest(content)),
        "sha384": hex::encode(Sha384::digest(content)),
        "sha512": hex::encode(Sha512::digest(content)),
    })
}

fn attribute(head: &str, name: &str) -> Option<String> {
    let line = head
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with("content-disposition"))?;
    line.split(';').find_map(|piece| {
        let value = piece.trim().strip_prefix(name)?.strip_prefix('=')?;
        Some(value.trim_matches('"').to_owned())
    })
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

fn after<'a>(text: &'a [u8], what: &[u8]) -> Option<&'a [u8]> {
    find(text, what).map(|at| &text[at + what.len()..])
}
