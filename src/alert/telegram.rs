//! Telegram by a bot (core.telegram.org/bots/api, sendMessage): without a parse mode nothing is markup, and what would
//! become a mention is split.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};

use super::chat::{cut, no_mentions};
use super::post::{address, join, post};
use super::words;
use super::{AlertContext, AlertKind, Message, Receiver, SendError};
use crate::feed::Secret;
use crate::feed::http::{Net, Url, Verb};

pub(super) const KIND: AlertKind = AlertKind {
    name: "telegram",
    tells: "a chat or channel of Telegram, by a bot that is in it",
    needs: "token (env:NAME), chat",
    tested_with: "the description of the interface",
    takes_digests: true,
    keeps_all: false,
    open: |context, table| Ok(Box::new(Telegram::open(context, table)?)),
};

/// Longest message that Telegram takes.
const MAX_UNITS: usize = 4096;

/// The keys of `[[alert]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Token of the bot.
    token: Secret,
    /// Number of the chat, or `@name` of a public channel.
    chat: String,
    /// Address of the interface.
    #[serde(default = "api_url")]
    api_url: String,
}

fn api_url() -> String {
    "https://api.telegram.org".to_owned()
}

struct Telegram {
    net: Net,
    /// With the token in it.
    url: Url,
    chat: String,
}

impl Telegram {
    fn open(context: &AlertContext, table: toml::Table) -> Result<Self, String> {
        let Settings { token, chat, api_url } = context.settings(table)?;
        let is_chat = chat.parse::<i64>().is_ok() || chat.strip_prefix('@').is_some_and(|name| !name.is_empty());
        if !is_chat {
            return Err(format!("chat = \"{chat}\": write its number in quotes, or @name of a public channel"));
        }
        let url = join(&address("api_url", api_url)?, &[&format!("bot{}", token.reveal()), "sendMessage"]);
        Ok(Self { net: context.net.clone(), url, chat })
    }
}

impl Receiver for Telegram {
    fn send<'a>(&'a mut self, message: &'a Message) -> BoxFuture<'a, Result<(), SendError>> {
        let body = body(message, &self.chat).to_string();
        async { post(&self.net, Verb::Post, &self.url, &[], body).await.map(drop) }.boxed()
    }
}

fn body(message: &Message, chat: &str) -> Value {
    json!({
        "chat_id": chat,
        "text": cut(&no_mentions(&words::text(message)), MAX_UNITS),
        "link_preview_options": { "is_disabled": true },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::Event;
    use crate::alert::example;
    use crate::model::Change;

    #[test]
    fn nobody_is_called_and_nothing_is_markup() {
        let mut message = example::message(Event::Change(Change::Opened));
        message.notices[0].incident.service = "@someone <b>x</b>".into();
        let body = body(&message, "-100123");
        assert!(body["text"].as_str().unwrap().starts_with("@\u{200B}someone <b>x</b>: down since"), "{body}");
        assert!(body.get("parse_mode").is_none());
    }
}
