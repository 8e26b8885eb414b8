//! Mail by SMTP: plain text, all about one incident in one thread, a subject that cannot become a header.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, header};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message as Mail, Tokio1Executor};
use serde::Deserialize;

use super::words;
use super::{AlertContext, AlertKind, Message, Receiver, SendError};
use crate::feed::Secret;
use crate::feed::http::with_causes;
use crate::report::text::one_line;

pub(super) const KIND: AlertKind = AlertKind {
    name: "email",
    tells: "mail boxes, by an SMTP server; an incident is one thread",
    needs: "server, from, to",
    tested_with: "aiosmtpd 1.4 of PyPI: plain, STARTTLS, password, boxes that are not there",
    takes_digests: true,
    keeps_all: false,
    open: |context, table| Ok(Box::new(Email::open(context, table)?)),
};

/// How the connection is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Security {
    /// In the clear first, then encrypted or not at all (port 587).
    #[default]
    Starttls,
    /// Encrypted from the first byte (port 465).
    Tls,
    /// In the clear: only to this machine (port 25).
    None,
}

/// The keys of `[[alert]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Name of the server.
    server: String,
    /// Its port; the usual one of `security` where it is left out.
    port: Option<u16>,
    #[serde(default)]
    security: Security,
    user: Option<Secret>,
    password: Option<Secret>,
    /// Who writes, such as `Outages <caiu@example.org>`.
    from: String,
    /// Who gets it.
    to: Vec<String>,
}

struct Email {
    id: String,
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl Email {
    fn open(context: &AlertContext, table: toml::Table) -> Result<Self, String> {
        let settings: Settings = context.settings(table)?;
        let mailbox = |key: &str, text: &str| {
            text.parse::<Mailbox>().map_err(|_| {
                format!("{key} = \"{}\" is no mail address; write one such as caiu@example.org", one_line(text))
            })
        };
        let to = settings.to.iter().map(|text| mailbox("to", text)).collect::<Result<Vec<_>, _>>()?;
        if to.is_empty() {
            return Err("to is empty; write at least one mail address".to_owned());
        }
        let from = mailbox("from", &settings.from)?;
        let server = settings.server.trim();
        let is_own = server == "localhost" || server.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        let tls = || {
            let mut tls = TlsParameters::builder(server.to_owned());
            for pem in &context.net.options().extra_roots {
                let root = Certificate::from_pem(pem).map_err(|error| format!("net.extra_roots: {error}"))?;
                tls = tls.add_root_certificate(root);
            }
            tls.build().map_err(|error| format!("server: {error}"))
        };
        let (tls, usual_port) = match settings.security {
            Security::Starttls => (Tls::Required(tls()?), 587),
            Security::Tls => (Tls::Wrapper(tls()?), 465),
            Security::None if is_own => (Tls::None, 25),
            Security::None => {
                return Err("security = \"none\" is only for this machine (server = \"127.0.0.1\"): \
                    others could read along"
                    .to_owned());
            }
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server)
            .port(settings.port.unwrap_or(usual_port))
            .tls(tls)
            .timeout(Some(context.net.options().timeout));
        match (settings.user, settings.password) {
            (Some(user), Some(password)) => {
                let credentials = Credentials::new(user.reveal().to_owned(), password.reveal().to_owned());
                transport = transport.credentials(credentials);
            }
            (None, None) => {}
            _ => return Err("user and password go together".to_owned()),
        }
        Ok(Self { id: context.id.clone(), transport: transport.build(), from, to })
    }

    async fn tell(&self, message: &Message) -> Result<(), SendError> {
        let mail = mail(&self.id, &self.from, &self.to, message).map_err(SendError::Refused)?;
        let bytes = mail.formatted();
        match self.hand_over(mail.envelope(), &bytes).await {
            // One box that is not there must not keep the mail from the others.
            Err(SendError::Refused(_)) if self.to.len() > 1 => self.tell_each(&bytes).await,
            sent => sent,
        }
    }

    /// Hands the mail over for each box by itself; it is told if anybody takes it and nobody may take it later.
    async fn tell_each(&self, bytes: &[u8]) -> Result<(), SendError> {
        let (mut is_told, mut refused) = (false, Vec::new());
        for to in &self.to {
            let envelope = Envelope::new(Some(self.from.email.clone()), vec![to.email.clone()]);
            let envelope = envelope.map_err(|error| SendError::Refused(error.to_string()))?;
            match self.hand_over(&envelope, bytes).await {
                Ok(()) => is_told = true,
                Err(SendError::Refused(words)) => refused.push(words),
                Err(error) => return Err(error),
            }
        }
        let words = refused.join("; ");
        if !is_told {
            return Err(SendError::Refused(words));
        }
        tracing::error!(receiver = self.id, "some mail boxes of `to` refuse the mail: {words}");
        Ok(())
    }

    async fn hand_over(&self, envelope: &Envelope, bytes: &[u8]) -> Result<(), SendError> {
        self.transport.send_raw(envelope, bytes).await.map(drop).map_err(|error| {
            let words = one_line(&with_causes(error.to_string(), &error));
            match error.status().map(u16::from) {
                // Who we are is in question (RFC 4954), not the message.
                Some(530 | 534 | 535 | 538) => SendError::Failed(format!("{words}; check user and password")),
                Some(500..=599) => SendError::Refused(words),
                _ => SendError::Failed(words),
            }
        })
    }
}

impl Receiver for Email {
    fn send<'a>(&'a mut self, message: &'a Message) -> BoxFuture<'a, Result<(), SendError>> {
        self.tell(message).boxed()
    }
}

/// The mail. The first one about an incident has an id that all later ones refer to, so that mail programs show a
/// thread (RFC 5322, 3.6.4); every id is the same on every retry.
fn mail(receiver: &str, from: &Mailbox, to: &[Mailbox], message: &Message) -> Result<Mail, String> {
    let domain = from.email.domain();
    let plain = |id: &str| id.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect::<String>();
    let thread = |id: &str| format!("<{}.{}@{domain}>", plain(id), plain(receiver));
    let mut builder = Mail::builder().from(from.clone()).subject(words::subject(message));
    for to in to {
        builder = builder.to(to.clone());
    }
    builder = match message.notices.as_slice() {
        [one] if one.is_first && !message.is_test => builder.message_id(Some(thread(&one.incident.id))),
        notices => {
            let threads: Vec<String> = notices.iter().map(|notice| thread(&notice.incident.id)).collect();
            builder = builder.message_id(Some(format!("<{}@{domain}>", plain(&message.id))));
            match threads.as_slice() {
                [one] if !message.is_test => builder.in_reply_to(one.clone()).references(one.clone()),
                _ => builder,
            }
        }
    };
    let body = words::body(message);
    let mut mail = builder.header(header::ContentType::TEXT_PLAIN).body(body).map_err(|error| error.to_string())?;
    // Nobody's holiday notice answers this (RFC 3834).
    let generated = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
    mail.headers_mut().insert_raw(generated);
    Ok(mail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::Event;
    use crate::alert::example;
    use crate::model::Change;

    fn headers(message: &Message) -> String {
        let from: Mailbox = "Outages <caiu@example.org>".parse().unwrap();
        let mail = mail("ops", &from, &["a@example.org".parse().unwrap()], message).unwrap();
        let text = String::from_utf8(mail.formatted()).unwrap();
        text.split("\r\n\r\n").next().unwrap().to_owned()
    }

    #[test]
    fn an_incident_is_a_thread() {
        let root = "<whatsapp-20261122T1154Z.ops@example.org>";
        let first = headers(&example::message(Event::Change(Change::Opened)));
        assert!(first.contains(&format!("Message-ID: {root}")) && !first.contains("References"), "{first}");
        assert!(first.contains("Auto-Submitted: auto-generated"), "{first}");
        let later = headers(&example::message(Event::Change(Change::Ended)));
        assert!(later.contains("Message-ID: <msg_0123456789abcdef0123456789abcdef@example.org>"), "{later}");
        assert!(later.contains(&format!("References: {root}")), "{later}");
        assert!(later.contains(&format!("In-Reply-To: {root}")), "{later}");
    }

    #[test]
    fn a_name_cannot_become_a_header() {
        let mut message = example::message(Event::Change(Change::Opened));
        message.notices[0].incident.service = "x\r\nBcc: everybody@example.org\r\n\r\nbody".into();
        message.notices[0].incident.id = "x\r\nBcc: everybody@example.org".into();
        let headers = headers(&message);
        assert!(!headers.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc")), "{headers}");
    }

    #[test]
    fn mistakes_name_the_key() {
        let net = crate::feed::http::Net::new(crate::feed::http::NetOptions::default()).unwrap();
        let context = AlertContext { id: "mail".to_owned(), net };
        let whole = "server = 'mail.example.org'\nfrom = 'a@example.org'\nto = ['b@example.org']\n";
        for (text, told) in [
            (whole.replace("'b@example.org'", ""), "to is empty"),
            (whole.replace("b@example.org", "b"), "to = \"b\" is no mail address"),
            (format!("{whole}security = 'none'"), "only for this machine"),
            (format!("{whole}security = 'ssl'"), "unknown variant"),
            (format!("{whole}password = 'secret'"), "written env:NAME"),
            (format!("{whole}user = 'env:PATH'"), "go together"),
        ] {
            let error = Email::open(&context, text.parse().unwrap()).map(|_| ()).unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
