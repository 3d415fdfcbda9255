//! Who a provider says it is, parsed at the edge: nothing from a provider is trusted for its type.

use serde_json::Value;

use crate::error::Result;
use crate::oauth::client::provider_error;

/// A provider account, as far as the library cares.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The identity: stable, and unique at the provider.
    pub id: String,
    /// Trimmed and lower-cased (ASCII).
    pub email: Option<String>,
    /// Whether the provider vouches for the address.
    pub email_verified: bool,
    /// The name to show.
    pub name: Option<String>,
    /// The address of a picture, http or https.
    pub image: Option<String>,
    /// What the provider said: the user info, the id_token, or both as one.
    pub raw: Value,
    /// What the application keeps beside it.
    pub extra: Option<Value>,
}

impl Profile {
    /// Shows another name or picture, where one is given; what is given and cannot be shown leaves none.
    pub(crate) fn set_shown(&mut self, new_name: Option<&Value>, new_image: Option<&Value>) {
        if let Some(value) = new_name {
            self.name = value.as_str().and_then(name);
        }
        if let Some(value) = new_image {
            self.image = value.as_str().and_then(picture);
        }
    }
}

/// What a provider's mapping picked from its answers, not yet judged.
#[derive(Default)]
pub(crate) struct Picked<'a> {
    pub id: Option<&'a Value>,
    pub email: Option<&'a Value>,
    pub email_verified: bool,
    pub name: Option<&'a Value>,
    pub image: Option<&'a Value>,
}

impl Picked<'_> {
    /// Judges what was picked. An id must be text, or a whole number, of at most 255 characters and without control
    /// characters. Everything else is left out when it is not what it should be.
    pub fn judge(self, raw: Value) -> Result<Profile> {
        let id = match self.id {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) if number.is_u64() || number.is_i64() => number.to_string(),
            _ => return Err(provider_error("the profile names no account id")),
        };
        if id.is_empty()
            || id.chars().count() > MAX_ID_CHARS
            || id.chars().any(char::is_control)
            || id.trim() != id
        {
            return Err(provider_error("the profile's account id cannot be used"));
        }
        let email = self.email.and_then(Value::as_str).and_then(email_address);
        Ok(Profile {
            id,
            email_verified: self.email_verified && email.is_some(),
            email,
            name: self.name.and_then(Value::as_str).and_then(name),
            image: self.image.and_then(Value::as_str).and_then(picture),
            raw,
            extra: None,
        })
    }
}

/// An address as we compare it: trimmed, ASCII letters in lower case. Other letters stay: Unicode would fold the
/// Kelvin sign to `k`, and one person's address to another's.
pub(crate) fn email_address(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let (local, domain) = text.rsplit_once('@')?;
    let plausible = !local.is_empty()
        && !domain.is_empty()
        && text.chars().count() <= MAX_EMAIL_CHARS
        && !text.chars().any(|c| c.is_control() || c.is_whitespace());
    plausible.then_some(text)
}

const MAX_ID_CHARS: usize = 255;
const MAX_EMAIL_CHARS: usize = 320;
const MAX_NAME_CHARS: usize = 255;
const MAX_URL_CHARS: usize = 2_048;

fn name(text: &str) -> Option<String> {
    let text: String = text
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_NAME_CHARS)
        .collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// An application puts it into `src`, so it must not be a script.
fn picture(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && text.len() <= MAX_URL_CHARS).then(|| url.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judge(picked: &Value) -> Option<Profile> {
        Picked {
            id: picked.get("id"),
            email: picked.get("email"),
            email_verified: true,
            name: picked.get("name"),
            image: picked.get("image"),
        }
        .judge(Value::Null)
        .ok()
    }

    #[test]
    fn an_id_is_text_or_a_whole_number() {
        assert_eq!(judge(&json!({ "id": "{a}" })).unwrap().id, "{a}");
        assert_eq!(judge(&json!({ "id": 7 })).unwrap().id, "7");
        for id in [
            json!(null),
            json!(""),
            json!(1.5),
            json!({}),
            json!([]),
            json!(true),
            json!("a\0b"),
            json!(" a"),
            json!("a".repeat(256)),
        ] {
            assert!(judge(&json!({ "id": id })).is_none(), "{id}");
        }
        assert!(judge(&json!({})).is_none());
    }

    #[test]
    fn an_address_is_compared_trimmed_and_in_lower_case() {
        assert_eq!(
            email_address(" Capital+Tag@Example.COM ").as_deref(),
            Some("capital+tag@example.com")
        );
        assert_eq!(
            email_address("\u{212a}@x.com").as_deref(),
            Some("\u{212a}@x.com")
        );
        for text in [
            "",
            "x",
            "@",
            "a@",
            "@b",
            "a b@c",
            "a\0@c",
            &format!("a@{}", "b".repeat(320)),
        ] {
            assert_eq!(email_address(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_as_it_should_be_is_left_out() {
        let profile =
            judge(&json!({ "id": "1", "email": 7, "name": ["x"], "image": "javascript:alert(1)" }))
                .unwrap();
        assert_eq!(
            (profile.email, profile.name, profile.image),
            (None, None, None)
        );
        assert!(!profile.email_verified);
    }

    #[test]
    fn a_name_keeps_its_letters_and_loses_control_characters() {
        assert_eq!(
            judge(&json!({ "id": "1", "name": " कव्या\0 北京 " }))
                .unwrap()
                .name
                .as_deref(),
            Some("कव्या 北京")
        );
    }
}
