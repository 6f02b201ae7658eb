//! What proves who asks: tickets with their CSRF token, and API tokens. Also the request on the wire.

use std::{collections::HashMap, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, header};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Method, Node, Request};
use crate::{Secret, clock::Moment};

/// A ticket lives two hours; it's renewed when this much of it has passed.
pub(super) const RENEW_AFTER: Duration = Duration::from_secs(100 * 60);

/// From then on a ticket is of no use, also not for its own renewal.
pub(super) const DEAD_AFTER: Duration = Duration::from_secs(119 * 60);

/// The header's value is percent-decoded, so `%` itself must be encoded.
const TOKEN: &AsciiSet = &CONTROLS.add(b'%').add(b' ');

/// What the calls of one run know about the lab's nodes and their credentials.
#[derive(Default)]
pub(super) struct State {
    pub(super) nodes: Vec<Node>,
    pub(super) root: Option<(String, Secret)>,
    pub(super) tokens: HashMap<String, Secret>,
    pub(super) tickets: HashMap<String, Ticket>,
}

/// A ticket of one node.
#[derive(Clone)]
pub(super) struct Ticket {
    pub(super) value: Secret,
    pub(super) csrf: Secret,
    pub(super) since: Moment,
}

/// What is put on a request.
#[derive(Clone)]
pub(super) enum Proof {
    /// Nothing: for the login itself.
    None,
    Ticket(Ticket),
    Token {
        id: String,
        secret: Secret,
    },
}

/// Encodes a request for the wire: parameters in the query of `GET` and `DELETE`, else in the body.
pub(super) fn encode(
    request: &Request,
    proof: &Proof,
) -> Result<http::Request<Bytes>, http::Error> {
    let form = request.form();
    let in_body = matches!(request.method, Method::Post | Method::Put);
    let mut uri = format!("/api2/json{}", request.path);
    if !in_body && !form.is_empty() {
        uri = format!("{uri}?{form}");
    }
    let mut builder = http::Request::builder()
        .method(request.method.as_str())
        .uri(uri);
    match proof {
        Proof::None => {}
        Proof::Ticket(ticket) => {
            let cookie = utf8_percent_encode(ticket.value.expose(), NON_ALPHANUMERIC);
            builder = builder.header(header::COOKIE, secret(&format!("PVEAuthCookie={cookie}"))?);
            if request.method != Method::Get {
                builder = builder.header("CSRFPreventionToken", secret(ticket.csrf.expose())?);
            }
        }
        Proof::Token { id, secret: value } => {
            let (id, value) = (
                utf8_percent_encode(id, TOKEN),
                utf8_percent_encode(value.expose(), TOKEN),
            );
            builder = builder.header(
                header::AUTHORIZATION,
                secret(&format!("PVEAPIToken={id}={value}"))?,
            );
        }
    }
    if !in_body {
        return builder.body(Bytes::new());
    }
    builder
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from(form))
}

/// A header value that debug output doesn't show.
fn secret(text: &str) -> Result<HeaderValue, http::Error> {
    let mut value = HeaderValue::from_str(text)?;
    value.set_sensitive(true);
    Ok(value)
}
