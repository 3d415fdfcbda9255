//! The catalogue: one file and one line here for each provider.

pub(crate) mod generic;

use crate::oauth::provider::Entry;

macro_rules! catalogue {
    ($($module:ident)*) => {
        $(pub(crate) mod $module;)*

        /// Every provider we know.
        pub static CATALOGUE: &[&Entry] = &[$(&$module::ENTRY,)*];
    };
}

catalogue! {
    apple
    atlassian
    auth0
    bitbucket
    cognito
    coinbase
    discord
    dropbox
    facebook
    figma
    github
    gitlab
    google
    huggingface
    kakao
    kick
    line
    linear
    linkedin
    microsoft
    naver
    notion
    okta
    paypal
    polar
    railway
    reddit
    roblox
    salesforce
    slack
    spotify
    tiktok
    twitch
    twitter
    vercel
    vk
    wechat
    yahoo
    zoom
}

/// The entry of that id.
pub fn find(id: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.id == id).copied()
}
