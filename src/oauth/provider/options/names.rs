//! What may be written, and under which names.

use crate::config::fields::Fields;
use crate::error::{Error, Result};
use crate::oauth::provider::entry::{Entry, Method};
use crate::oauth::providers;

/// Functions come apart from the plain options: what stands there in their place is none.
pub(super) fn refuse_values(options: &Fields<'_>, functions: &[&str]) -> Result<()> {
    match functions.iter().find(|name| options.value(name).is_some()) {
        Some(name) => Err(Error::config(&options.path(name), "must be a function")),
        None => Ok(()),
    }
}

pub(super) fn known_options(entry: &Entry) -> Vec<&'static str> {
    let is_generic = entry.id.is_empty();
    let mut known = vec!["clientId", "clientSecret"];
    if is_generic {
        known.extend(["id", "name", "tokenEndpointAuthMethod", "pkce"]);
        if entry.openid.is_some() {
            known.extend(["privateKey", "keyId"]);
        }
    }
    if entry.client_authentication == Method::SignedSecret {
        known.extend(["teamId", "keyId", "privateKey"]);
    }
    known.extend(entry.variables.iter().map(|variable| variable.option));
    if entry.openid.is_some() {
        known.push("issuer");
        if is_generic {
            known.push("responseMode");
        }
    }
    known.extend([
        "scopes",
        "omitScopes",
        "optionalScopes",
        "authorizationUrl",
        "tokenUrl",
        "userInfoUrl",
    ]);
    if entry.emails_url.is_some() {
        known.push("emailsUrl");
    }
    known.extend([
        "revocationUrl",
        "redirectUri",
        "prompt",
        "authorizationParams",
        "denyPrivateNetworks",
        "mapProfile",
    ]);
    if is_generic && entry.openid.is_none() {
        known.push("getUserProfile");
    }
    known
}

/// The id of a provider that is not in the catalogue: it stands in URLs and in the database.
pub(super) fn own_id(options: &Fields<'_>, key: Option<&str>) -> Result<String> {
    let id = match key {
        Some(key) => options.text("id")?.unwrap_or(key),
        None => options.required_text("id", "write an id of your own, such as 'keycloak'")?,
    };
    let is_id = (1..=MAX_ID_LEN).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !id.starts_with('-')
        && !id.ends_with('-');
    if !is_id {
        return Err(Error::config(
            &options.path("id"),
            "must be lower-case letters, digits and dashes, at most 64: it becomes part of the callback URL",
        ));
    }
    if providers::find(id).is_some() {
        return Err(Error::config(
            &options.path("id"),
            format!("is the id of a known provider: use {id}Provider, or write another id"),
        ));
    }
    Ok(id.to_owned())
}

const MAX_ID_LEN: usize = 64;
