//! Slack. <https://api.slack.com/apps>

use futures_util::FutureExt;
use serde_json::Value;

use crate::error::Result;
use crate::oauth::claims::Claims;
use crate::oauth::client::provider_error;
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

/// The ids of users began as those of one workspace.
fn identity(said: Value) -> Result<Profile> {
    let team = said.get("https://slack.com/team_id").and_then(Value::as_str);
    let Some(team) = team.filter(|team| !team.is_empty()).map(str::to_owned) else {
        return Err(provider_error("the id_token names no team_id"));
    };
    let mut profile = Claims::OPENID.read(said)?;
    profile.id = format!("{team}.{}", profile.id);
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
    fn the_same_user_id_in_another_workspace_is_another_account() {
        let id = |team: Value| {
            let said = json!({ "sub": "U0R7", "https://slack.com/team_id": team });
            identity(said).map(|profile| profile.id).ok()
        };
        assert_eq!(id(json!("T1")).as_deref(), Some("T1.U0R7"));
        assert_ne!(id(json!("T1")), id(json!("T2")));
        assert_eq!(id(json!("")), None);
        assert_eq!(id(json!(7)), None);
    }

    #[test]
    fn without_a_usable_picture_the_large_image_is_shown() {
        let image = |picture: Value| {
            let large = "https://slack-edge.com/512.png";
            let said = json!({
                "sub": "U0R7", "https://slack.com/team_id": "T1", "picture": picture, "https://slack.com/user_image_512": large,
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
