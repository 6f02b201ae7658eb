//! From a path to the endpoint that answers it.

use serde_json::{Map, Value};

use super::declare::Endpoint;

/// The endpoint of a method and path, with the parameters that stand in the path.
///
/// A fixed part wins over a parameter; a parameter takes no blanks. The last parameter of a volume's path
/// takes slashes too.
pub(crate) fn find(
    endpoints: &[&'static [Endpoint]],
    method: &str,
    parts: &[String],
) -> Option<(&'static Endpoint, Map<String, Value>)> {
    let mut best: Option<(usize, &'static Endpoint, Map<String, Value>)> = None;
    for endpoint in endpoints.iter().copied().flatten() {
        if endpoint.declaration.method.as_str() != method {
            continue;
        }
        if let Some((params, fixed)) = fit(endpoint.declaration.path, parts)
            && best.as_ref().is_none_or(|(most, ..)| fixed > *most)
        {
            best = Some((fixed, endpoint, params));
        }
    }
    best.map(|(_, endpoint, params)| (endpoint, params))
}

/// The parameters in a path that fits, and how many of its parts are fixed.
fn fit(template: &str, parts: &[String]) -> Option<(Map<String, Value>, usize)> {
    let pattern: Vec<&str> = template
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let takes_rest = pattern.last() == Some(&"{volume}");
    if parts.len() < pattern.len() || (parts.len() > pattern.len() && !takes_rest) {
        return None;
    }
    let mut params = Map::new();
    let mut fixed = 0;
    for (place, piece) in pattern.iter().enumerate() {
        let Some(name) = piece
            .strip_prefix('{')
            .and_then(|piece| piece.strip_suffix('}'))
        else {
            if *piece != parts[place] {
                return None;
            }
            fixed += 1;
            continue;
        };
        let value = if name == "volume" {
            parts[place..].join("/")
        } else {
            parts[place].clone()
        };
        if value.contains(char::is_whitespace) {
            return None;
        }
        params.insert(name.to_owned(), value.into());
    }
    Some((params, fixed))
}
