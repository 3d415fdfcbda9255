//! Where a provider is: its issuer and its endpoints.

use url::Url;

use crate::config::fields::Fields;
use crate::config::is_loopback;
use crate::error::{Error, Result};
use crate::oauth::openid::Issuer;
use crate::oauth::openid::metadata::discovery_url;
use crate::oauth::provider::entry::{Entry, OpenId};
use crate::oauth::provider::standard::{Endpoints, Revoked};
use crate::oauth::provider::variables::{Values, refuse_placeholder};

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

pub(super) fn issuer(
    entry: &Entry,
    options: &Fields<'_>,
    variables: &Values,
) -> Result<Option<Issuer>> {
    let Some(openid) = &entry.openid else {
        return Ok(None);
    };
    let make = |issuer: String, discovery: &str| {
        let discovery = Url::parse(discovery)
            .map_err(|_| Error::config(&options.path("issuer"), "must be an absolute URL"))?;
        let OpenId {
            issuer_rule,
            nonce,
            keys,
            ..
        } = *openid;
        Ok(Some(Issuer::new(
            issuer,
            discovery,
            issuer_rule,
            nonce,
            keys,
        )))
    };
    if let Some(text) = options.text("issuer")? {
        let path = options.path("issuer");
        refuse_placeholder(text, &path)?;
        let url = https_url(text, &path)?;
        // OpenID Connect Discovery 3
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Error::config(&path, "must have no query and no fragment"));
        }
        return make(text.to_owned(), &discovery_url(text));
    }
    if openid.issuer.is_empty() {
        return Err(Error::config(
            &options.path("issuer"),
            "is missing: write the issuer's URL, below which /.well-known/openid-configuration is",
        ));
    }
    variables.require_all_or_none(openid.issuer, options)?;
    // What is left open without a default is a provider whose id_tokens are not looked at: its user info tells.
    let Some(issuer) = variables.fill(openid.issuer) else {
        return Ok(None);
    };
    let discovery = openid
        .discovery_url
        .and_then(|template| variables.fill(template))
        .unwrap_or_else(|| discovery_url(&issuer));
    make(issuer, &discovery)
}

pub(super) fn endpoints(
    entry: &Entry,
    options: &Fields<'_>,
    variables: &Values,
    is_elsewhere: bool,
) -> Result<Endpoints> {
    let has_own_token_url = options.value("tokenUrl").is_some();
    let endpoint = |name: &str, template: Option<&str>| {
        let is_spare = name == "userInfoUrl" && has_own_token_url;
        let template = template.filter(|_| !is_elsewhere && !is_spare);
        let path = options.path(name);
        match (
            options.text(name)?,
            template.and_then(|text| variables.fill(text)),
        ) {
            (Some(text), _) => {
                refuse_placeholder(text, &path)?;
                https_url(text, &path).map(Some)
            }
            (None, Some(filled)) => https_url(&filled, &path).map(Some),
            (None, None) => Ok(None),
        }
    };
    let token = endpoint("tokenUrl", entry.token_url)?;
    let refresh = match (&token, entry.refresh_url) {
        // Another token endpoint has its neighbour beside it.
        (Some(token), Some(refresh)) if options.value("tokenUrl").is_some() => {
            let (_, last) = refresh.rsplit_once('/').unwrap_or(("", refresh));
            token.join(last).ok()
        }
        (_, Some(refresh)) => variables
            .fill(refresh)
            .and_then(|text| Url::parse(&text).ok()),
        (_, None) => None,
    };
    if options.value("tokenUrl").is_some() && !is_elsewhere {
        require_neighbours(entry, options)?;
    }
    Ok(Endpoints {
        authorization: endpoint("authorizationUrl", entry.authorization_url)?,
        token,
        refresh,
        user_info: endpoint("userInfoUrl", entry.user_info_url)?,
        emails: match entry.emails_url {
            Some(template) => endpoint("emailsUrl", Some(template))?,
            None => None,
        },
        // Tokens of another server are not to be told to the provider's own.
        revocation: match options.value("tokenUrl") {
            None => endpoint("revocationUrl", entry.revocation_url)?
                .map_or_else(|| Revoked::AtDiscovered, Revoked::At),
            Some(_) => endpoint("revocationUrl", None)?.map_or(Revoked::Nowhere, Revoked::At),
        },
    })
}

/// Tokens of another server are not to be told to the provider's own API.
fn require_neighbours(entry: &Entry, options: &Fields<'_>) -> Result<()> {
    for (name, url) in [
        (
            "userInfoUrl",
            entry.user_info_url.filter(|_| !entry.user_info_is_spare),
        ),
        ("emailsUrl", entry.emails_url),
    ] {
        if url.is_some() && options.value(name).is_none() {
            return Err(Error::config(
                &options.path(name),
                "is missing: `tokenUrl` leads to a server of your own, so write where it is there",
            ));
        }
    }
    Ok(())
}

/// Without metadata there is nobody else to ask.
pub(super) fn require_endpoints(endpoints: &Endpoints, options: &Fields<'_>) -> Result<()> {
    for (name, endpoint) in [
        ("authorizationUrl", &endpoints.authorization),
        ("tokenUrl", &endpoints.token),
        ("userInfoUrl", &endpoints.user_info),
    ] {
        if endpoint.is_none() {
            return Err(Error::config(
                &options.path(name),
                "is missing: a provider without `issuer` needs `authorizationUrl`, `tokenUrl` and `userInfoUrl`",
            ));
        }
    }
    Ok(())
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
