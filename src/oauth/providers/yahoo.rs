//! Yahoo. <https://developer.yahoo.com/apps/>

use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::OpenId;

pub(super) static ENTRY: Entry = Entry {
    id: "yahoo",
    name: "Yahoo",
    openid: OpenId::of("https://api.login.yahoo.com"),
    authorization_url: Some("https://api.login.yahoo.com/oauth2/request_auth"),
    token_url: Some("https://api.login.yahoo.com/oauth2/get_token"),
    user_info_url: Some("https://api.login.yahoo.com/openid/v1/userinfo"),
    ..Entry::OPENID
};
