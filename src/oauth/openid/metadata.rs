//! The provider's metadata (OpenID Connect Discovery 1.0, RFC 8414).

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::config::is_loopback;
use crate::error::Result;
use crate::oauth::client::{ProviderHttp, provider_error};
use crate::oauth::provider::entry::IssuerRule;

/// What the metadata says, as far as the library cares. Its endpoints have been judged.
#[derive(Debug)]
pub(crate) struct Metadata {
    pub issuer: String,
    pub authorization: Url,
    pub token: Url,
    pub keys: Url,
    pub user_info: Option<Url>,
    pub revocation: Option<Url>,
    pub end_session: Option<Url>,
    pub pushed_authorization: Option<Url>,
    pub requires_pushed_authorization: bool,
    /// Whether every answer names the issuer (RFC 9207).
    pub names_issuer: bool,
    pub signing_algorithms: Vec<String>,
    /// `None` when the metadata is silent.
    pub client_authentication: Option<Vec<String>>,
}

impl Metadata {
    /// Fetches the metadata of an issuer. The issuer that it names must be the one that was asked for (OpenID Connect
    /// Discovery 4.3).
    pub async fn fetch(
        http: &ProviderHttp,
        url: &Url,
        issuer: &str,
        rule: IssuerRule,
    ) -> Result<Self> {
        Self::read(http.get_public(url).await?, issuer, rule)
    }

    /// Judges a document.
    pub fn read(answer: Value, issuer: &str, rule: IssuerRule) -> Result<Self> {
        let document: Document = serde_json::from_value(answer).map_err(|_| {
            provider_error("the metadata lacks a member, or has one of the wrong kind")
        })?;
        if !is_issuer(&document.issuer, issuer, rule) {
            return Err(provider_error(format!(
                "the metadata is of the issuer {}, not of {issuer}",
                crate::oauth::client::readable(&document.issuer)
            )));
        }
        // What lacks one of these must not be kept: it may be mended in a moment.
        let required = |name: &str, value: Value| {
            endpoint(name, value)?
                .ok_or_else(|| provider_error(format!("the metadata names no {name}")))
        };
        Ok(Self {
            authorization: required("authorization_endpoint", document.authorization_endpoint)?,
            token: required("token_endpoint", document.token_endpoint)?,
            keys: required("jwks_uri", document.jwks_uri)?,
            user_info: endpoint("userinfo_endpoint", document.userinfo_endpoint)?,
            revocation: endpoint("revocation_endpoint", document.revocation_endpoint)?,
            end_session: endpoint("end_session_endpoint", document.end_session_endpoint)?,
            pushed_authorization: endpoint(
                "pushed_authorization_request_endpoint",
                document.pushed_authorization_request_endpoint,
            )?,
            requires_pushed_authorization: document.require_pushed_authorization_requests,
            names_issuer: document.authorization_response_iss_parameter_supported,
            // RS256 must be supported (OpenID Connect Discovery 3).
            signing_algorithms: document
                .id_token_signing_alg_values_supported
                .unwrap_or_else(|| vec!["RS256".to_owned()]),
            client_authentication: document.token_endpoint_auth_methods_supported,
            issuer: document.issuer,
        })
    }
}

/// Where an issuer's metadata is (OpenID Connect Discovery 4.1).
pub(crate) fn discovery_url(issuer: &str) -> String {
    format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    )
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    #[serde(default)]
    authorization_endpoint: Value,
    #[serde(default)]
    token_endpoint: Value,
    #[serde(default)]
    userinfo_endpoint: Value,
    #[serde(default)]
    jwks_uri: Value,
    #[serde(default)]
    revocation_endpoint: Value,
    #[serde(default)]
    end_session_endpoint: Value,
    #[serde(default)]
    pushed_authorization_request_endpoint: Value,
    #[serde(default)]
    require_pushed_authorization_requests: bool,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

fn is_issuer(named: &str, configured: &str, rule: IssuerRule) -> bool {
    match rule {
        IssuerRule::Exact | IssuerRule::OrElse(_) => named == configured,
        // `common` and a domain name both lead to a document that speaks of another tenant, or of any.
        IssuerRule::Tenant => {
            tenant_of(named).is_some_and(|tenant| {
                tenant == "{tenantid}"
                    || tenant
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            }) && is_same_origin(named, configured)
        }
    }
}

/// The tenant in `https://login.microsoftonline.com/<tenant>/v2.0`.
fn tenant_of(issuer: &str) -> Option<&str> {
    let (_, rest) = issuer.split_once("://")?;
    let (_, path) = rest.split_once('/')?;
    path.strip_suffix("/v2.0")
}

/// Whether two issuers are at the same place.
pub(crate) fn is_same_origin(left: &str, right: &str) -> bool {
    let origin = |text: &str| Url::parse(text).map(|url| url.origin());
    origin(left).is_ok_and(|left| Ok(left) == origin(right))
}

/// An endpoint gets codes, secrets and tokens, so what plain http could overhear is refused, this machine excepted.
fn endpoint(name: &str, value: Value) -> Result<Option<Url>> {
    let refused = |what: &str| Err(provider_error(format!("the metadata's {name} {what}")));
    let text = match value {
        Value::Null => return Ok(None),
        Value::String(text) => text,
        _ => return refused("is no URL"),
    };
    let Ok(url) = Url::parse(&text) else {
        return refused("is no URL");
    };
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if !is_safe || !url.username().is_empty() || url.password().is_some() {
        return refused("is no https URL");
    }
    Ok(Some(url))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_issuer_is_compared_as_it_is_written() {
        let is = |named, configured| is_issuer(named, configured, IssuerRule::Exact);
        assert!(is("https://a.com/", "https://a.com/"));
        for named in [
            "https://a.com",
            "https://A.com/",
            "http://a.com/",
            "https://a.com//",
        ] {
            assert!(!is(named, "https://a.com/"), "{named}");
        }
    }

    #[test]
    fn a_microsoft_document_may_speak_of_another_tenant_but_not_of_another_host() {
        let is = |named| {
            is_issuer(
                named,
                "https://login.microsoftonline.com/common/v2.0",
                IssuerRule::Tenant,
            )
        };
        assert!(is("https://login.microsoftonline.com/{tenantid}/v2.0"));
        assert!(is(
            "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"
        ));
        for named in [
            "https://evil.example/{tenantid}/v2.0",
            "https://login.microsoftonline.com/{tenantid}",
            "https://login.microsoftonline.com/a/b/v2.0",
            "https://login.microsoftonline.com@evil.example/a/v2.0",
        ] {
            assert!(!is(named), "{named}");
        }
    }

    #[test]
    fn an_endpoint_that_could_be_overheard_is_refused() {
        assert!(endpoint("e", json!("https://a.com/t")).is_ok());
        assert!(endpoint("e", json!("http://127.0.0.1:1/t")).is_ok());
        for value in [
            json!("http://a.com/t"),
            json!("/t"),
            json!(7),
            json!("https://u:p@a.com/t"),
            json!("javascript:alert(1)"),
        ] {
            assert!(endpoint("e", value.clone()).is_err(), "{value}");
        }
    }

    #[test]
    fn the_metadata_is_below_the_issuer() {
        for issuer in ["https://a.com/x", "https://a.com/x/"] {
            assert_eq!(
                discovery_url(issuer),
                "https://a.com/x/.well-known/openid-configuration"
            );
        }
    }
}
