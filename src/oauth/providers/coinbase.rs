//! Coinbase. <https://portal.cdp.coinbase.com>

use crate::oauth::claims::{Claims, Verified};
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, ProfileSource, Revocation};

pub(super) static ENTRY: Entry = Entry {
    id: "coinbase",
    name: "Coinbase",
    authorization_url: Some("https://login.coinbase.com/oauth2/auth"),
    token_url: Some("https://login.coinbase.com/oauth2/token"),
    user_info_url: Some("https://api.coinbase.com/v2/user"),
    revocation_url: Some("https://login.coinbase.com/oauth2/revoke"),
    // As what is given back, and as proof of who asks.
    revocation: Revocation::AccessToken {
        names: &["token", "access_token"],
        also: &[],
    },
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
