//! Slack. <https://api.slack.com/apps>

use futures_util::FutureExt;
use serde_json::Value;

use crate::error::Result;
use crate::oauth::claims::Claims;
use crate::oauth::profile::Profile;
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{Method, OpenId, ProfileSource, Revocation};

pub(super) static ENTRY: Entry = Entry {
    id: "slack",
    name: "Slack",
    openid: OpenId::of("https://slack.com"),
    authorization_url: Some("https://slack.com/openid/connect/authorize"),
    token_url: Some("https://slack.com/api/openid.connect.token"),
    user_info_url: Some("https://slack.com/api/openid.connect.userInfo"),
    revocation_url: Some("https://slack.com/api/auth.revoke"),
    revocation: Revocation::Bearer,
    client_authentication: Method::Post,
    profile: ProfileSource::Code(|calls| {
        async move { identity(calls.said(&Claims::OPENID).await?) }.boxed()
    }),
    ..Entry::OPENID
};

fn identity(said: Value) -> Result<Profile> {
    let mut profile = Claims::OPENID.read(said)?;
    if profile.image.is_none() {
        let large = profile.raw.get("https://slack.com/user_image_512").cloned();
        profile.set_shown(None, large.as_ref());
    }
    Ok(profile)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn without_a_usable_picture_the_large_image_is_shown() {
        let image = |picture: Value| {
            let large = "https://slack-edge.com/512.png";
            let said = json!({
                "sub": "U0R7", "picture": picture, "https://slack.com/user_image_512": large,
            });
            identity(said).unwrap().image
        };
        for picture in [json!(null), json!({}), json!("javascript:alert(1)")] {
            let shown = image(picture);
            assert_eq!(shown.as_deref(), Some("https://slack-edge.com/512.png"));
        }
        let shown = image(json!("https://x.com/a.png"));
        assert_eq!(shown.as_deref(), Some("https://x.com/a.png"));
    }
}
