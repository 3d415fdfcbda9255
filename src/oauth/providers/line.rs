//! LINE. <https://developers.line.biz/console/>

use crate::oauth::claims::{Claims, Verified};
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, OpenId, ProfileSource, Revocation, SignedBy};

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
    revocation: Revocation::AccessToken {
        names: &["access_token"],
        also: &[],
    },
    client_authentication: Method::Post,
    profile: ProfileSource::Claims(Claims {
        email_verified: Verified::Never,
        name: &[&["/name"]],
        ..Claims::OPENID
    }),
    ..Entry::OPENID
};
