//! Amazon Cognito. <https://console.aws.amazon.com/cognito/>

use crate::oauth::claims::Claims;
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{OpenId, ProfileSource};
use crate::oauth::provider::variables::{Need, Variable};

pub(super) static ENTRY: Entry = Entry {
    id: "cognito",
    name: "Amazon Cognito",
    // Not the domain. Without the user pool no id_token can be verified, and the user info tells who the user is.
    openid: OpenId::of("https://cognito-idp.{region}.amazonaws.com/{userPoolId}"),
    authorization_url: Some("https://{domain}/oauth2/authorize"),
    token_url: Some("https://{domain}/oauth2/token"),
    user_info_url: Some("https://{domain}/oauth2/userInfo"),
    revocation_url: Some("https://{domain}/oauth2/revoke"),
    variables: &[
        Variable::leading("domain"),
        Variable::segment("region", Need::Optional),
        Variable::segment("userPoolId", Need::Optional),
    ],
    profile: ProfileSource::Claims(Claims {
        name: &[&["/name"], &["/given_name", "/family_name"], &["/username"]],
        ..Claims::OPENID
    }),
    scopes: &["openid", "email", "profile"],
    ..Entry::OPENID
};
