//! Any address that takes JSON, signed as Standard Webhooks 1.0 asks (standardwebhooks.com, "Signature scheme"):
//! HMAC-SHA256 over `id.timestamp.body`, so that the receiver knows who wrote it and when.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use super::payload::payload;
use super::post::{address, post};
use super::{AlertContext, AlertKind, Message, Receiver, SendError};
use crate::feed::Secret;
use crate::feed::http::{Net, Url, Verb};

pub(super) const KIND: AlertKind = AlertKind {
    name: "webhook",
    tells: "any address that takes JSON, one incident at a time, signed; the same id on every retry",
    needs: "url",
    tested_with: "standardwebhooks 1.1 of PyPI, which checks signatures",
    takes_digests: false,
    keeps_all: false,
    open: |context, table| Ok(Box::new(Webhook::open(context, table)?)),
};

/// Bytes that a key has at least and at most (Standard Webhooks: 24 to 64).
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The keys of `[[alert]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Address; `env:NAME` where it is itself a secret.
    url: String,
    /// `whsec_` and the key in base64; without it nothing is signed.
    secret: Option<Secret>,
    /// Value of a header `Authorization`.
    authorization: Option<Secret>,
}

struct Webhook {
    net: Net,
    url: Url,
    key: Option<Vec<u8>>,
    authorization: Option<Secret>,
}

impl Webhook {
    fn open(context: &AlertContext, table: toml::Table) -> Result<Self, String> {
        let Settings { url, secret, authorization } = context.settings(table)?;
        let key = secret.map(|secret| key(secret.reveal())).transpose()?;
        Ok(Self { net: context.net.clone(), url: address("url", url)?, key, authorization })
    }

    async fn tell(&self, message: &Message) -> Result<(), SendError> {
        let body = payload(message).to_string();
        let timestamp = Utc::now().timestamp().to_string();
        let signature = self.key.as_ref().map(|key| sign(key, &message.id, &timestamp, &body));
        let mut headers = vec![("webhook-id", message.id.as_str()), ("webhook-timestamp", timestamp.as_str())];
        headers.extend(signature.as_deref().map(|signature| ("webhook-signature", signature)));
        headers.extend(self.authorization.as_ref().map(|secret| ("authorization", secret.reveal())));
        post(&self.net, Verb::Post, &self.url, &headers, body).await.map(drop)
    }
}

impl Receiver for Webhook {
    fn send<'a>(&'a mut self, message: &'a Message) -> BoxFuture<'a, Result<(), SendError>> {
        self.tell(message).boxed()
    }
}

/// The key as bytes.
fn key(secret: &str) -> Result<Vec<u8>, String> {
    let decoded = secret.trim().strip_prefix("whsec_").and_then(|encoded| STANDARD.decode(encoded).ok());
    decoded.filter(|key| KEY_BYTES.contains(&key.len())).ok_or_else(|| {
        "secret: the variable holds whsec_ and 24 to 64 bytes in base64, such as \
         echo whsec_$(openssl rand -base64 32)"
            .to_owned()
    })
}

/// `v1,` and the signature in base64.
fn sign(key: &[u8], id: &str, timestamp: &str, body: &str) -> String {
    // A key of any length is taken, so this never fails.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries (standard-webhooks, `libraries/*/tests`).
    #[test]
    fn a_known_signature() {
        let key = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "{\"test\": 2432232314}");
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn keys_that_are_none() {
        for secret in ["", "secret", "whsec_", "whsec_c2hvcnQ=", "whsec_?"] {
            assert!(key(secret).unwrap_err().contains("openssl rand"), "{secret}");
        }
    }
}
