//! What must hold for any input whatsoever. The suite tries some thousands of inputs of each kind; the fuzzers in
//! `fuzz/` try for as long as they are let.

use std::time::Duration;

use serde_json::Value;

use crate::clock::Timestamp;
use crate::config::fields::Fields;
use crate::config::{Base, Config};
use crate::crypto::{Keyring, Purpose, Secret};
use crate::http::origin::Origin;
use crate::http::redirect::RedirectTarget;
use crate::http::{Body, Request, client, cookies};
use crate::oauth::Profile;
use crate::oauth::openid::id_token;
use crate::oauth::openid::keys::Keys;
use crate::oauth::openid::metadata::Metadata;
use crate::oauth::profile::email_address;
use crate::oauth::provider::entry::{IssuerRule, ProfileSource};
use crate::oauth::providers::{self, bitbucket};
use crate::oauth::state::Flow;
use crate::oauth::tokens::TokenAnswer;
use crate::routes;
use crate::session::SessionToken;

/// Cookies: no panic, and no value that was not sent.
pub fn cookie_header(header: &str) {
    for (name, value) in cookies::pairs(header) {
        assert!(header.contains(name) && header.contains(value));
        assert!(!name.contains(';') && !value.contains(';'));
    }
    let request = request("/", &[("cookie", header)]);
    let _ = cookies::first(request.headers_named("cookie"), "__Host-kavach_session")
        .and_then(SessionToken::parse);
    assert!(Flow::find(&keys(), "bitbucket", true, &request, "state").is_none());
}

/// Redirect targets: what is accepted is an http(s) URL on an origin of ours, without user name, in its final spelling.
pub fn redirect_target(text: &str) {
    let base = base();
    let trusted: Vec<Origin> = Origin::parse("https://admin.ours.com")
        .into_iter()
        .collect();
    let Ok(target) = RedirectTarget::parse(text, &base, &trusted) else {
        return;
    };
    let url = url::Url::parse(target.as_str()).expect("an accepted target is a URL");
    let origin = Origin::of(&url).expect("an accepted target has an origin");
    assert!(origin == base.origin || trusted.contains(&origin));
    assert!(url.username().is_empty() && url.password().is_none());
    assert_eq!(url.as_str(), target.as_str());
    assert!(!url.path().starts_with("//"));
    assert!(target.as_str().is_ascii());
}

/// Forwarded headers: no panic, and without a trusted proxy the socket's word.
pub fn forwarded_header(header: &str) {
    let mut request = request("/", &[("x-forwarded-for", header)]);
    request.peer = "203.0.113.9".parse().ok();
    assert_eq!(client::address(&request, &[]), request.peer);
    let trusted: Vec<_> = "203.0.113.0/24".parse().into_iter().collect();
    assert!(client::address(&request, &trusted).is_some());
}

/// Sealed values: nothing opens that was not sealed.
pub fn sealed_value(text: &str) {
    assert!(keys().open(Purpose::Flow, &["a"], text).is_none());
    assert!(keys().open(Purpose::Vault, &["a"], text).is_none());
    let _ = SessionToken::parse(text);
}

/// A provider's answers: no panic, whatever the types.
pub fn provider_answer(body: &[u8]) {
    token_answer(body);
    openid(body);
    profile(body);
    if let Ok(text) = std::str::from_utf8(body) {
        address(text);
    }
}

/// A token endpoint's answer: every date is one.
fn token_answer(body: &[u8]) {
    if let Ok(answer) = serde_json::from_slice::<TokenAnswer>(body) {
        let hour = Some(Duration::from_secs(3_600));
        let tokens = answer.into_tokens(&[], hour, Timestamp(1_700_000_000_000));
        assert!(
            tokens
                .expires_at
                .is_some_and(|end| end.0 < Timestamp::FOR_EVER.0)
        );
        let token = tokens.access_token.expose();
        // A short one, or one that is a scope at the same time, may stand there for another reason.
        let is_telling = token.len() >= 12 && !tokens.scopes.concat().contains(token);
        assert!(!is_telling || !format!("{tokens:?}").contains(token));
    }
}

/// What an issuer publishes and signs.
fn openid(body: &[u8]) {
    if let Ok(text) = std::str::from_utf8(body) {
        let _ = id_token::header(text);
    }
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        let _ = Keys::read(&value);
        let _ = Metadata::read(value, "https://a.com", IssuerRule::Exact);
    }
}

/// A profile: what is accepted has an id that every database can keep, and no address unless it is one.
fn profile(body: &[u8]) {
    let Ok(answer) = serde_json::from_slice::<Value>(body) else {
        return;
    };
    for entry in providers::CATALOGUE {
        if let ProfileSource::Claims(claims) = &entry.profile {
            claims
                .read(answer.clone())
                .into_iter()
                .for_each(can_be_kept);
        }
    }
    if let Value::Array(mut answers) = answer {
        let email = answers.pop();
        let user = answers.pop().unwrap_or_default();
        bitbucket::identity(user, email.as_ref())
            .into_iter()
            .for_each(can_be_kept);
    }
}

fn can_be_kept(profile: Profile) {
    assert!((1..=255).contains(&profile.id.chars().count()));
    assert!(!profile.id.chars().any(char::is_control));
    assert!(!profile.email_verified || profile.email.is_some());
    for text in [&profile.email, &profile.name, &profile.image]
        .into_iter()
        .flatten()
    {
        assert!(!text.is_empty() && !text.contains('\0'));
    }
}

/// E-mail addresses: folding once is folding for good.
fn address(text: &str) {
    if let Some(address) = email_address(text) {
        assert_eq!(email_address(&address).as_deref(), Some(&*address));
        assert!(!address.contains(char::is_whitespace));
    }
}

/// Paths: one spelling a route, and no other leads there.
pub fn path(text: &str) {
    let request = request(text, &[]);
    let path = request.path();
    if let Some(routes::Match::Route { provider, .. }) = routes::find("GET", path) {
        let known = routes::ROUTES
            .iter()
            .any(|route| route.path.replace(":provider", provider) == path);
        assert!(known && path.starts_with("/auth/") && !provider.contains('/'));
    }
    let _ = request.query("state");
}

/// Options: refused or accepted, by an error that names a path.
pub fn options(body: &[u8]) {
    if let Ok(options) = serde_json::from_slice::<Value>(body)
        && let Err(error) = Config::parse(&options)
    {
        assert_eq!(error.code().as_str(), "config_invalid");
        assert!(error.message().starts_with('`'));
    }
}

fn request(url: &str, headers: &[(&str, &str)]) -> Request {
    Request {
        method: "GET".to_owned(),
        url: url.to_owned(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: Body::Empty,
        peer: None,
    }
}

fn base() -> Base {
    let options = serde_json::json!({ "baseUrl": "https://ours.com" });
    Fields::new(&options, "", &["baseUrl"])
        .and_then(|fields| Base::parse(&fields))
        .expect("a good base URL")
}

fn keys() -> Keyring {
    Keyring::new(&[Secret::new("a secret of more than 32 characters")]).expect("a good secret")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_cookie_header_is_read(header in any::<String>()) {
            super::cookie_header(&header);
        }

        #[test]
        fn no_flow_cookie_opens_that_was_not_sealed(value in "[A-Za-z0-9_=; -]{0,300}") {
            super::cookie_header(&format!("__Host-kavach_flow_4eY1XobKEPR1yZUp={value}"));
        }

        #[test]
        fn an_accepted_redirect_target_is_ours(text in any::<String>()) {
            super::redirect_target(&text);
        }

        #[test]
        fn an_accepted_redirect_target_made_of_dangerous_parts_is_ours(
            parts in prop::collection::vec(prop::sample::select(PARTS.to_vec()), 0..8),
        ) {
            super::redirect_target(&parts.concat());
        }

        #[test]
        fn any_forwarded_header_is_read(header in any::<String>()) {
            super::forwarded_header(&header);
        }

        #[test]
        fn forwarded_addresses_are_read(header in "[0-9a-f:., \\[\\]%]{0,80}") {
            super::forwarded_header(&header);
        }

        #[test]
        fn nothing_opens_that_was_not_sealed(text in "[A-Za-z0-9_-]{0,200}") {
            super::sealed_value(&text);
        }

        #[test]
        fn any_token_answer_is_read(answer in json()) {
            super::token_answer(answer.to_string().as_bytes());
        }

        #[test]
        fn any_profile_is_read(user in json(), emails in json()) {
            super::profile(serde_json::json!([user, emails]).to_string().as_bytes());
        }

        #[test]
        fn any_address_is_judged(text in any::<String>(), mail in "[ A-Za-z@.+\u{212a}]{0,40}") {
            super::address(&text);
            super::address(&mail);
        }

        #[test]
        fn any_path_is_judged(text in any::<String>(), close in "/auth/[a-z/%.:]{0,30}") {
            super::path(&text);
            super::path(&close);
        }

        #[test]
        fn any_options_are_judged(options in json()) {
            super::options(options.to_string().as_bytes());
        }
    }

    const PARTS: &[&str] = &[
        "/",
        "//",
        "\\",
        "https:",
        "http:",
        "https://",
        "ours.com",
        "admin.ours.com",
        "evil.example",
        "@",
        ":",
        ":443",
        "?",
        "#",
        ".",
        "..",
        "%2f",
        "%5c",
        "%00",
        "\t",
        "\n",
        "\0",
        "\u{2028}",
        "\u{ff0f}",
        "javascript:",
        "a",
        ";",
        "&",
        " ",
        "[::1]",
    ];

    /// JSON whose names are ones that we look for.
    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<u64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
            prop::sample::select(vec![
                "user",
                "https://a.example/x",
                "a@b.example",
                "{1}",
                "7200"
            ])
            .prop_map(Into::into),
        ];
        leaf.prop_recursive(3, 24, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map(prop::sample::select(NAMES.to_vec()), inner, 0..6)
                    .prop_map(|map| {
                        serde_json::Value::Object(
                            map.into_iter()
                                .map(|(name, value)| (name.to_owned(), value))
                                .collect(),
                        )
                    }),
            ]
        })
    }

    const NAMES: &[&str] = &[
        "access_token",
        "refresh_token",
        "expires_in",
        "scope",
        "scopes",
        "token_type",
        "type",
        "uuid",
        "display_name",
        "links",
        "avatar",
        "href",
        "email",
        "is_primary",
        "is_confirmed",
        "__proto__",
        "database",
        "provider",
        "url",
        "secret",
        "baseUrl",
        "auth",
        "session",
        "expiresIn",
        "rateLimit",
        "max",
        "trustedOrigins",
    ];
}
