//! Who a grant speaks for: the id_token and the user info, and what the application makes of them.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use serde_json::{Map, Value, json};
use url::Url;

use super::callback::{self, Callback};
use super::entry::{ProfileSource, UserInfoMethod};
use super::standard::Standard;
use super::token_endpoint::Grant;
use crate::error::Result;
use crate::oauth::claims::Claims;
use crate::oauth::client::{ProviderHttp, bearer, provider_error};
use crate::oauth::profile::{Picked, Profile};

/// What a provider's profile mapping works with.
#[derive(Clone, Copy)]
pub(crate) struct ProfileCalls<'a> {
    pub provider: &'a Standard,
    pub grant: &'a Grant,
}

impl Standard {
    pub async fn profile(&self, grant: &Grant) -> Result<Profile> {
        let calls = ProfileCalls {
            provider: self,
            grant,
        };
        if let Some(get_user_profile) = &self.get_user_profile {
            let data = calls.user_info().await?;
            let arguments = vec![data.clone()];
            let told =
                callback::call_for_object(get_user_profile, "getUserProfile", arguments).await?;
            return own_profile(&told, data);
        }
        match &self.entry.profile {
            ProfileSource::Claims(claims) => claims.read(calls.said(claims).await?),
            ProfileSource::Code(profile) => profile(calls).await,
        }
    }
}

impl<'a> ProfileCalls<'a> {
    pub fn http(self) -> &'a ProviderHttp {
        &self.provider.http
    }

    /// What the id_token says, and the user info where that is not enough.
    pub async fn said(self, claims: &Claims) -> Result<Value> {
        let Some(id_token) = &self.grant.claims else {
            return self.user_info().await;
        };
        let always = self
            .provider
            .entry
            .openid
            .as_ref()
            .is_some_and(|openid| openid.always_user_info);
        if !always && claims.are_in(id_token, &self.provider.scopes) {
            return Ok(id_token.clone());
        }
        let Some(url) = self.user_info_url().await? else {
            return Ok(id_token.clone());
        };
        let user_info = self.user_info_at(&url).await?;
        // OpenID Connect Core 5.3.2
        if user_info.get("sub") != id_token.get("sub") {
            return Err(provider_error(
                "the user info is of another subject than the id_token",
            ));
        }
        Ok(merged(user_info, id_token))
    }

    /// What the user info endpoint says.
    pub async fn user_info(self) -> Result<Value> {
        match self.user_info_url().await? {
            Some(url) => self.user_info_at(&url).await,
            None => Err(provider_error(
                "this provider has no user info: it tells who the user is in the id_token alone",
            )),
        }
    }

    pub async fn user_info_url(self) -> Result<Option<Url>> {
        let provider = self.provider;
        if let Some(url) = &provider.endpoints.user_info {
            return Ok(Some(url.clone()));
        }
        let metadata = provider.metadata().await?;
        Ok(metadata.and_then(|metadata| metadata.user_info.clone()))
    }

    async fn user_info_at(self, url: &Url) -> Result<Value> {
        let (provider, entry) = (self.provider, self.provider.entry);
        let (mut request, body) = match entry.user_info.method {
            UserInfoMethod::Get => (http::Request::get(url.as_str()), ""),
            UserInfoMethod::Post => (http::Request::post(url.as_str()), ""),
            UserInfoMethod::PostJson(json) => (
                http::Request::post(url.as_str()).header(CONTENT_TYPE, "application/json"),
                json,
            ),
        };
        request = request.header(AUTHORIZATION, bearer(&self.grant.tokens.access_token));
        let mut accepts = false;
        for (name, template) in entry.user_info.headers {
            accepts |= name.eq_ignore_ascii_case("accept");
            if let Some(value) = provider.variables.fill(template) {
                request = request.header(*name, value);
            }
        }
        if !accepts {
            request = request.header(ACCEPT, "application/json");
        }
        if let Some(agent) = provider.user_agent() {
            request = request.header(USER_AGENT, agent);
        }
        self.http()
            .ask(url, request, body.as_bytes().to_vec(), entry.any_media_type)
            .await?
            .success(url)
    }
}

/// The id_token's word counts where both speak: it is signed. An address and whether it is verified come from the same
/// source.
fn merged(user_info: Value, id_token: &Value) -> Value {
    let (Value::Object(mut all), Value::Object(claims)) = (user_info, id_token) else {
        return id_token.clone();
    };
    let has_email = claims.contains_key("email");
    if has_email {
        all.remove("email_verified");
    }
    for (name, value) in claims {
        if has_email || name != "email_verified" {
            all.insert(name.clone(), value.clone());
        }
    }
    Value::Object(all)
}

/// A profile as a function of the application tells it.
pub(super) fn own_profile(told: &Map<String, Value>, raw: Value) -> Result<Profile> {
    if let Some(Value::Number(id)) = told.get("id")
        && !callback::is_exact(id)
    {
        return Err(provider_error(
            "the account id is a number beyond 2^53, which JavaScript rounds: give it as text",
        ));
    }
    let picked = Picked {
        id: told.get("id"),
        email: told.get("email"),
        email_verified: told.get("emailVerified") == Some(&Value::Bool(true)),
        name: told.get("name"),
        image: told.get("image"),
    };
    picked.judge(raw)
}

/// Asks `mapProfile` for what an application wants to keep beside. It cannot change who the user is, nor what is
/// verified.
pub(super) async fn mapped(callback: &Callback, profile: &mut Profile) -> Result<()> {
    let defaults = json!({
        "email": profile.email,
        "emailVerified": profile.email_verified,
        "name": profile.name,
        "image": profile.image,
    });
    let arguments = vec![profile.raw.clone(), defaults];
    let mut told = callback::call_for_object(callback, "mapProfile", arguments).await?;
    for fixed in ["id", "email", "emailVerified"] {
        told.remove(fixed);
    }
    profile.set_shown(told.remove("name").as_ref(), told.remove("image").as_ref());
    if told.is_empty() {
        return Ok(());
    }
    let extra = Value::Object(told);
    if extra.to_string().len() > MAX_EXTRA {
        return Err(provider_error("mapProfile gave more than 16 KiB"));
    }
    profile.extra = Some(extra);
    Ok(())
}

const MAX_EXTRA: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_never_verified_by_the_word_of_another_source() {
        let user_info = json!({ "sub": "7", "email": "a@x.com", "email_verified": true });
        let id_token = json!({ "sub": "7", "email": "b@x.com" });
        let both = merged(user_info.clone(), &id_token);
        assert_eq!(both.get("email"), Some(&json!("b@x.com")));
        assert_eq!(both.get("email_verified"), None);
        let flag_only = json!({ "sub": "7", "email_verified": true });
        let both = merged(json!({ "sub": "7", "email": "a@x.com" }), &flag_only);
        assert_eq!(both.get("email_verified"), None);
        let both = merged(user_info, &json!({ "sub": "7", "name": "A" }));
        assert_eq!(both.get("email_verified"), Some(&json!(true)));
    }
}
