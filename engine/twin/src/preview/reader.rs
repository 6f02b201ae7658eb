//! The one way down: reads of the world below, each made once.

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::Value;
use world::{
    Confidence, Origin,
    proxmox::{PortError, Reason},
};

use super::{caller::Credential, driver::Preview};

/// What a read was answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// The HTTP status.
    pub(super) status: u16,
    /// The reason phrase.
    pub(super) reason: String,
    /// The answer's `data`.
    pub(super) data: Value,
    /// The staged network changes as a diff.
    pub(super) changes: Option<String>,
}

impl Reading {
    /// Reads a response.
    pub(super) fn of(response: &Response<Bytes>) -> Self {
        let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        let reason = response.extensions().get::<Reason>();
        Self {
            status: response.status().as_u16(),
            reason: reason.map(|reason| reason.0.clone()).unwrap_or_default(),
            data: body.get("data").cloned().unwrap_or_default(),
            changes: body["changes"].as_str().map(str::to_owned),
        }
    }

    /// The items of a list; none if it's another answer.
    pub(super) fn items(&self) -> &[Value] {
        self.data.as_array().map_or(&[], Vec::as_slice)
    }

    /// The items of a list whose field is a text.
    pub(super) fn rows<'a>(
        &'a self,
        field: &'a str,
        text: &'a str,
    ) -> impl Iterator<Item = &'a Value> {
        self.items().iter().filter(move |row| row[field] == *text)
    }
}

/// `METHOD /path` without the query, for people.
pub(super) fn summary(request: &Request<Bytes>) -> String {
    let path = request.uri().path();
    let path = path.strip_prefix("/api2/json").unwrap_or(path);
    format!("{} {path}", request.method())
}

/// Whether a request is a login: the one write that the world below gets, because it changes nothing there.
pub(super) fn is_login(request: &Request<Bytes>) -> bool {
    request.method() == Method::POST && request.uri().path() == "/api2/json/access/ticket"
}

impl Preview {
    /// Sends a request to the world below. Whatever isn't a read or a login stops here.
    pub(super) async fn down(
        &self,
        address: &str,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, PortError> {
        if request.method() != Method::GET && !is_login(&request) {
            return Err(PortError::Unknown(Origin::of(format!(
                "what {} does",
                summary(&request)
            ))));
        }
        let mut response = self.below.send(address, request).await?;
        response.extensions_mut().insert(Confidence::Read);
        Ok(response)
    }

    /// Reads a path (with its query, below `/api2/json`) as somebody; an answer that was had before is given again.
    pub(super) async fn read(
        &self,
        address: &str,
        path: &str,
        credential: &Credential,
    ) -> Result<Response<Bytes>, PortError> {
        let place = (address.to_owned(), credential.who.clone(), path.to_owned());
        if let Some(known) = self.state().answers.get(&place) {
            return Ok(known.clone());
        }
        let mut request = Request::new(Bytes::new());
        let uri = format!("/api2/json{path}");
        *request.uri_mut() = uri.parse().map_err(|error| PortError::Unreachable {
            address: address.to_owned(),
            cause: format!("{uri}: {error}"),
        })?;
        credential.put_on(request.headers_mut());
        let response = self.down(address, request).await?;
        let mut state = self.state();
        state.digests.collect(&Reading::of(&response).data);
        // A refusal may be over at the next try; a task goes on.
        if response.status().is_success() && !path.contains("/tasks") {
            state.answers.insert(place, response.clone());
        }
        if response.status().as_u16() != 401 {
            state.callers.accept(address, credential);
        }
        Ok(response)
    }
}
