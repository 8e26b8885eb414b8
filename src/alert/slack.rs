//! Slack by an incoming webhook (docs.slack.dev, "Sending messages using incoming webhooks"): plain text, in which
//! `&`, `<` and `>` are written as entities, so that `<!channel>` and `<@U…>` call nobody.

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
    name: "slack",
    tells: "a channel of Slack, or of what takes the same webhooks (Mattermost, Rocket.Chat)",
    needs: "url (env:NAME: it is a secret)",
    tested_with: "the description of the interface",
    takes_digests: true,
    keeps_all: false,
    open: |context, table| Ok(Box::new(Slack::open(context, table)?)),
};

/// Slack cuts longer texts itself, without saying where.
const MAX_UNITS: usize = 4000;

/// The keys of `[[alert]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    url: String,
}

struct Slack {
    net: Net,
    url: Url,
}

impl Slack {
    fn open(context: &AlertContext, table: toml::Table) -> Result<Self, String> {
        let Settings { url } = context.settings(table)?;
        Ok(Self { net: context.net.clone(), url: address("url", url)? })
    }
}

impl Receiver for Slack {
    fn send<'a>(&'a mut self, message: &'a Message) -> BoxFuture<'a, Result<(), SendError>> {
        async { post(&self.net, Verb::Post, &self.url, &[], body(message).to_string()).await.map(drop) }.boxed()
    }
}

fn body(message: &Message) -> Value {
    let text = cut(&no_mentions(&words::text(message)), MAX_UNITS);
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    json!({ "text": text, "mrkdwn": false, "unfurl_links": false, "unfurl_media": false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::Event;
    use crate::alert::example;
    use crate::model::Change;

    #[test]
    fn nobody_is_called() {
        let mut message = example::message(Event::Change(Change::Opened));
        message.notices[0].incident.service = "<!channel> <@U1> @here & <http://evil|good>".into();
        let body = body(&message);
        let text = body["text"].as_str().unwrap();
        assert!(!text.contains(['<', '>']) && !text.contains("@here"), "{text}");
        assert!(text.starts_with("&lt;!channel&gt; &lt;@\u{200B}U1&gt; @\u{200B}here &amp; "), "{text}");
    }
}
