//! Twitter, now X. <https://developer.x.com/en/portal/dashboard>

use futures_util::FutureExt;
use serde_json::Value;

use crate::error::Result;
use crate::oauth::claims::{Claims, Verified};
use crate::oauth::profile::Profile;
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::ProfileSource;

pub(super) static ENTRY: Entry = Entry {
    id: "twitter",
    name: "Twitter",
    authorization_url: Some("https://x.com/i/oauth2/authorize"),
    token_url: Some("https://api.x.com/2/oauth2/token"),
    user_info_url: Some(
        "https://api.x.com/2/users/me?user.fields=id,name,username,profile_image_url,confirmed_email",
    ),
    revocation_url: Some("https://api.x.com/2/oauth2/revoke"),
    // An application that may not ask for addresses leaves the last one out (`omitScopes`).
    scopes: &["users.read", "tweet.read", "users.email"],
    profile: ProfileSource::Code(|calls| async move { identity(calls.user_info().await?) }.boxed()),
    ..Entry::OAUTH2
};

const CLAIMS: Claims = Claims {
    id: &["/data/id"],
    email: &["/data/confirmed_email"],
    email_verified: Verified::WhenPresent,
    name: &[&["/data/name"], &["/data/username"]],
    image: &["/data/profile_image_url"],
};

fn identity(user: Value) -> Result<Profile> {
    let mut profile = CLAIMS.read(user)?;
    profile.image = profile.image.as_deref().map(full_size);
    Ok(profile)
}

/// The picture that `…_normal.jpg` is the small one of.
fn full_size(url: &str) -> String {
    match url.rsplit_once("_normal.") {
        Some((start, extension)) if !extension.contains('/') => format!("{start}.{extension}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_picture_is_shown_in_full_size() {
        let base = "https://pbs.twimg.com/profile_images/1";
        for (small, full) in [
            ("a_normal.jpg", "a.jpg"),
            ("_normal.d/a_normal.png", "_normal.d/a.png"),
            ("_normal.d/a.png", "_normal.d/a.png"),
            ("default_profile.png", "default_profile.png"),
        ] {
            let small = format!("{base}/{small}");
            assert_eq!(full_size(&small), format!("{base}/{full}"));
        }
    }

    #[test]
    fn a_confirmed_address_is_a_verified_one_and_no_other_is_taken() {
        let user = |field: &str| identity(json!({ "data": { "id": "7", field: "a@x.com" } }));
        assert!(user("confirmed_email").unwrap().email_verified);
        assert_eq!(user("email").unwrap().email, None);
    }
}
