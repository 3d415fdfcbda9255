//! Google. <https://console.cloud.google.com/apis/credentials>

use futures_util::FutureExt;
use serde_json::Value;

use crate::oauth::claims::Claims;
use crate::oauth::client::provider_error;
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{IssuerRule, Method, OpenId, ProfileSource};
use crate::oauth::provider::variables::{Need, Variable};

pub(super) static ENTRY: Entry = Entry {
    id: "google",
    name: "Google",
    openid: Some(OpenId {
        issuer: "https://accounts.google.com",
        // An old form that some tokens still carry.
        issuer_rule: IssuerRule::OrElse("accounts.google.com"),
        ..OpenId::STANDARD
    }),
    authorization_url: Some("https://accounts.google.com/o/oauth2/v2/auth"),
    token_url: Some("https://oauth2.googleapis.com/token"),
    user_info_url: Some("https://openidconnect.googleapis.com/v1/userinfo"),
    revocation_url: Some("https://oauth2.googleapis.com/revoke"),
    scopes: &["openid", "email", "profile"],
    client_authentication: Method::Post,
    // Without it there is never a refresh token.
    authorization_parameters: &[("access_type", "offline"), ("hd", "{hd}")],
    variables: &[Variable::segment("hd", Need::Optional)],
    profile: ProfileSource::Code(|calls| {
        async move {
            let said = calls.said(&Claims::OPENID).await?;
            // The parameter only preselects: a user can change it in the address bar.
            let domain = said.get("hd").and_then(Value::as_str).unwrap_or_default();
            let wanted = calls.provider.variables.get("hd");
            if wanted.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(domain)) {
                return Err(provider_error("the account is of another Google domain"));
            }
            Claims::OPENID.read(said)
        }
        .boxed()
    }),
    ..Entry::OPENID
};
