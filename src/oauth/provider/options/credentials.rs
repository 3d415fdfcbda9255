//! How the client proves who it is, as the options say. A confidential client is never downgraded.

use crate::config::fields::Fields;
use crate::crypto::Secret;
use crate::error::{Error, Result};
use crate::oauth::provider::credentials::{Credentials, Proof};
use crate::oauth::provider::entry::{Entry, Method};
use crate::oauth::provider::signing_key::SigningKey;

pub(super) fn credentials(
    entry: &Entry,
    is_own: bool,
    options: &Fields<'_>,
) -> Result<Credentials> {
    let hint = |what: &str| {
        let of = match entry.name {
            "" => "the client that you registered".to_owned(),
            name => format!("your {name} app"),
        };
        format!("write the {what} of {of}; is the environment variable set?")
    };
    let client_id = options
        .required_text("clientId", &hint("client id"))?
        .trim()
        .to_owned();
    let secret = options
        .text("clientSecret")?
        .map(|text| Secret::new(text.trim()));
    let required = |secret: Option<Secret>| match secret {
        Some(secret) => Ok(secret),
        None => Err(Error::config(
            &options.path("clientSecret"),
            format!("is missing: {}", hint("client secret")),
        )),
    };
    let proof = match entry.client_authentication {
        _ if is_own => own_proof(entry, secret, options)?,
        Method::Basic => Proof::Basic(required(secret)?),
        Method::Post => Proof::Post(required(secret)?),
        Method::Discovered => Proof::Discovered(required(secret)?),
        Method::Public => secret.map_or(Proof::None, Proof::Post),
        Method::SignedSecret => match (secret, options.text("privateKey")?) {
            (Some(secret), None) => Proof::Post(secret),
            (None, Some(pem)) => signed_secret(pem, options)?,
            (Some(_), Some(_)) => {
                return Err(Error::config(
                    &options.path("privateKey"),
                    "and `clientSecret` are both given: the key makes the secret, so leave one out",
                ));
            }
            (None, None) => {
                return Err(Error::config(
                    &options.path("clientSecret"),
                    "is missing: write `teamId`, `keyId` and `privateKey` in its place, or a secret that you signed yourself",
                ));
            }
        },
    };
    Ok(Credentials { client_id, proof })
}

/// The names are those of RFC 7591 2.
fn own_proof(entry: &Entry, secret: Option<Secret>, options: &Fields<'_>) -> Result<Proof> {
    let method = options.text("tokenEndpointAuthMethod")?;
    let key = options
        .text("privateKey")?
        .map(|pem| {
            let key_id = options.text("keyId")?;
            SigningKey::parse(pem, key_id, &options.path("privateKey"))
        })
        .transpose()?;
    let refuse = |option: &str, what: &str| Err(Error::config(&options.path(option), what));
    match (method, secret, key) {
        (_, Some(_), Some(_)) => refuse(
            "privateKey",
            "and `clientSecret` are both given: a client has one or the other",
        ),
        (None, Some(secret), None) if entry.client_authentication == Method::Discovered => {
            Ok(Proof::Discovered(secret))
        }
        (None | Some("client_secret_basic"), Some(secret), None) => Ok(Proof::Basic(secret)),
        (Some("client_secret_post"), Some(secret), None) => Ok(Proof::Post(secret)),
        (None | Some("private_key_jwt"), None, Some(key)) => Ok(Proof::PrivateKeyJwt(key)),
        (Some("none"), None, None) => Ok(Proof::None),
        (Some("none"), ..) => refuse(
            "tokenEndpointAuthMethod",
            "is 'none': use it for public clients only, and leave the secret or the key out",
        ),
        (Some("client_secret_basic" | "client_secret_post") | None, None, _) => refuse(
            "clientSecret",
            "is missing: write it, is the environment variable set? A public client needs `tokenEndpointAuthMethod: 'none'`",
        ),
        (Some("private_key_jwt"), _, None) => {
            refuse("privateKey", "is missing: private_key_jwt signs with it")
        }
        (Some(_), ..) => refuse(
            "tokenEndpointAuthMethod",
            "must be client_secret_basic, client_secret_post, private_key_jwt or none",
        ),
    }
}

fn signed_secret(pem: &str, options: &Fields<'_>) -> Result<Proof> {
    let team_id = options.required_text("teamId", "write the id of your Apple team")?;
    let key_id = options.required_text("keyId", "write the id of the key")?;
    let path = options.path("privateKey");
    let key = SigningKey::parse(pem, Some(key_id), &path)?;
    if !key.is_es256() {
        return Err(Error::config(
            &path,
            "must be the P-256 key that Apple gave you (AuthKey_….p8)",
        ));
    }
    Ok(Proof::SignedSecret {
        key,
        team_id: team_id.to_owned(),
    })
}

pub(super) fn may_be_left_out(entry: &Entry, argument: &str) -> bool {
    let is_optional = matches!(
        entry.client_authentication,
        Method::Public | Method::SignedSecret
    );
    argument == "clientSecret" && is_optional
}
