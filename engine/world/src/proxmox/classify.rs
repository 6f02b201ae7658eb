//! From an answer of the API to data or a typed error. Proxmox answers nearly everything with 500, so
//! the class is found in its words.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Answer, ApiError, Asked, Reason, lenient};
use crate::Confidence;

/// Reads an answer.
pub(crate) fn read(
    asked: &Asked,
    response: &http::Response<bytes::Bytes>,
) -> Result<Answer, ApiError> {
    let status = response.status().as_u16();
    let body = response.body();
    if status == 200 {
        let json = parse(asked, body)?;
        return Ok(Answer {
            changes: json.get("changes").and_then(lenient::text),
            total: json
                .get("total")
                .and_then(lenient::integer)
                .and_then(|n| u64::try_from(n).ok()),
            confidence: response
                .extensions()
                .get::<Confidence>()
                .cloned()
                .unwrap_or_default(),
            data: json.get("data").cloned().unwrap_or_default(),
        });
    }
    if response.status().is_redirection() {
        let to = response.headers().get(http::header::LOCATION);
        let to = to.and_then(|to| to.to_str().ok());
        return Err(ApiError::Redirected {
            asked: asked.clone(),
            status,
            to: to.unwrap_or("no place").to_owned(),
        });
    }
    let json = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let words = words(response, &json);
    Err(refused(asked, status, words, errors(&json)))
}

fn parse(asked: &Asked, body: &[u8]) -> Result<Value, ApiError> {
    let malformed = |what: String, truncated| ApiError::Malformed {
        asked: asked.clone(),
        what,
        truncated,
    };
    let start = body.trim_ascii_start();
    if start.starts_with(b"<") {
        return Err(malformed("HTML instead of JSON".to_owned(), false));
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(json) if json.get("data").is_some() => Ok(json),
        Ok(_) => Err(malformed("JSON without 'data'".to_owned(), false)),
        Err(error) if error.is_eof() => Err(malformed(
            format!("its body ends after {} bytes", body.len()),
            true,
        )),
        Err(error) => Err(malformed(format!("no JSON: {error}"), false)),
    }
}

/// The API's words: the body's message, which is whole, else the status line's reason.
fn words(response: &http::Response<bytes::Bytes>, json: &Value) -> String {
    let message = json.get("message").and_then(Value::as_str).map(str::trim);
    if let Some(message) = message.filter(|message| !message.is_empty()) {
        return message.to_owned();
    }
    match response.extensions().get::<Reason>() {
        Some(Reason(reason)) if !reason.is_empty() => reason.clone(),
        _ => response
            .status()
            .canonical_reason()
            .unwrap_or("no reason given")
            .to_owned(),
    }
}

fn errors(json: &Value) -> BTreeMap<String, String> {
    let Some(map) = json.get("errors").and_then(Value::as_object) else {
        return BTreeMap::new();
    };
    map.iter()
        .map(|(name, text)| {
            let text = lenient::text(text).unwrap_or_else(|| text.to_string());
            (name.clone(), text.trim().to_owned())
        })
        .collect()
}

fn refused(
    asked: &Asked,
    status: u16,
    words: String,
    errors: BTreeMap<String, String>,
) -> ApiError {
    let asked = asked.clone();
    match status {
        401 => ApiError::Ticket {
            asked,
            who: String::new(),
            words,
        },
        403 => permission(asked, words),
        501 => ApiError::NotImplemented { asked, words },
        502..=504 | 595..=599 => ApiError::Proxy {
            asked,
            status,
            words,
        },
        _ if !errors.is_empty() => parameters(asked, words, errors),
        _ => by_words(asked, status, words),
    }
}

fn permission(asked: Asked, words: String) -> ApiError {
    if words.contains("user != root@pam") {
        return ApiError::RootOnly { asked, words };
    }
    let inner = words
        .split_once('(')
        .and_then(|(_, rest)| rest.rsplit_once(')'));
    let (path, privileges) = inner
        .and_then(|(inner, _)| inner.split_once(", "))
        .filter(|(path, _)| path.starts_with('/'))
        .map_or_else(Default::default, |(path, names)| {
            (path.to_owned(), names.to_owned())
        });
    ApiError::Permission {
        asked,
        path,
        privileges,
        words,
    }
}

fn parameters(asked: Asked, words: String, errors: BTreeMap<String, String>) -> ApiError {
    if let Some(text) = errors.values().find(|text| text.starts_with("No such ")) {
        return ApiError::NotFound {
            asked,
            words: text.clone(),
        };
    }
    if let Some(text) = errors.values().find(|text| text.contains("Only root may")) {
        return ApiError::RootOnly {
            asked,
            words: text.clone(),
        };
    }
    ApiError::Parameters {
        asked,
        errors,
        words,
    }
}

fn by_words(asked: Asked, status: u16, words: String) -> ApiError {
    let text = words.to_ascii_lowercase();
    let has = |needles: &[&str]| needles.iter().any(|needle| text.contains(needle));
    if has(&["no quorum"]) {
        ApiError::NoQuorum { asked, words }
    } else if has(&[
        "detected modified configuration",
        "checksum mismatch (file change",
    ]) {
        ApiError::Digest { asked, words }
    } else if has(&[
        "is locked",
        "can't lock file",
        "can't acquire lock",
        "got lock timeout",
        "got lock request timeout",
    ]) {
        ApiError::Locked { asked, words }
    } else if has(&["already exists", "already defined"]) {
        ApiError::AlreadyExists { asked, words }
    } else if has(&["only root can", "only root may"]) {
        ApiError::RootOnly { asked, words }
    } else if has(&["does not exist", "no such", "not found"]) {
        ApiError::NotFound { asked, words }
    } else {
        ApiError::Server {
            asked,
            status,
            words,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{code, proxmox::Request};

    fn answer(status: u16, reason: &str, body: &str) -> Result<Answer, ApiError> {
        let mut response = http::Response::builder()
            .status(status)
            .body(Bytes::copy_from_slice(body.as_bytes()))
            .unwrap();
        response.extensions_mut().insert(Reason(reason.to_owned()));
        read(&Asked::new("pve1", &Request::get("/x")), &response)
    }

    const CLASSES: &[(u16, &str, &str)] = &[
        (401, "No ticket", "ticket"),
        (
            403,
            "Permission check failed (/vms/100, VM.Allocate)",
            "permission",
        ),
        (
            403,
            "Permission check failed (user != root@pam)",
            "root_only",
        ),
        (
            424,
            "node is not in a cluster, no join info available!",
            "server",
        ),
        (500, "storage 'x' does not exist", "not_found"),
        (500, "no such user ('x')", "not_found"),
        (500, "mapping 'x' not found", "not_found"),
        (
            500,
            "VM 201 already exists on node 'pve1'",
            "already_exists",
        ),
        (
            500,
            "create storage failed: storage ID 'nas' already defined",
            "already_exists",
        ),
        (500, "VM is locked (backup)", "locked"),
        (
            500,
            "can't lock file '/var/lock/x.lck' - got timeout",
            "locked",
        ),
        (
            500,
            "cfs-lock 'file-user_cfg' error: got lock request timeout",
            "locked",
        ),
        (
            500,
            "cfs-lock 'file-user_cfg' error: no quorum!",
            "no_quorum",
        ),
        (500, "cluster not ready - no quorum?", "no_quorum"),
        (
            500,
            "checksum mismatch (file change by other user?)",
            "digest",
        ),
        (
            500,
            "update storage failed: detected modified configuration - file changed by other user? Try again.",
            "digest",
        ),
        (500, "only root can set 'args' config", "root_only"),
        (
            500,
            "interface 'eno2' - mtu 1500 is lower than 'vmbr9' - mtu 9000",
            "server",
        ),
        (501, "Method 'GET /x' not implemented", "not_implemented"),
        (595, "Connection timed out", "proxy"),
        (596, "Broken pipe", "proxy"),
    ];

    #[test]
    fn finds_the_class_in_the_words() {
        for (status, reason, class) in CLASSES {
            let error = answer(*status, reason, "").unwrap_err();
            assert_eq!(
                error.code().as_str(),
                format!("homelab::proxmox::{class}"),
                "{reason}"
            );
            assert!(error.to_string().contains(reason), "{error}");
            assert!(error.to_string().contains("GET /x on pve1"), "{error}");
        }
    }

    #[test]
    fn names_path_and_privileges_of_a_permission() {
        let error = answer(
            403,
            "Permission check failed (/vms/100, VM.Audit|VM.Allocate)",
            "",
        )
        .unwrap_err();
        let ApiError::Permission {
            path, privileges, ..
        } = &error
        else {
            panic!("{error:?}");
        };
        assert_eq!(
            (path.as_str(), privileges.as_str()),
            ("/vms/100", "VM.Audit|VM.Allocate")
        );
        assert!(
            error
                .help()
                .unwrap()
                .contains("grant VM.Audit|VM.Allocate on /vms/100")
        );
    }

    #[test]
    fn lists_every_refused_parameter() {
        let body = r#"{"data":null,"message":"Parameter verification failed.\n","errors":{"b":"two\n","a":"one"}}"#;
        let error = answer(400, "Parameter verification failed.", body).unwrap_err();
        assert_eq!(
            error.to_string(),
            "GET /x on pve1: Parameter verification failed.\n  a: one\n  b: two"
        );
        let absent = r#"{"data":null,"errors":{"storage":"No such storage."}}"#;
        assert!(
            answer(400, "Parameter verification failed.", absent)
                .unwrap_err()
                .is_absent()
        );
    }

    #[test]
    fn tells_what_is_no_answer_of_the_api() {
        for (body, text) in [
            ("<html><body>hello", "HTML instead of JSON"),
            ("{\"data\":[1,", "ends after 11 bytes"),
            ("", "ends after 0 bytes"),
            ("hello", "no JSON"),
            ("{\"x\":1}", "without 'data'"),
        ] {
            let error = answer(200, "OK", body).unwrap_err();
            assert!(error.to_string().contains(text), "{error}");
            assert!(error.outcome_unknown());
        }
    }

    #[test]
    fn keeps_what_stands_beside_the_data() {
        let answer = answer(200, "OK", r#"{"data":[],"total":"7","changes":"--- a\n"}"#).unwrap();
        assert_eq!(
            (answer.total, answer.changes.as_deref()),
            (Some(7), Some("--- a\n"))
        );
    }

    #[test]
    fn what_hinders_a_new_user_has_its_own_cure() {
        let asked = Asked::new("pve1", &Request::get("/x"));
        let words = "a second factor is asked for, which an unattended login can't give".to_owned();
        let user = "root@pam".to_owned();
        let factor = ApiError::Login { asked, user, words }.help().unwrap();
        assert!(factor.contains("second factor off root@pam"), "{factor}");
        let other = "hostname lookup 'pve1' failed - failed to get address info for: pve1: Name or service not known";
        let other = answer(500, other, "").unwrap_err().help().unwrap();
        assert!(other.contains("another name than docs say"), "{other}");
        let moved = answer(301, "Moved", "").unwrap_err();
        assert_eq!(moved.code(), code::proxmox::redirected);
        assert!(moved.help().unwrap().contains("port 8006"), "{moved}");
    }
}
