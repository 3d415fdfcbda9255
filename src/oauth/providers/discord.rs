//! Discord. <https://discord.com/developers/applications>

use futures_util::FutureExt;
use serde_json::Value;

use crate::error::Result;
use crate::oauth::claims::{Claims, Verified};
use crate::oauth::profile::Profile;
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::ProfileSource;

pub(super) static ENTRY: Entry = Entry {
    id: "discord",
    name: "Discord",
    authorization_url: Some("https://discord.com/oauth2/authorize"),
    token_url: Some("https://discord.com/api/oauth2/token"),
    user_info_url: Some("https://discord.com/api/v10/users/@me"),
    revocation_url: Some("https://discord.com/api/oauth2/token/revoke"),
    scopes: &["identify", "email"],
    profile: ProfileSource::Code(|calls| async move { identity(calls.user_info().await?) }.boxed()),
    ..Entry::OAUTH2
};

const CLAIMS: Claims = Claims {
    id: &["/id"],
    email: &["/email"],
    email_verified: Verified::All(&["/verified"]),
    name: &[&["/global_name"], &["/username"]],
    image: &[],
};

fn identity(user: Value) -> Result<Profile> {
    let image = picture(&user).map(Value::String);
    let mut profile = CLAIMS.read(user)?;
    profile.set_shown(None, image.as_ref());
    Ok(profile)
}

/// The user names no address of a picture, only what it is made of.
fn picture(user: &Value) -> Option<String> {
    let text = |name: &str| user.get(name).and_then(Value::as_str);
    let id: u64 = match user.get("id")? {
        Value::String(text) => text.parse().ok()?,
        number => number.as_u64()?,
    };
    if let Some(hash) = text("avatar").filter(|hash| is_hash(hash)) {
        let format = if hash.starts_with("a_") { "gif" } else { "png" };
        return Some(format!("{PICTURES}/avatars/{id}/{hash}.{format}"));
    }
    // Without one of its own it is one of five by the tag, or one of six where there is no tag any more.
    let tag = text("discriminator").and_then(|tag| tag.parse::<u64>().ok());
    let number = match tag {
        Some(tag) if tag > 0 => tag % 5,
        _ => (id >> 22) % 6,
    };
    Some(format!("{PICTURES}/embed/avatars/{number}.png"))
}

const PICTURES: &str = "https://cdn.discordapp.com";

/// It becomes part of a path.
fn is_hash(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn jane(change: &Value) -> Profile {
        let mut user = json!({
            "id": "80351110224678912", "username": "jane", "discriminator": "0",
            "global_name": "Jane Example", "avatar": "8342729096ea", "verified": true,
            "email": "jane@example.com",
        });
        for (name, value) in change.as_object().unwrap() {
            user[name] = value.clone();
        }
        identity(user).unwrap()
    }

    #[test]
    fn an_address_is_verified_when_discord_says_so() {
        assert!(jane(&json!({})).email_verified);
        for verified in [json!(false), json!(null), json!(1)] {
            assert!(!jane(&json!({ "verified": verified })).email_verified);
        }
    }

    #[test]
    fn a_picture_is_made_of_its_hash() {
        let image = |avatar: &str| jane(&json!({ "avatar": avatar })).image.unwrap();
        let base = "https://cdn.discordapp.com/avatars/80351110224678912";
        assert_eq!(image("8342729096ea"), format!("{base}/8342729096ea.png"));
        assert_eq!(image("a_d5efa99b"), format!("{base}/a_d5efa99b.gif"));
    }

    #[test]
    fn without_a_usable_hash_it_is_one_that_discord_gives_to_everybody() {
        let image = |change: Value| jane(&change).image.unwrap();
        let base = "https://cdn.discordapp.com/embed/avatars";
        for avatar in [json!(null), json!({}), json!(""), json!("../../x")] {
            assert_eq!(image(json!({ "avatar": avatar })), format!("{base}/5.png"));
        }
        let tagged = json!({ "avatar": null, "discriminator": "1337" });
        assert_eq!(image(tagged), format!("{base}/2.png"));
        let other = json!({ "avatar": null, "id": 29_360_128 });
        assert_eq!(image(other), format!("{base}/1.png"));
    }
}
