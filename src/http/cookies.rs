//! Cookies in and out.

use std::time::Duration;

use cookie::Cookie;

use crate::http::Request;
use crate::session::SameSite;

/// The value of the first cookie of that name in these headers, if there is one.
pub(crate) fn first<'a>(headers: impl Iterator<Item = &'a str>, name: &str) -> Option<&'a str> {
    headers
        .flat_map(pairs)
        .find_map(|(candidate, value)| (candidate == name).then_some(value))
}

/// All cookies of a request, in order. Browsers send those with equal paths oldest first (RFC 6265 5.4).
pub(crate) fn all(request: &Request) -> impl Iterator<Item = (&str, &str)> {
    request.headers_named("cookie").flat_map(pairs)
}

/// The pairs of one `Cookie` header. What is not a pair is passed over: others' cookies are none of our business.
pub(crate) fn pairs(header: &str) -> impl Iterator<Item = (&str, &str)> {
    header
        .split(';')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (trim(name), trim(value)))
}

/// Space and tab, and no more (RFC 6265bis 5.6). Browsers do not take U+00A0 for a blank, so a name that begins with
/// one has no `__Host-` prefix to them, and any subdomain could set it: to us it must not have one either.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// How a cookie of ours is set. All are `HttpOnly` and for the whole site, as `__Host-` demands.
pub(crate) struct Policy<'a> {
    pub name: &'a str,
    pub secure: bool,
    pub same_site: SameSite,
    pub domain: Option<&'a str>,
}

impl Policy<'_> {
    /// A `Set-Cookie` value.
    pub fn set(&self, value: &str, max_age: Duration) -> String {
        let seconds = i64::try_from(max_age.as_secs())
            .unwrap_or(i64::MAX)
            .min(MAX_COOKIE_SECONDS);
        let mut cookie = Cookie::build((self.name, value))
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(match self.same_site {
                SameSite::Lax => cookie::SameSite::Lax,
                SameSite::Strict => cookie::SameSite::Strict,
                SameSite::None => cookie::SameSite::None,
            })
            .max_age(cookie::time::Duration::seconds(seconds));
        if let Some(domain) = self.domain {
            cookie = cookie.domain(domain);
        }
        cookie.build().to_string()
    }

    /// A `Set-Cookie` value that takes the cookie away.
    pub fn clear(&self) -> String {
        self.set("", Duration::ZERO)
    }
}

/// Browsers cut longer lives to 400 days (RFC 6265bis 5.5).
const MAX_COOKIE_SECONDS: i64 = 400 * 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_pairs_are_passed_over() {
        let found: Vec<_> = pairs("a=1; ; b; =; c=2=3;d").collect();
        assert_eq!(found, [("a", "1"), ("", ""), ("c", "2=3")]);
    }

    #[test]
    fn a_name_that_only_looks_like_ours_stays_another() {
        for blank in ["\u{a0}", "\u{85}", "\u{2003}", "\u{b}", "\u{c}"] {
            let header = format!("{blank}__Host-kavach_session=x");
            let names: Vec<_> = pairs(&header).map(|(name, _)| name).collect();
            assert_ne!(names, ["__Host-kavach_session"], "{blank:?}");
        }
    }

    #[test]
    fn a_cookie_of_ours_keeps_scripts_and_other_sites_out() {
        let policy = Policy {
            name: "__Host-x",
            secure: true,
            same_site: SameSite::Lax,
            domain: None,
        };
        assert_eq!(
            policy.set("v", Duration::from_secs(60)),
            "__Host-x=v; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60"
        );
        assert!(policy.clear().contains("Max-Age=0"));
    }
}
