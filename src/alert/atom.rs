//! A feed of incidents by Atom (RFC 4287): an entry for each, under an id that never changes (a tag URI, RFC 4151).

use std::path::PathBuf;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event as Xml};
use serde::Deserialize;

use super::words;
use super::{AlertContext, AlertKind, Event, Message, Notice, Receiver, SendError};
use crate::feed::http::Url;
use crate::model::{Change, Known, Phase, Time};
use crate::report::text::one_line;
use crate::report::{AtomicFile, wording, write_file};

pub(super) const KIND: AlertKind = AlertKind {
    name: "atom",
    tells: "a file that feed readers read: an entry for each incident, updated as it changes",
    needs: "path",
    tested_with: "feedparser 6.0 of PyPI",
    takes_digests: false,
    keeps_all: true,
    open: |context, table| Ok(Box::new(Atom::open(context, table)?)),
};

/// Entries of a feed, the latest; a reader that comes now and then must not miss one.
const MAX_ENTRIES: usize = 200;
/// The year in which the names of the tag URIs began to be given: a part of each id for ever.
const TAG_YEAR: &str = "2026";

/// The keys of `[[alert]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The file.
    path: PathBuf,
    /// Address at which the file will be read.
    self_url: Option<String>,
}

struct Atom {
    path: PathBuf,
    self_url: Option<String>,
}

impl Atom {
    fn open(context: &AlertContext, table: toml::Table) -> Result<Self, String> {
        let Settings { path, self_url } = context.settings(table)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if path.file_name().is_none() || folder.is_some_and(|folder| !folder.is_dir()) {
            return Err(format!("path = \"{}\": write a file in a folder that is there", path.display()));
        }
        let self_url = self_url.map(|url| crate::feed::link("self_url", &url)).transpose()?;
        Ok(Self { path, self_url: self_url.map(String::from) })
    }
}

impl Receiver for Atom {
    /// The file holds all that was told, so there is nothing to send; a test only says whether it can be written.
    fn send<'a>(&'a mut self, message: &'a Message) -> BoxFuture<'a, Result<(), SendError>> {
        async {
            if message.is_test {
                // Begun beside the file, and gone again: what the file says stays as it is.
                AtomicFile::create(&self.path).map_err(|error| SendError::Failed(error.to_string()))?;
            }
            Ok(())
        }
        .boxed()
    }

    fn repeat<'a>(&'a mut self, told: &'a [Notice]) -> BoxFuture<'a, Result<(), SendError>> {
        let bytes = feed(told, self.self_url.as_deref());
        let path = self.path.clone();
        async move {
            let written = tokio::task::spawn_blocking(move || write_file(&path, |out| out.write_all(&bytes))).await;
            match written {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(SendError::Failed(error.to_string())),
                Err(_) => Err(SendError::Failed("the file could not be written".to_owned())),
            }
        }
        .boxed()
    }
}

/// A feed of incidents as bytes, the latest change first. `link` gives the page of an incident by its id.
pub fn write(known: &[Known], self_url: Option<&str>, link: impl Fn(&str) -> Option<String>) -> Vec<u8> {
    let notice = |known: &Known| Notice {
        event: match (known.is_open(), known.incident.phase) {
            (false, _) => Event::Change(Change::Withdrawn),
            (true, Phase::Ongoing) => Event::Change(Change::Opened),
            (true, Phase::Ended) => Event::Change(Change::Ended),
        },
        seq: known.seq,
        changed_at: known.changed_at,
        opened_at: known.opened_at,
        incident: known.incident.clone(),
        link: link(&known.incident.id),
        is_first: false,
    };
    feed(&known.iter().map(notice).collect::<Vec<_>>(), self_url)
}

fn feed(notices: &[Notice], self_url: Option<&str>) -> Vec<u8> {
    let mut latest: Vec<&Notice> = notices.iter().collect();
    latest.sort_by(|a, b| (b.changed_at, &b.incident.id).cmp(&(a.changed_at, &a.incident.id)));
    latest.truncate(MAX_ENTRIES);
    let url = self_url.and_then(|url| Url::parse(url).ok());
    let authority = url.as_ref().and_then(Url::host_str).unwrap_or("localhost").to_owned();
    let tag = |name: &str| format!("tag:{authority},{TAG_YEAR}:{name}");
    let updated = latest.first().map_or(Time::UNIX_EPOCH, |notice| notice.changed_at);
    let mut xml = Document(Writer::new_with_indent(Vec::new(), b' ', 1));
    xml.event(Xml::Decl(BytesDecl::new("1.0", Some("utf-8"), None)));
    xml.open("feed", &[("xmlns", "http://www.w3.org/2005/Atom"), ("xml:lang", "en")]);
    xml.element("id", &[], &tag("incidents"));
    xml.element("title", &[], "Outages that people speak of");
    xml.element("subtitle", &[], "Estimated from public posts; no measurement of the services.");
    xml.element("updated", &[], &moment(updated));
    if let Some(url) = &url {
        xml.empty("link", &[("rel", "self"), ("type", "application/atom+xml"), ("href", url.as_str())]);
    }
    xml.open("author", &[]);
    xml.element("name", &[], "caiu");
    xml.close("author");
    xml.element("generator", &[("version", env!("CARGO_PKG_VERSION"))], "caiu");
    for notice in latest {
        let incident = &notice.incident;
        xml.open("entry", &[]);
        xml.element("id", &[], &tag(&format!("incidents/{}", segment(&incident.id))));
        xml.element("title", &[], &words::title(notice));
        xml.element("published", &[], &moment(notice.opened_at));
        xml.element("updated", &[], &moment(notice.changed_at));
        if let Some(link) = &notice.link {
            xml.empty("link", &[("rel", "alternate"), ("type", "text/html"), ("href", link)]);
        }
        let state = match notice.event {
            Event::Change(Change::Withdrawn) | Event::Flapping => notice.event.name(),
            _ if incident.phase == Phase::Ended => "ended",
            _ => "ongoing",
        };
        for term in [incident.service.as_str(), wording::verdict(incident.verdict), state] {
            xml.empty("category", &[("term", &one_line(term))]);
        }
        xml.element("content", &[("type", "text")], &words::details(notice).join("\n"));
        xml.close("entry");
    }
    xml.close("feed");
    let mut bytes = xml.0.into_inner();
    bytes.push(b'\n');
    bytes
}

/// The characters of an id that a URI takes as they are; others in percent form.
fn segment(id: &str) -> String {
    let byte = |byte: u8| match byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    id.bytes().map(byte).collect()
}

fn moment(time: Time) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// XML in the making; a vector takes everything, so nothing here fails.
struct Document(Writer<Vec<u8>>);

impl Document {
    fn event(&mut self, event: Xml) {
        let _ = self.0.write_event(event);
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.event(Xml::Start(BytesStart::new(name).with_attributes(attributes.iter().copied())));
    }

    fn close(&mut self, name: &str) {
        self.event(Xml::End(BytesEnd::new(name)));
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.event(Xml::Empty(BytesStart::new(name).with_attributes(attributes.iter().copied())));
    }

    fn element(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        self.event(Xml::Text(BytesText::new(text)));
        self.close(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::example::{self, at};

    fn known(change: Change, min: i64) -> Known {
        Known::first(&example::entry(1, min, change))
    }

    #[test]
    fn a_feed_reader_finds_each_incident_under_a_stable_id() {
        let mut other = known(Change::Ended, 30);
        other.incident.id = "a\"b<c>&".to_owned();
        other.incident.service = "x & <script>alert(1)</script>\u{0}\u{1b}[2J".into();
        let entries = [known(Change::Opened, 0), other];
        let link = |id: &str| Some(format!("https://example.org/i?a=1&id={}", segment(id)));
        let bytes = write(&entries, Some("https://example.org/incidents.atom"), link);
        let feed = feed_rs::parser::parse(bytes.as_slice()).unwrap();
        assert_eq!(feed.updated.unwrap(), at(30));
        let ids: Vec<&str> = feed.entries.iter().map(|entry| entry.id.as_str()).collect();
        assert_eq!(
            ids,
            [
                "tag:example.org,2026:incidents/a%22b%3Cc%3E%26",
                "tag:example.org,2026:incidents/whatsapp-20261122T1154Z"
            ]
        );
        let title = feed.entries[0].title.as_ref().unwrap().content.clone();
        assert!(title.starts_with("x & <script>alert(1)</script>[2J: was down from"), "{title}");
        assert_eq!(feed.entries[0].links[0].href, "https://example.org/i?a=1&id=a%22b%3Cc%3E%26");
        assert_eq!(bytes, write(&entries, Some("https://example.org/incidents.atom"), link), "the same bytes");
        assert!(feed_rs::parser::parse(write(&[], None, link).as_slice()).unwrap().entries.is_empty());
    }
}
