//! Where a browser may be sent after sign-in.

use url::Url;

use crate::config::Base;
use crate::error::{Code, Result};
use crate::http::origin::Origin;

/// An absolute URL on our own origin or on a trusted one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RedirectTarget(String);

impl RedirectTarget {
    /// Judges what a caller gave by the parser that browsers use (WHATWG URL), after refusing the characters that
    /// parsers disagree on. What is kept is the parser's own spelling, so nobody reads it differently later.
    pub fn parse(text: &str, base: &Base, trusted: &[Origin]) -> Result<Self> {
        let refused = || Code::RedirectInvalid.into();
        if text.is_empty() || text.len() > MAX_LEN || text.chars().any(is_treacherous) {
            return Err(refused());
        }
        let own = Url::parse(&base.origin.to_string()).map_err(|_| refused())?;
        let url = if text.starts_with('/') {
            own.join(text).map_err(|_| refused())?
        } else {
            // `https:evil` would be a relative path on an https base: a whole URL has its two slashes.
            let has_authority = text.split_once("://").is_some_and(|(scheme, _)| {
                scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
            });
            if !has_authority {
                return Err(refused());
            }
            Url::parse(text).map_err(|_| refused())?
        };
        let origin = Origin::of(&url).ok_or_else(refused)?;
        let is_ours = origin == base.origin || trusted.contains(&origin);
        // A path that starts with two slashes, as written, decoded, or after `..` is resolved, is one careless
        // `Location: ${path}` away from another host.
        let has_doubtful_path = {
            let path = url.path().to_ascii_lowercase();
            path.starts_with("//") || path.starts_with("/%2f") || path.starts_with("/%5c")
        };
        // The parser's spelling is what must fit into a cookie: it may be three times as long.
        if url.as_str().len() > MAX_LEN {
            return Err(refused());
        }
        if !is_ours || has_doubtful_path || !url.username().is_empty() || url.password().is_some() {
            return Err(refused());
        }
        Ok(Self(url.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same address with one more query parameter.
    pub fn with_query(&self, name: &str, value: &str) -> String {
        match Url::parse(&self.0) {
            Ok(mut url) => {
                url.query_pairs_mut().append_pair(name, value);
                url.into()
            }
            Err(_) => self.0.clone(),
        }
    }

    /// Takes back one that was judged before it was sealed.
    pub fn from_sealed(text: String) -> Self {
        Self(text)
    }
}

const MAX_LEN: usize = 2_048;

fn is_treacherous(c: char) -> bool {
    c.is_control() || c.is_whitespace() || c == '\\' || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
        // Full-width forms fold to ASCII in host names.
        || ('\u{ff00}'..='\u{ffef}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(text: &str) -> Option<String> {
        let base = Base {
            origin: Origin::parse("https://ours.com").unwrap(),
            path: "/api/kavach".into(),
        };
        let trusted = [Origin::parse("https://admin.ours.com").unwrap()];
        RedirectTarget::parse(text, &base, &trusted)
            .ok()
            .map(|target| target.0)
    }

    #[test]
    fn a_path_of_ours_becomes_absolute() {
        assert_eq!(judge("/").as_deref(), Some("https://ours.com/"));
        assert_eq!(
            judge("/a/../b?c=//d#e").as_deref(),
            Some("https://ours.com/b?c=//d#e")
        );
        assert_eq!(
            judge("https://ours.com/x").as_deref(),
            Some("https://ours.com/x")
        );
        assert_eq!(
            judge("https://admin.ours.com/x").as_deref(),
            Some("https://admin.ours.com/x")
        );
    }

    #[test]
    fn everything_that_could_leave_is_refused() {
        let long = format!("/{}", "a".repeat(10_000));
        for text in [
            "",
            "x",
            "//evil.example",
            "/\\evil.example",
            "/%2f%2fevil",
            "/%5cevil",
            "https:evil",
            "https:/evil",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://ours.com@evil.example",
            "https://user@ours.com/",
            "https://ours.com.evil.example",
            "https://evil.example/ours.com",
            "https://evil.example#ours.com",
            "/\tevil",
            "/\r\nevil",
            "/\0",
            "/\u{2028}",
            "/./..//evil.example",
            "/.//evil.example",
            "\u{ff0f}\u{ff0f}evil",
            "https://ours.com:444/",
            "http://ours.com/",
            "https://sub.ours.com/",
            " /",
            "/ ",
            "///evil",
            "https://ours\u{ff0e}com/",
            &long,
        ] {
            assert_eq!(judge(text), None, "{text:?}");
        }
    }
}
