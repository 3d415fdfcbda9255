//! Microsoft Entra ID and personal accounts. <https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps>

use futures_util::FutureExt;
use serde_json::Value;

use crate::error::Result;
use crate::oauth::claims::is_true;
use crate::oauth::client::provider_error;
use crate::oauth::profile::{Picked, Profile};
use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::{IssuerRule, Method, OpenId, ProfileSource};
use crate::oauth::provider::variables::{Need, Variable};

pub(super) static ENTRY: Entry = Entry {
    id: "microsoft",
    name: "Microsoft",
    openid: Some(OpenId {
        issuer: "https://login.microsoftonline.com/{tenant}/v2.0",
        issuer_rule: IssuerRule::Tenant,
        ..OpenId::STANDARD
    }),
    authorization_url: Some("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize"),
    token_url: Some("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"),
    scopes: &["openid", "profile", "email", "User.Read", "offline_access"],
    client_authentication: Method::Post,
    variables: &[Variable::segment("tenant", Need::Default("common"))],
    profile: ProfileSource::Code(|calls| {
        async move {
            match &calls.grant.claims {
                Some(claims) => {
                    let tenant = calls.provider.variables.get("tenant");
                    require_tenant(claims, tenant.unwrap_or_default())?;
                    identity(claims.clone())
                }
                None => Err(provider_error(
                    "Microsoft tells who the user is in the id_token alone",
                )),
            }
        }
        .boxed()
    }),
    ..Entry::OPENID
};

/// `organizations` has no issuer of its own, and a user can change the word in the address bar.
fn require_tenant(claims: &Value, tenant: &str) -> Result<()> {
    let is_personal = claims.get("tid").and_then(Value::as_str) == Some(CONSUMERS);
    if tenant == "organizations" && is_personal {
        return Err(provider_error("the account is a personal one"));
    }
    Ok(())
}

/// `oid` is unique within a tenant only, and `sub` differs from app to app.
fn identity(claims: Value) -> Result<Profile> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let (Some(tenant), Some(object)) = (text("tid"), text("oid")) else {
        return Err(provider_error("the id_token names no tid and oid"));
    };
    if tenant.is_empty() || object.is_empty() {
        return Err(provider_error("the id_token's tid or oid is empty"));
    }
    let id = Value::String(format!("{tenant}.{object}"));
    let picked = Picked {
        id: Some(&id),
        email: claims.get("email"),
        email_verified: is_verified(&claims, tenant),
        name: claims.get("name"),
        image: None,
    };
    picked.judge(claims.clone())
}

/// The administrator of any tenant may write any address into `email`, so only what Microsoft itself has verified
/// counts (the attack is known as nOAuth).
fn is_verified(claims: &Value, tenant: &str) -> bool {
    let is_owner_verified = claims.get("xms_edov").is_some_and(|value| {
        is_true(value) || value.as_u64() == Some(1) || value.as_str() == Some("1")
    });
    let email = claims.get("email").and_then(Value::as_str);
    let is_listed = ["verified_primary_email", "verified_secondary_email"]
        .iter()
        .filter_map(|name| claims.get(name)?.as_array())
        .flatten()
        .filter_map(Value::as_str)
        .any(|listed| email.is_some_and(|email| listed.eq_ignore_ascii_case(email)));
    is_owner_verified || is_listed || tenant == CONSUMERS
}

/// Personal accounts prove their address when they are made.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn verified(change: Value) -> bool {
        let mut claims = json!({ "tid": "t", "oid": "o", "email": "ada@x.com" });
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        identity(claims).unwrap().email_verified
    }

    #[test]
    fn an_address_that_a_tenant_wrote_is_not_verified() {
        assert!(!verified(json!({})));
        assert!(!verified(json!({ "xms_edov": false })));
        assert!(!verified(json!({ "xms_edov": "0" })));
        assert!(!verified(json!({ "email_verified": true })));
        assert!(!verified(json!({ "verified_primary_email": ["eve@x.com"] })));
    }

    #[test]
    fn an_address_that_microsoft_verified_is() {
        for edov in [json!(true), json!(1), json!("1"), json!("true")] {
            assert!(verified(json!({ "xms_edov": edov })));
        }
        assert!(verified(json!({ "verified_secondary_email": ["ADA@x.com"] })));
        assert!(verified(json!({ "tid": CONSUMERS })));
    }

    #[test]
    fn a_personal_account_is_of_no_organization() {
        let personal = json!({ "tid": CONSUMERS });
        assert!(require_tenant(&personal, "organizations").is_err());
        assert!(require_tenant(&personal, "common").is_ok());
        assert!(require_tenant(&json!({ "tid": "t" }), "organizations").is_ok());
    }

    #[test]
    fn the_same_object_in_another_tenant_is_another_account() {
        let id = |tid: &str| identity(json!({ "tid": tid, "oid": "o" })).unwrap().id;
        assert_ne!(id("a"), id("b"));
        assert!(identity(json!({ "tid": "t" })).is_err());
        assert!(identity(json!({ "tid": "", "oid": "o" })).is_err());
    }
}
