//! LINE. <https://developers.line.biz/console/>

use http::header::CONTENT_TYPE;
use url::form_urlencoded;

use crate::error::Result;
use crate::oauth::claims::{Claims, Verified};
use crate::oauth::client::provider_error;
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, OpenId, ProfileSource, Revocation, SignedBy};
use crate::oauth::provider::revocation::RevocationCall;

pub(super) static ENTRY: Entry = Entry {
    id: "line",
    name: "LINE",
    openid: Some(OpenId {
        issuer: "https://access.line.me",
        // Its metadata announces ES256, which is for apps; on the web it is HS256.
        keys: SignedBy::ClientSecret,
        ..OpenId::STANDARD
    }),
    authorization_url: Some("https://access.line.me/oauth2/v2.1/authorize"),
    token_url: Some("https://api.line.me/oauth2/v2.1/token"),
    user_info_url: Some("https://api.line.me/oauth2/v2.1/userinfo"),
    revocation_url: Some("https://api.line.me/oauth2/v2.1/revoke"),
    revocation: Revocation::Code(revocation),
    client_authentication: Method::Post,
    profile: ProfileSource::Claims(Claims {
        email_verified: Verified::Never,
        name: &[&["/name"]],
        ..Claims::OPENID
    }),
    ..Entry::OPENID
};

/// <https://developers.line.biz/en/reference/line-login/#revoke-access-token>
fn revocation(call: &RevocationCall<'_>) -> Result<http::Request<Vec<u8>>> {
    let secret = call.client_secret.map_or("", |secret| secret.expose());
    let body = form_urlencoded::Serializer::new(String::new())
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
    fn a_token_is_given_back_under_the_name_that_line_has_for_it() {
        let request = revocation(&RevocationCall {
            url: &Url::parse("https://api.line.me/oauth2/v2.1/revoke").unwrap(),
            client_id: "client",
            client_secret: Some(&Secret::new("s&t")),
            access_token: &Secret::new("token"),
        })
        .unwrap();
        assert_eq!(request.method(), "POST");
        assert_eq!(
            request.body(),
            b"access_token=token&client_id=client&client_secret=s%26t"
        );
    }
}
