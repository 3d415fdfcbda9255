//! What is asked for: scopes, and further parameters of the authorization request.

use serde_json::Value;

use crate::config::fields::{self, Fields};
use crate::error::{Error, Result};
use crate::oauth::provider::entry::{Entry, ResponseMode};
use crate::oauth::provider::variables::Values;

/// What sign-in asks for, without what the application does not want or its registration does not allow.
pub(super) fn default_scopes(entry: &Entry, options: &Fields<'_>) -> Result<Vec<String>> {
    let omitted = options.texts("omitScopes")?.unwrap_or_default();
    let is_spare = |scope: &&str| *scope != "openid";
    let spare: Vec<&str> = entry.scopes.iter().copied().filter(is_spare).collect();
    for (at, scope) in omitted.iter().enumerate() {
        if !spare.contains(scope) {
            return Err(Error::config(
                &format!("{}[{at}]", options.path("omitScopes")),
                format!("must be one of {}", spare.join(", ")),
            ));
        }
    }
    let kept = entry.scopes.iter().filter(|scope| !omitted.contains(scope));
    Ok(kept.map(|&scope| scope.to_owned()).collect())
}

pub(super) fn add_scopes(scopes: &mut Vec<String>, options: &Fields<'_>, name: &str) -> Result<()> {
    let given = options.texts(name)?.unwrap_or_default();
    for (at, scope) in given.into_iter().enumerate() {
        if !is_scope(scope) {
            return Err(Error::config(
                &format!("{}[{at}]", options.path(name)),
                "must be one scope, without blanks or quotes",
            ));
        }
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    Ok(())
}

/// RFC 6749 3.3: %x21 / %x23-5B / %x5D-7E
fn is_scope(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
}

pub(super) fn authorization_parameters(
    entry: &Entry,
    options: &Fields<'_>,
    variables: &Values,
) -> Result<Vec<(String, String)>> {
    let mut parameters: Vec<(String, String)> = entry
        .authorization_parameters
        .iter()
        .filter_map(|(name, template)| Some(((*name).to_owned(), variables.fill(template)?)))
        .collect();
    let path = options.path("authorizationParams");
    let given = match options.value("authorizationParams") {
        None => return Ok(parameters),
        Some(Value::Object(given)) => given,
        Some(_) => return Err(Error::config(&path, "must be an object of strings")),
    };
    for (name, value) in given {
        let path = format!("{path}.{name}");
        if RESERVED.contains(&name.as_str()) {
            return Err(Error::config(
                &path,
                "is set by the library: it cannot be given here",
            ));
        }
        let value = fields::text(value, &path)?;
        parameters.retain(|(known, _)| known != name);
        parameters.push((name.clone(), value.to_owned()));
    }
    Ok(parameters)
}

/// What the safety of a sign-in hangs on, and what has an option of its own.
const RESERVED: &[&str] = &[
    "client_id",
    "client_secret",
    "redirect_uri",
    "response_type",
    "response_mode",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "scope",
    "prompt",
    "max_age",
    "request",
    "request_uri",
    "appid",
    "client_key",
];

pub(super) fn response_mode(entry: &Entry, options: &Fields<'_>) -> Result<ResponseMode> {
    let default = entry
        .openid
        .as_ref()
        .map_or(ResponseMode::Query, |openid| openid.response_mode);
    match options.text("responseMode")? {
        None => Ok(default),
        Some("query") => Ok(ResponseMode::Query),
        Some("form_post") => Ok(ResponseMode::FormPost),
        Some(_) => Err(Error::config(
            &options.path("responseMode"),
            "must be 'query' or 'form_post'",
        )),
    }
}
