//! A message as JSON, for webhooks and commands: type, time and data, as Standard Webhooks recommends.

use serde_json::{Value, json};

use super::words;
use super::{Message, Notice};

/// `{"type": "incident.opened", "timestamp": "…", "data": {…}}`; several incidents are a `digest`, which only kinds that
/// take one get. `timestamp` is when the journal line was written; fields are only ever added.
pub(super) fn payload(message: &Message) -> Value {
    let data = |notice: &Notice| {
        json!({
            "event": notice.event.name(),
            "seq": notice.seq,
            "title": words::title(notice),
            "text": words::details(notice).join("\n"),
            "link": notice.link,
            "opened_at": notice.opened_at,
            "changed_at": notice.changed_at,
            "test": message.is_test,
            "incident": notice.incident,
        })
    };
    let last = message.notices.iter().map(|notice| notice.changed_at).max();
    let (kind, data) = match message.notices.as_slice() {
        [one] => (format!("incident.{}", one.event.name()), data(one)),
        many => ("digest".to_owned(), many.iter().map(data).collect()),
    };
    json!({ "type": kind, "timestamp": last, "data": data })
}
