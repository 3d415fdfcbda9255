//! Setting a provider up: from a factory's arguments or from a description.

use std::borrow::Cow;

use serde_json::{Value, json};
use url::Url;

use super::{Endpoints, Entry, Provider};
use crate::config::fields::{self, Fields};
use crate::config::is_loopback;
use crate::crypto::Secret;
use crate::error::{Error, Result};
use crate::oauth::client::ProviderHttp;
use crate::oauth::providers;

impl Provider {
    /// What a factory takes: `(clientId, clientSecret, scopes | options?)`.
    pub fn from_arguments(
        entry: &'static Entry,
        client_id: &Value,
        client_secret: &Value,
        scopes_or_options: &Value,
    ) -> Result<Self> {
        let argument = |name: &str, value: &Value| match value {
            Value::Null => Err(Error::config(
                &format!("{}Provider({name})", entry.id),
                format!(
                    "is undefined: pass the {} of your {} app; is the environment variable set?",
                    words(name),
                    entry.name
                ),
            )),
            value => fields::text(value, &format!("{}Provider({name})", entry.id))
                .map(|text| text.trim().to_owned()),
        };
        let client_id = argument("clientId", client_id)?;
        let client_secret = argument("clientSecret", client_secret)?;
        let path = format!("{}Provider(options)", entry.id);
        let options = match scopes_or_options {
            Value::Array(_) => Cow::Owned(json!({ "scopes": scopes_or_options })),
            other => Cow::Borrowed(other),
        };
        let options = Fields::new(&options, path, OPTIONS)?;
        Self::build(entry, client_id, client_secret, &options)
    }

    /// What stands in `providers` for a known id: `{ id, clientId, clientSecret, … }`.
    pub fn from_config(value: &Value, path: &str, key: Option<&str>) -> Result<Self> {
        let known: Vec<&str> = ["id", "clientId", "clientSecret"]
            .iter()
            .chain(OPTIONS)
            .copied()
            .collect();
        if !value.is_object() {
            return Err(Error::config(
                path,
                "must be what a provider factory returns, such as bitbucketProvider(clientId, clientSecret), or { id, clientId, clientSecret }",
            ));
        }
        let options = Fields::new(value, path, &known)?;
        let id = match key {
            Some(key) => options.text("id")?.unwrap_or(key),
            None => options.required_text("id", "write the provider's id, such as 'bitbucket'")?,
        };
        let entry = providers::find(id).ok_or_else(|| {
            let ids: Vec<_> = providers::CATALOGUE.iter().map(|entry| entry.id).collect();
            Error::config(
                &options.path("id"),
                format!("is no provider we know; known are {}", ids.join(", ")),
            )
        })?;
        let hint = "is the environment variable set?";
        let client_id = options.required_text("clientId", hint)?.trim().to_owned();
        let client_secret = options
            .required_text("clientSecret", hint)?
            .trim()
            .to_owned();
        Self::build(entry, client_id, client_secret, &options)
    }

    fn build(
        entry: &'static Entry,
        client_id: String,
        client_secret: String,
        options: &Fields<'_>,
    ) -> Result<Self> {
        let mut scopes: Vec<String> = entry
            .scopes
            .iter()
            .map(|scope| (*scope).to_owned())
            .collect();
        for (at, scope) in options
            .texts("scopes")?
            .unwrap_or_default()
            .into_iter()
            .enumerate()
        {
            // RFC 6749 3.3: %x21 / %x23-5B / %x5D-7E
            if !scope
                .bytes()
                .all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
            {
                return Err(Error::config(
                    &format!("{}[{at}]", options.path("scopes")),
                    "must be one scope, without blanks or quotes",
                ));
            }
            if !scopes.iter().any(|known| known == scope) {
                scopes.push(scope.to_owned());
            }
        }
        let endpoints = Endpoints {
            authorization: endpoint(options, "authorizationUrl", entry.authorization_url)?,
            token: endpoint(options, "tokenUrl", entry.token_url)?,
            user_info: endpoint(options, "userInfoUrl", entry.user_info_url)?,
            emails: entry
                .emails_url
                .map(|default| endpoint(options, "emailsUrl", default))
                .transpose()?,
        };
        let redirect_uri = options
            .text("redirectUri")?
            .map(|text| parse_redirect_uri(text, &options.path("redirectUri")))
            .transpose()?;
        Ok(Self {
            entry,
            client_id,
            client_secret: Secret::new(client_secret),
            scopes,
            endpoints,
            redirect_uri,
            prompt: options.text("prompt")?.map(str::to_owned),
            http: ProviderHttp::new(options.flag("denyPrivateNetworks", false)?),
        })
    }
}

/// Takes an address for the callback that the application chose itself.
pub(crate) fn parse_redirect_uri(text: &str, path: &str) -> Result<String> {
    let url = https_url(text, path)?;
    if url.fragment().is_some() {
        return Err(Error::config(
            path,
            "must have no fragment (RFC 6749 3.1.2)",
        ));
    }
    Ok(text.to_owned())
}

const OPTIONS: &[&str] = &[
    "scopes",
    "authorizationUrl",
    "tokenUrl",
    "userInfoUrl",
    "emailsUrl",
    "redirectUri",
    "prompt",
    "denyPrivateNetworks",
];

fn endpoint(options: &Fields<'_>, name: &str, default: &str) -> Result<Url> {
    https_url(options.text(name)?.unwrap_or(default), &options.path(name))
}

fn https_url(text: &str, path: &str) -> Result<Url> {
    let url = Url::parse(text).map_err(|_| Error::config(path, "must be an absolute URL"))?;
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        return Err(Error::config(
            path,
            "must use https (http is for this machine only)",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::config(
            path,
            "must hold no user name and no password",
        ));
    }
    Ok(url)
}

fn words(argument: &str) -> &'static str {
    match argument {
        "clientId" => "client id",
        _ => "client secret",
    }
}
