//! Digests of the world below. The model's own differ, so a write that names one of these is spared the check:
//! it was read in this plan, and nobody else writes into a preview.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Request;
use serde_json::Value;

/// The digests that answers of the world below had.
#[derive(Clone, Debug, Default)]
pub(super) struct Digests(BTreeSet<String>);

impl Digests {
    /// Remembers the digests in an answer: its own, or those of its items.
    pub(super) fn collect(&mut self, data: &Value) {
        let items = data.as_array().map_or(&[][..], Vec::as_slice);
        let objects = items.iter().chain(std::iter::once(data));
        let found = objects.filter_map(|object| object.get("digest").and_then(Value::as_str));
        self.0.extend(found.map(str::to_owned));
    }

    /// The request without a digest that the world below gave.
    pub(super) fn strip(&self, request: &Request<Bytes>) -> Request<Bytes> {
        let mut request = request.clone();
        if let Some(query) = request.uri().query()
            && let Some(kept) = self.without(query.as_bytes())
            && let Ok(uri) = format!("{}?{kept}", request.uri().path()).parse()
        {
            *request.uri_mut() = uri;
        }
        if let Some(kept) = self.without(request.body()) {
            *request.body_mut() = kept.into();
        }
        request
    }

    /// A form without a known digest; none if it has none.
    fn without(&self, form: &[u8]) -> Option<String> {
        let is_known = |name: &str, value: &str| name == "digest" && self.0.contains(value);
        let pairs: Vec<(_, _)> = form_urlencoded::parse(form).collect();
        if !pairs.iter().any(|(name, value)| is_known(name, value)) {
            return None;
        }
        let kept = pairs.iter().filter(|(name, value)| !is_known(name, value));
        Some(
            form_urlencoded::Serializer::new(String::new())
                .extend_pairs(kept)
                .finish(),
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn takes_out_only_what_the_world_below_gave() {
        let mut digests = Digests::default();
        digests.collect(&json!([{ "storage": "nas", "digest": "abc" }]));
        let strip = |body: &'static str| {
            let request = Request::new(Bytes::from_static(body.as_bytes()));
            digests.strip(&request).into_body()
        };
        assert_eq!(strip("content=iso&digest=abc"), "content=iso");
        assert_eq!(strip("content=iso&digest=abd"), "content=iso&digest=abd");
        assert_eq!(strip("comment=abc"), "comment=abc");
    }
}
