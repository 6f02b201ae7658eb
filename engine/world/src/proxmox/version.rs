//! Which release a node runs.

use super::{Answer, Api, ApiError, Asked, Identity, Request};

/// The oldest major release whose API is spoken here.
const OLDEST: u32 = 9;

impl Api {
    /// Reads the release that a node runs, and refuses one that's too old.
    ///
    /// # Errors
    /// The release is too old, named in [`ApiError::OldVersion`]; or see [`ApiError`].
    pub async fn version(&self, identity: &Identity, node: &str) -> Result<Answer, ApiError> {
        let request = Request::get("/version");
        supported(node, &request, self.call(identity, node, &request).await?)
    }

    /// Reads the release that a node runs, asking once: silence is an answer where a node may not be up yet.
    ///
    /// # Errors
    /// See [`version`](Self::version).
    pub async fn version_once(&self, identity: &Identity, node: &str) -> Result<Answer, ApiError> {
        let request = Request::get("/version");
        supported(
            node,
            &request,
            self.ask_once(identity, node, &request).await?,
        )
    }
}

fn supported(node: &str, request: &Request, answer: Answer) -> Result<Answer, ApiError> {
    let asked = Asked::new(node, request);
    let Some(found) = answer.field_text("version") else {
        let what = "no version in it".to_owned();
        return Err(ApiError::Malformed {
            asked,
            what,
            truncated: false,
        });
    };
    let major = found
        .split('.')
        .next()
        .and_then(|part| part.parse::<u32>().ok());
    match major {
        Some(major) if major >= OLDEST => Ok(answer),
        _ => Err(ApiError::OldVersion { asked, found }),
    }
}
