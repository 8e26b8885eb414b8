//! Discord by a webhook of a channel (docs.discord.com, "Execute Webhook"): Markdown that is written out, mentions that
//! are neither parsed nor allowed.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};

use super::chat::{cut, no_mentions};
use super::post::{address, post};
use super::words;
use super::{AlertContext, AlertKind, Message, Receiver, SendError};
use crate::feed::http::{Net, Url, Verb};

pub(super) const KIND: AlertKind = AlertKind {
    name: "discord",
    tells: "a channel of Discord",
    needs: "url (env:NAME: it is a secret)",
    tested_with: "the description of the interface",
    takes_digests: true,
    keeps_all: false,
    open: |context, table| Ok(Box::new(Discord::open(context, table)?)),
};

/// Longest message that Discord takes.
const MAX_UNITS: usize = 2000;
/// Flag that keeps links from becoming pictures (SUPPRESS_EMBEDS).
const SUPPRESS_EMBEDS: u32 = 1 << 2;

/// The keys of `[[alert]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    url: String,
}

struct Discord {
    net: Net,
    url: Url,
}

impl Discord {
    fn open(context: &AlertContext, table: toml::Table) -> Result<Self, String> {
        let Settings { url } = context.settings(table)?;
        Ok(Self { net: context.net.clone(), url: address("url", url)? })
    }
}

impl Receiver for Discord {
    fn send<'a>(&'a mut self, message: &'a Message) -> BoxFuture<'a, Result<(), SendError>> {
        async { post(&self.net, Verb::Post, &self.url, &[], body(message).to_string()).await.map(drop) }.boxed()
    }
}

fn body(message: &Message) -> Value {
    let mut text = String::new();
    for line in words::text(message).lines() {
        // A link is written as it is: a backslash inside would be part of it.
        let line = if line.trim_start().starts_with("http") { line.to_owned() } else { escaped(&no_mentions(line)) };
        text.push_str(&line);
        text.push('\n');
    }
    json!({
        "content": cut(text.trim_end(), MAX_UNITS),
        "allowed_mentions": { "parse": [] },
        "flags": SUPPRESS_EMBEDS,
    })
}

/// With a backslash before everything that Discord's Markdown may take for its own.
fn escaped(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    for c in line.chars() {
        if matches!(c, '\\' | '*' | '_' | '~' | '`' | '|' | '>' | '<' | '#' | '[' | ']' | '(' | ')') {
            text.push('\\');
        }
        text.push(c);
    }
    text
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
        message.notices[0].incident.service = "@everyone **x** <@&1> [a](http://evil)".into();
        let body = body(&message);
        let text = body["content"].as_str().unwrap();
        assert!(text.starts_with(r"@".to_owned().as_str()) && !text.contains("@everyone"), "{text}");
        assert!(text.contains(r"\*\*x\*\* \<@") && text.contains(r"\[a\]\(http://evil\)"), "{text}");
        assert!(text.contains("\nhttps://example.org/incidents/whatsapp-20261122T1154Z\n"), "{text}");
        assert_eq!(body["allowed_mentions"]["parse"], json!([]));
        message.notices[0].incident.service = "_".repeat(5000).as_str().into();
        assert!(super::body(&message)["content"].as_str().unwrap().encode_utf16().count() <= MAX_UNITS);
    }
}
