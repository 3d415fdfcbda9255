//! WeChat, on websites. <https://open.weixin.qq.com/>

use futures_util::FutureExt;
use http::header::ACCEPT;
use serde_json::Value;

use crate::error::Result;
use crate::oauth::client::{provider_error, provider_refusal};
use crate::oauth::profile::{Picked, Profile};
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, ProfileSource, TokenFormat};
use crate::oauth::provider::profile::ProfileCalls;

pub(super) static ENTRY: Entry = Entry {
    id: "wechat",
    name: "WeChat",
    authorization_url: Some("https://open.weixin.qq.com/connect/qrconnect"),
    token_url: Some("https://api.weixin.qq.com/sns/oauth2/access_token"),
    refresh_url: Some("https://api.weixin.qq.com/sns/oauth2/refresh_token"),
    user_info_url: Some("https://api.weixin.qq.com/sns/userinfo"),
    scopes: &["snsapi_login"],
    scope_separator: ",",
    // Mandatory.
    authorization_fragment: Some("wechat_redirect"),
    renamed: &[("client_id", "appid"), ("client_secret", "secret")],
    client_authentication: Method::Post,
    token_format: TokenFormat::Query,
    // It calls its JSON plain text.
    any_media_type: true,
    // Invalid, by either of two numbers, and expired.
    refresh_refusals: &["40029", "40030", "42002"],
    profile: ProfileSource::Code(|calls| {
        async move { identity(user_info(calls).await?, &calls.grant.answer) }.boxed()
    }),
    ..Entry::OAUTH2
};

/// Asks for the user whom the token answer named; the token stands in the URL.
async fn user_info(calls: ProfileCalls<'_>) -> Result<Value> {
    let openid = calls.grant.answer.get("openid").and_then(Value::as_str);
    let Some(openid) = openid.filter(|openid| !openid.is_empty()) else {
        return Err(provider_error(
            "WeChat names the openid beside the tokens alone: an access token is not enough",
        ));
    };
    let Some(mut url) = calls.user_info_url().await? else {
        return Err(provider_error("there is no user info to ask for"));
    };
    url.query_pairs_mut()
        .append_pair("access_token", calls.grant.tokens.access_token.expose())
        .append_pair("openid", openid)
        .append_pair("lang", "zh_CN");
    let request = http::Request::get(url.as_str()).header(ACCEPT, "application/json");
    calls
        .http()
        .ask(&url, request, Vec::new(), true)
        .await?
        .success(&url)
}

/// `unionid` is the same in all applications of a company; until it has bound them there is only the application's
/// own `openid`. A failure comes with status 200 too.
fn identity(user: Value, granted: &Value) -> Result<Profile> {
    if let Some(code) = user.get("errcode").filter(|code| code.as_i64() != Some(0)) {
        let message = user.get("errmsg").and_then(Value::as_str);
        return Err(provider_refusal(&code.to_string(), message));
    }
    let unionid = [&user, granted]
        .into_iter()
        .filter_map(|answer| answer.get("unionid"))
        .find(|unionid| unionid.as_str().is_some_and(|text| !text.is_empty()));
    let picked = Picked {
        id: unionid.or_else(|| granted.get("openid")),
        name: user.get("nickname"),
        image: user.get("headimgurl"),
        ..Picked::default()
    };
    picked.judge(user.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_id_across_applications_comes_first() {
        let id = |user: Value, granted: Value| identity(user, &granted).unwrap().id;
        let own = json!({ "openid": "o" });
        assert_eq!(id(json!({ "unionid": "u" }), own.clone()), "u");
        assert_eq!(id(json!({}), json!({ "openid": "o", "unionid": "u" })), "u");
        for nothing in [json!(""), json!(null), json!({})] {
            assert_eq!(id(json!({ "unionid": nothing }), own.clone()), "o");
        }
    }

    #[test]
    fn a_failure_is_no_user() {
        let granted = json!({ "openid": "o", "unionid": "u" });
        for code in [json!(40003), json!("40003"), json!(null)] {
            let user = json!({ "errcode": code, "errmsg": "invalid openid" });
            assert!(identity(user, &granted).is_err(), "{code}");
        }
        assert!(identity(json!({ "errcode": 0 }), &granted).is_ok());
        let elsewhere = json!({ "openid": "o" });
        assert!(identity(elsewhere, &json!({})).is_err());
    }
}
