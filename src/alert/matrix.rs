//! A room of Matrix by the client-server API (spec.matrix.org v1.11, `PUT …/send/m.room.message/{txnId}`): the id of the
//! message is the transaction, so that the server itself drops a copy. An empty `m.mentions` calls nobody.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};

use super::chat::no_mentions;
use super::post::{address, join, post};
use super::words;
use super::{AlertContext, AlertKind, Message, Receiver, SendError};
use crate::feed::Secret;
use crate::feed::http::{Net, Url, Verb};

pub(super) const KIND: AlertKind = AlertKind {
    name: "matrix",
    tells: "a room of Matrix, by an account that has joined it (unencrypted rooms)",
    needs: "server, room, token (env:NAME)",
    tested_with: "the description of the interface",
    takes_digests: true,
    keeps_all: false,
    open: |context, table| Ok(Box::new(Matrix::open(context, table)?)),
};

/// The keys of `[[alert]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Address of the home server.
    server: String,
    /// Id of the room, such as `!abc:example.org`.
    room: String,
    /// Access token of the account.
    token: Secret,
}

struct Matrix {
    net: Net,
    url: Url,
    authorization: String,
}

impl Matrix {
    fn open(context: &AlertContext, table: toml::Table) -> Result<Self, String> {
        let Settings { server, room, token } = context.settings(table)?;
        if !room.starts_with('!') {
            return Err(format!(
                "room = \"{room}\": write its internal id, such as !abc:example.org (room settings, Advanced)"
            ));
        }
        let path = ["_matrix", "client", "v3", "rooms", &room, "send", "m.room.message"];
        let url = join(&address("server", server)?, &path);
        Ok(Self { net: context.net.clone(), url, authorization: format!("Bearer {}", token.reveal()) })
    }
}

impl Receiver for Matrix {
    fn send<'a>(&'a mut self, message: &'a Message) -> BoxFuture<'a, Result<(), SendError>> {
        let (url, body) = (join(&self.url, &[&message.id]), body(message).to_string());
        async move {
            let headers = [("authorization", self.authorization.as_str())];
            post(&self.net, Verb::Put, &url, &headers, body).await.map(drop)
        }
        .boxed()
    }
}

fn body(message: &Message) -> Value {
    json!({ "msgtype": "m.text", "body": no_mentions(&words::text(message)), "m.mentions": {} })
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
        message.notices[0].incident.service = "@room".into();
        let body = body(&message);
        assert!(body["body"].as_str().unwrap().starts_with("@\u{200B}room: down since"), "{body}");
        assert_eq!(body["m.mentions"], json!({}));
        assert!(body.get("formatted_body").is_none());
    }
}
