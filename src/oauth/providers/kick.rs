//! Kick. <https://kick.com/settings/developer>

use crate::error::Result;
use crate::oauth::claims::{Claims, Verified};
use crate::oauth::client::provider_error;
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, ProfileSource, Revocation};
use crate::oauth::provider::revocation::RevocationCall;

pub(super) static ENTRY: Entry = Entry {
    id: "kick",
    name: "Kick",
    authorization_url: Some("https://id.kick.com/oauth/authorize"),
    token_url: Some("https://id.kick.com/oauth/token"),
    user_info_url: Some("https://api.kick.com/public/v1/users"),
    revocation_url: Some("https://id.kick.com/oauth/revoke"),
    revocation: Revocation::Code(revocation),
    scopes: &["user:read"],
    client_authentication: Method::Post,
    refresh_refusals: &["Invalid request"],
    profile: ProfileSource::Claims(Claims {
        id: &["/data/0/user_id"],
        email: &["/data/0/email"],
        email_verified: Verified::Never,
        name: &[&["/data/0/name"]],
        image: &["/data/0/profile_picture"],
    }),
    ..Entry::OAUTH2
};

/// The token stands in the query.
fn revocation(call: &RevocationCall<'_>) -> Result<http::Request<Vec<u8>>> {
    let mut url = call.url.clone();
    url.query_pairs_mut()
        .append_pair("token", call.access_token.expose())
        .append_pair("token_hint_type", "access_token");
    http::Request::post(url.as_str())
        .body(Vec::new())
        .map_err(|_| provider_error("the revocation cannot be sent as HTTP"))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::crypto::Secret;

    #[test]
    fn a_token_is_given_back_in_the_query() {
        let request = revocation(&RevocationCall {
            url: &Url::parse("https://id.kick.com/oauth/revoke").unwrap(),
            client_id: "client",
            client_secret: None,
            access_token: &Secret::new("a&b"),
        })
        .unwrap();
        assert_eq!(request.method(), "POST");
        assert_eq!(
            request.uri(),
            "https://id.kick.com/oauth/revoke?token=a%26b&token_hint_type=access_token"
        );
    }
}
