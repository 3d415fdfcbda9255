//! Hugging Face. <https://huggingface.co/settings/applications/new>

use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::OpenId;

pub(super) static ENTRY: Entry = Entry {
    id: "huggingface",
    name: "Hugging Face",
    openid: OpenId::of("https://huggingface.co"),
    authorization_url: Some("https://huggingface.co/oauth/authorize"),
    token_url: Some("https://huggingface.co/oauth/token"),
    user_info_url: Some("https://huggingface.co/oauth/userinfo"),
    ..Entry::OPENID
};
