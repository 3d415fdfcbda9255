//! Polar. <https://polar.sh/dashboard/account/developer>

use futures_util::FutureExt;
use serde_json::Value;

use crate::error::Result;
use crate::oauth::claims::Claims;
use crate::oauth::profile::Profile;
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, OpenId, ProfileSource};

pub(super) static ENTRY: Entry = Entry {
    id: "polar",
    name: "Polar",
    openid: Some(OpenId {
        issuer: "https://polar.sh",
        discovery_url: Some("https://api.polar.sh/.well-known/openid-configuration"),
        ..OpenId::STANDARD
    }),
    authorization_url: Some("https://polar.sh/oauth2/authorize"),
    token_url: Some("https://api.polar.sh/v1/oauth2/token"),
    user_info_url: Some("https://api.polar.sh/v1/oauth2/userinfo"),
    revocation_url: Some("https://api.polar.sh/v1/oauth2/revoke"),
    client_authentication: Method::Post,
    profile: ProfileSource::Code(|calls| {
        async move { identity(calls.said(&CLAIMS).await?) }.boxed()
    }),
    ..Entry::OPENID
};

const CLAIMS: Claims = Claims {
    name: &[&["/name"]],
    image: &[],
    ..Claims::OPENID
};

/// It gives no names of users so far; their addresses begin with something like one.
fn identity(said: Value) -> Result<Profile> {
    let mut profile = CLAIMS.read(said)?;
    if profile.name.is_none() {
        let address = profile.email.as_deref();
        let local = address.and_then(|address| address.rsplit_once('@'));
        let name = local.map(|(local, _)| Value::from(local));
        profile.set_shown(name.as_ref(), None);
    }
    Ok(profile)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_has_no_name_is_called_as_the_address_begins() {
        let name = |said: Value| identity(said).unwrap().name;
        let named = json!({ "sub": "7", "name": "Ada", "email": "a@x.com" });
        assert_eq!(name(named).as_deref(), Some("Ada"));
        let nameless = json!({ "sub": "7", "email": "Ada@x.com" });
        assert_eq!(name(nameless).as_deref(), Some("ada"));
        assert_eq!(name(json!({ "sub": "7" })), None);
    }
}
