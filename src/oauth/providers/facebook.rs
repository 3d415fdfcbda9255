//! Facebook. <https://developers.facebook.com/apps>

use http::header::AUTHORIZATION;

use crate::error::Result;
use crate::oauth::claims::{Claims, Verified};
use crate::oauth::client::{bearer, provider_error};
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, ProfileSource, Revocation};
use crate::oauth::provider::revocation::RevocationCall;
use crate::oauth::provider::variables::{Need, Variable};

pub(super) static ENTRY: Entry = Entry {
    id: "facebook",
    name: "Facebook",
    authorization_url: Some("https://www.facebook.com/{graphVersion}/dialog/oauth"),
    token_url: Some("https://graph.facebook.com/{graphVersion}/oauth/access_token"),
    user_info_url: Some(
        "https://graph.facebook.com/{graphVersion}/me?fields=id,name,email,picture",
    ),
    revocation_url: Some("https://graph.facebook.com/{graphVersion}/me/permissions"),
    revocation: Revocation::Code(revocation),
    scopes: &["email", "public_profile"],
    scope_separator: ",",
    client_authentication: Method::Post,
    // The Graph API calls its JSON `text/javascript` at times.
    any_media_type: true,
    variables: &[Variable::segment("graphVersion", Need::Default("v24.0"))],
    profile: ProfileSource::Claims(Claims {
        id: &["/id"],
        email: &["/email"],
        email_verified: Verified::Never,
        name: &[&["/name"]],
        image: &["/picture/data/url"],
    }),
    ..Entry::OAUTH2
};

/// Takes back all that the user allowed the app, and its tokens with it.
fn revocation(call: &RevocationCall<'_>) -> Result<http::Request<Vec<u8>>> {
    http::Request::delete(call.url.as_str())
        .header(AUTHORIZATION, bearer(call.access_token))
        .body(Vec::new())
        .map_err(|_| provider_error("the access token cannot be sent in a header"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use url::Url;

    use super::*;
    use crate::crypto::Secret;

    #[test]
    fn the_permissions_are_deleted_in_the_name_of_the_user() {
        let request = revocation(&RevocationCall {
            url: &Url::parse("https://graph.facebook.com/v24.0/me/permissions").unwrap(),
            client_id: "client",
            client_secret: None,
            access_token: &Secret::new("token"),
        })
        .unwrap();
        assert_eq!(request.method(), "DELETE");
        assert_eq!(
            request.uri(),
            "https://graph.facebook.com/v24.0/me/permissions"
        );
        assert_eq!(request.headers()[AUTHORIZATION], "Bearer token");
        assert!(request.body().is_empty());
    }

    #[test]
    fn no_address_is_verified_whatever_the_answer_says() {
        let ProfileSource::Claims(claims) = &ENTRY.profile else {
            panic!("the profile is read by a mapping");
        };
        let profile = claims
            .read(json!({
                "id": "7", "email": "ada@x.com", "verified": true, "email_verified": true,
                "picture": { "data": { "url": "https://x.com/a.png" } },
            }))
            .unwrap();
        assert!(!profile.email_verified);
        assert_eq!(profile.image.as_deref(), Some("https://x.com/a.png"));
    }
}
