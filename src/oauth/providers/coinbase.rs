//! Coinbase. <https://portal.cdp.coinbase.com>

use http::header::CONTENT_TYPE;
use url::form_urlencoded;

use crate::error::Result;
use crate::oauth::claims::{Claims, Verified};
use crate::oauth::client::provider_error;
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, ProfileSource, Revocation};
use crate::oauth::provider::revocation::RevocationCall;

pub(super) static ENTRY: Entry = Entry {
    id: "coinbase",
    name: "Coinbase",
    authorization_url: Some("https://login.coinbase.com/oauth2/auth"),
    token_url: Some("https://login.coinbase.com/oauth2/token"),
    user_info_url: Some("https://api.coinbase.com/v2/user"),
    revocation_url: Some("https://login.coinbase.com/oauth2/revoke"),
    revocation: Revocation::Code(revocation),
    scopes: &["wallet:user:read", "wallet:user:email"],
    scope_separator: ",",
    client_authentication: Method::Post,
    profile: ProfileSource::Claims(Claims {
        id: &["/data/id"],
        email: &["/data/email"],
        email_verified: Verified::Never,
        name: &[&["/data/name"]],
        image: &["/data/avatar_url"],
    }),
    ..Entry::OAUTH2
};

/// It wants the access token twice: as what is given back, and as proof of who asks.
/// <https://docs.cdp.coinbase.com/coinbase-app/oauth2-integration/reference>
fn revocation(call: &RevocationCall<'_>) -> Result<http::Request<Vec<u8>>> {
    let secret = call.client_secret.map_or("", |secret| secret.expose());
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("token", call.access_token.expose())
        .append_pair("access_token", call.access_token.expose())
        .append_pair("client_id", call.client_id)
        .append_pair("client_secret", secret)
        .finish();
    http::Request::post(call.url.as_str())
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body.into_bytes())
        .map_err(|_| provider_error("the revocation cannot be sent as HTTP"))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::crypto::Secret;

    #[test]
    fn a_token_is_given_back_by_its_bearer_and_the_client() {
        let request = revocation(&RevocationCall {
            url: &Url::parse("https://login.coinbase.com/oauth2/revoke").unwrap(),
            client_id: "client",
            client_secret: Some(&Secret::new("s&t")),
            access_token: &Secret::new("token"),
        })
        .unwrap();
        assert_eq!(request.method(), "POST");
        assert_eq!(
            request.body(),
            b"token=token&access_token=token&client_id=client&client_secret=s%26t"
        );
    }
}
