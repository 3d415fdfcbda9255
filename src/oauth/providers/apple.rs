//! Apple. <https://developer.apple.com/account/resources/identifiers/list/serviceId>

use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::oauth::claims::Claims;
use crate::oauth::client::provider_error;
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, OpenId, ProfileSource, ResponseMode};

pub(super) static ENTRY: Entry = Entry {
    id: "apple",
    name: "Apple",
    openid: Some(OpenId {
        issuer: "https://appleid.apple.com",
        // Mandatory as soon as a scope is asked for.
        response_mode: ResponseMode::FormPost,
        ..OpenId::STANDARD
    }),
    authorization_url: Some("https://appleid.apple.com/auth/authorize"),
    token_url: Some("https://appleid.apple.com/auth/token"),
    revocation_url: Some("https://appleid.apple.com/auth/revoke"),
    scopes: &["name", "email"],
    client_authentication: Method::SignedSecret,
    callback_parameters: &["user"],
    profile: ProfileSource::Code(|calls| {
        async move {
            let Some(mut claims) = calls.grant.claims.clone() else {
                return Err(provider_error(
                    "Apple tells who the user is in the id_token alone",
                ));
            };
            // The name comes once, at the first sign-in, beside the code and not signed: it is a name and no more.
            let user = calls.grant.callback.iter().find(|(name, _)| name == "user");
            let user = user.and_then(|(_, text)| serde_json::from_str::<Value>(text).ok());
            if let (Some(user), Some(map)) = (user, claims.as_object_mut()) {
                map.insert("user".to_owned(), json!({ "name": user.get("name") }));
            }
            CLAIMS.read(claims)
        }
        .boxed()
    }),
    ..Entry::OPENID
};

const CLAIMS: Claims = Claims {
    name: &[&["/user/name/firstName", "/user/name/lastName"]],
    image: &[],
    ..Claims::OPENID
};
