//! Kakao. <https://developers.kakao.com/console/app>

use crate::oauth::claims::{Claims, Verified};
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, ProfileSource, Revocation};

pub(super) static ENTRY: Entry = Entry {
    id: "kakao",
    name: "Kakao",
    authorization_url: Some("https://kauth.kakao.com/oauth/authorize"),
    token_url: Some("https://kauth.kakao.com/oauth/token"),
    user_info_url: Some("https://kapi.kakao.com/v2/user/me"),
    revocation_url: Some("https://kapi.kakao.com/v1/user/unlink"),
    revocation: Revocation::Bearer,
    scopes: &["profile_nickname", "profile_image", "account_email"],
    scope_separator: ",",
    client_authentication: Method::Post,
    profile: ProfileSource::Claims(CLAIMS),
    ..Entry::OAUTH2
};

const CLAIMS: Claims = Claims {
    id: &["/id"],
    email: &["/kakao_account/email"],
    // An address that moved to another Kakao account stays verified here, and is valid no more.
    email_verified: Verified::All(&[
        "/kakao_account/is_email_valid",
        "/kakao_account/is_email_verified",
    ]),
    name: &[&["/kakao_account/profile/nickname"]],
    image: &["/kakao_account/profile/profile_image_url"],
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_is_verified_as_long_as_it_is_valid() {
        let verified = |valid: bool, verified: bool| {
            let account = json!({
                "email": "jane@example.com", "is_email_valid": valid, "is_email_verified": verified,
            });
            let user = json!({ "id": i64::MAX, "kakao_account": account });
            CLAIMS.read(user).unwrap().email_verified
        };
        assert!(verified(true, true));
        assert!(!verified(false, true));
        assert!(!verified(true, false));
    }
}
