//! Railway. <https://railway.com/workspace/developer>

use crate::oauth::claims::{Claims, Verified};
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{OpenId, ProfileSource};

pub(super) static ENTRY: Entry = Entry {
    id: "railway",
    name: "Railway",
    openid: Some(OpenId {
        issuer: "https://backboard.railway.com",
        discovery_url: Some("https://backboard.railway.com/oauth/.well-known/openid-configuration"),
        ..OpenId::STANDARD
    }),
    authorization_url: Some("https://backboard.railway.com/oauth/auth"),
    token_url: Some("https://backboard.railway.com/oauth/token"),
    user_info_url: Some("https://backboard.railway.com/oauth/me"),
    scopes: &["openid", "email", "profile"],
    profile: ProfileSource::Claims(Claims {
        // There is no such claim.
        email_verified: Verified::Never,
        ..Claims::OPENID
    }),
    ..Entry::OPENID
};
