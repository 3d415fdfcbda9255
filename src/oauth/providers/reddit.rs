//! Reddit. <https://www.reddit.com/prefs/apps>

use futures_util::FutureExt;
use serde_json::Value;

use crate::error::Result;
use crate::oauth::claims::{Claims, Verified};
use crate::oauth::profile::Profile;
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::ProfileSource;

pub(super) static ENTRY: Entry = Entry {
    id: "reddit",
    name: "Reddit",
    authorization_url: Some("https://www.reddit.com/api/v1/authorize"),
    token_url: Some("https://www.reddit.com/api/v1/access_token"),
    user_info_url: Some("https://oauth.reddit.com/api/v1/me"),
    revocation_url: Some("https://www.reddit.com/api/v1/revoke_token"),
    scopes: &["identity"],
    // Without it there is no refresh token.
    authorization_parameters: &[("duration", "permanent")],
    // Each application needs one of its own: general ones are turned away (429).
    user_agent: Some(concat!(
        "web:{clientId}:v",
        env!("CARGO_PKG_VERSION"),
        " (kavachos)"
    )),
    profile: ProfileSource::Code(|calls| async move { identity(calls.user_info().await?) }.boxed()),
    ..Entry::OAUTH2
};

const CLAIMS: Claims = Claims {
    id: &["/id"],
    email: &[],
    email_verified: Verified::Never,
    name: &[&["/name"]],
    image: &["/icon_img"],
};

/// The picture's URL comes escaped for HTML, and its query holds a signature.
fn identity(user: Value) -> Result<Profile> {
    let mut profile = CLAIMS.read(user)?;
    profile.image = profile.image.map(|url| url.replace("&amp;", "&"));
    Ok(profile)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_picture_keeps_its_signature() {
        let profile = identity(json!({
            "id": "1w72", "name": "ada", "email": "a@x.com",
            "icon_img": "https://styles.redditmedia.com/a.jpg?width=256&amp;s=0f3c",
        }))
        .unwrap();
        assert_eq!(
            profile.image.as_deref(),
            Some("https://styles.redditmedia.com/a.jpg?width=256&s=0f3c")
        );
        assert_eq!(profile.email, None);
    }
}
