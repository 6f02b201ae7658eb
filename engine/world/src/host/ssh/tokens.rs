//! `~` and `%h` in paths, which `ssh -G` prints as they were written.

use std::path::{Path, PathBuf};

use super::{Settings, config::Config};

/// What stands for what.
pub(super) struct Tokens<'a> {
    pub(super) config: &'a Config,
    pub(super) settings: &'a Settings,
    /// The host as it was said.
    pub(super) said: &'a str,
}

impl Tokens<'_> {
    /// A path with everything in its place. An unknown token stays as it is, and no such file is there then.
    pub(super) fn path(&self, path: &Path) -> PathBuf {
        let text = path.to_string_lossy();
        let text = match text.strip_prefix("~/") {
            Some(rest) => format!("%d/{rest}"),
            None => text.into_owned(),
        };
        PathBuf::from(self.expand(&text))
    }

    fn expand(&self, text: &str) -> String {
        let mut expanded = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('%') {
            expanded.push_str(before);
            let token = after.chars().next();
            match token.and_then(|token| self.value(token)) {
                Some(value) => expanded.push_str(&value),
                None => expanded.extend(['%'].into_iter().chain(token)),
            }
            rest = &after[token.map_or(0, char::len_utf8)..];
        }
        expanded + rest
    }

    fn value(&self, token: char) -> Option<String> {
        let config = self.config;
        Some(match token {
            '%' => "%".to_owned(),
            'd' => self.settings.home.display().to_string(),
            'h' => config.host.clone(),
            'k' => config
                .key_alias
                .clone()
                .unwrap_or_else(|| self.said.to_owned()),
            'n' => self.said.to_owned(),
            'p' => config.port.to_string(),
            'r' => config.user.clone(),
            'u' => self.settings.user.clone(),
            _ => return None,
        })
    }
}
