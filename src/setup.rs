//! How an instance is set up, for those who check a deployment. Holds no secret.

use serde::Serialize;

use crate::kavach::Kavach;

/// What has to fit what is registered elsewhere.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Setup {
    /// Where the routes are, `https://your-app.com/api/kavach` say.
    pub base_url: String,
    /// The providers, in order.
    pub providers: Vec<ProviderSetup>,
}

/// One provider's part of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderSetup {
    /// Its id in the configuration.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The callback URL to register, exactly so.
    pub callback_url: String,
    /// The endpoints that are called, in so far as they are known without asking.
    pub endpoints: Vec<String>,
}

impl Kavach {
    /// How this instance is set up.
    pub fn setup(&self) -> Setup {
        let base = &self.config.base;
        let providers = self.oauth().ok().map(|oauth| {
            oauth.providers().map(|provider| ProviderSetup {
                id: provider.id().to_owned(),
                name: provider.name().to_owned(),
                callback_url: oauth.redirect_uri(provider, base),
                endpoints: [
                    provider.authorization_url(),
                    provider.token_url(),
                    provider.user_info_url(),
                ]
                .into_iter()
                .flatten()
                .map(ToString::to_string)
                .collect(),
            })
        });
        Setup {
            base_url: base.url(""),
            providers: providers.into_iter().flatten().collect(),
        }
    }
}
