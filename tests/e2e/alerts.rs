//! Alerts at real programs: Alertmanager, promtool, a mail server, a feed reader, a checker of signatures.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use caiu::alert::{Desk, Receiver, ReceiverConfig};
use caiu::feed::http::NetOptions;
use caiu::model::Entry;
use serde_json::{Value, json};
use tempfile::TempDir;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::support::{Serving, server};

/// Longest time that something may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

fn receiver(kind: &str, settings: &str, extra_roots: Vec<Vec<u8>>) -> (ReceiverConfig, Box<dyn Receiver>) {
    let config = ReceiverConfig::read(kind, settings.parse().unwrap()).unwrap();
    let receiver = config.open(&NetOptions { extra_roots, ..NetOptions::default() }).unwrap();
    (config, receiver)
}

fn entry(seq: u64, change: &str, service: &str) -> Entry {
    let now = chrono::Utc::now();
    let secs = |secs: i64| now - chrono::TimeDelta::seconds(secs);
    let is_over = change == "ended";
    let entry = json!({ "seq": seq, "at": now, "change": change, "incident": {
        "id": "whatsapp-1", "service": service, "verdict": "outage",
        "onset": { "low": null, "at": secs(660), "high": secs(540) }, "alarm_at": secs(480),
        "end": is_over.then(|| json!({ "low": secs(3), "at": secs(2), "high": secs(1) })),
        "phase": if is_over { "ended" } else { "ongoing" },
        "peak": { "at": secs(420), "per_min": 9.0 }, "score": 50.0, "num_complaints": 70, "num_authors": 66,
        "langs": { "pt": 0.75, "ar": 0.25 }, "countries": { "??": 1.0 }, "migrations": [], "quotes": [],
    }});
    serde_json::from_value(entry).unwrap()
}

async fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn hook(address: &str) -> MockServer {
    let hook = MockServer::builder().listener(TcpListener::bind(address).unwrap()).start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&hook).await;
    hook
}

/// The first body that Alertmanager forwarded and that is wanted: the `alerts` of one group.
async fn forwarded_when(hook: &MockServer, is_wanted: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let requests = hook.received_requests().await.unwrap();
        let bodies = requests.iter().map(|request| serde_json::from_slice(&request.body).unwrap());
        if let Some(body) = bodies.into_iter().find(&is_wanted) {
            return body;
        }
        assert!(began.elapsed() < PATIENCE, "{} bodies were forwarded, not this one", requests.len());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn alertmanager_groups_forwards_and_resolves() {
    let url = server("CAIU_E2E_ALERTMANAGER");
    let hook = hook(&server("CAIU_E2E_ALERTMANAGER_HOOK")).await;
    let folder = TempDir::new().unwrap();
    let settings =
        format!("url = '{url}'\nlabels = {{ team = 'sre' }}\nlink = 'https://example.org/{{id}}'\nrepeat_secs = 1");
    let desk = Desk::open(vec![receiver("alertmanager", &settings, Vec::new())], folder.path(), &[]).unwrap();
    desk.teller()(&[entry(1, "opened", "whatsapp")]);
    let firing = forwarded_when(&hook, |body| body["status"] == "firing").await;
    let alert = &firing["alerts"][0];
    assert_eq!(alert["labels"]["alertname"], "ServiceOutage");
    assert_eq!((&alert["labels"]["service"], &alert["labels"]["team"]), (&json!("whatsapp"), &json!("sre")));
    assert_eq!(alert["generatorURL"], "https://example.org/whatsapp-1");
    assert!(alert["annotations"]["summary"].as_str().unwrap().starts_with("whatsapp: down since"), "{alert}");
    // Longer than an alert of this pace lives: it is held by being told again.
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(hook.received_requests().await.unwrap().len(), 1, "it goes on, and is forwarded once");
    // A second incident belongs to the same group, which is forwarded as one.
    let of_instagram = |seq: u64, change: &str| {
        let mut entry = entry(seq, change, "instagram");
        entry.incident.id = "instagram-1".to_owned();
        entry
    };
    desk.teller()(&[of_instagram(2, "opened")]);
    let services = |body: &Value| -> Vec<String> {
        let alerts = body["alerts"].as_array().unwrap().iter();
        let mut services: Vec<_> =
            alerts.map(|alert| alert["labels"]["service"].as_str().unwrap().to_owned()).collect();
        services.sort();
        services
    };
    let both = forwarded_when(&hook, |body| body["alerts"].as_array().unwrap().len() == 2).await;
    assert_eq!(
        (services(&both), &both["status"]),
        (vec!["instagram".to_owned(), "whatsapp".to_owned()], &json!("firing"))
    );
    assert_eq!(both["groupLabels"], json!({ "alertname": "ServiceOutage" }));
    desk.teller()(&[entry(3, "ended", "whatsapp"), of_instagram(4, "ended")]);
    let resolved = forwarded_when(&hook, |body| body["status"] == "resolved").await;
    let of_whatsapp =
        resolved["alerts"].as_array().unwrap().iter().find(|alert| alert["labels"]["service"] == "whatsapp");
    assert_eq!(of_whatsapp.unwrap()["fingerprint"], alert["fingerprint"], "the same alert");
    desk.close(Duration::from_secs(10)).await;
}

/// The mails in a folder about something, oldest first.
fn mails(folder: &Path, about: &str) -> Vec<String> {
    let mut found: Vec<(u64, String)> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            let path = entry.unwrap().path();
            let number = path.file_name()?.to_str()?.strip_suffix(".eml")?.parse().ok()?;
            Some((number, String::from_utf8(std::fs::read(path).unwrap()).unwrap()))
        })
        .filter(|(_, mail)| mail.contains(about))
        .collect();
    found.sort();
    found.into_iter().map(|(_, mail)| mail).collect()
}

/// What Python's own reader makes of a mail: `[subject, text, …headers]`.
fn read_mail(mail: &str) -> Value {
    let script = "import sys, json, email, email.policy\n\
        m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)\n\
        print(json.dumps({'subject': m['subject'], 'text': m.get_content(), 'id': m['message-id'], \
        'references': m['references'], 'to': m['to'], 'bcc': m['bcc'], 'defects': len(m.defects)}))";
    python(script, mail.as_bytes(), None)
}

fn python(script: &str, input: &[u8], packages: Option<&str>) -> Value {
    let mut command = Command::new("python3");
    command.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
    if let Some(packages) = packages {
        command.env("PYTHONPATH", packages);
    }
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success());
    serde_json::from_slice(&out.stdout).unwrap()
}

#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn mail_arrives_as_one_thread() {
    let port = server("CAIU_E2E_MAIL_PLAIN");
    let inbox = PathBuf::from(server("CAIU_E2E_MAIL"));
    let folder = TempDir::new().unwrap();
    let settings = format!(
        "server = '127.0.0.1'\nport = {port}\nsecurity = 'none'\nfrom = 'Outages <caiu@example.org>'\n\
        to = ['thread@example.org']\nfirst_pause_secs = 0.05"
    );
    let desk = Desk::open(vec![receiver("email", &settings, Vec::new())], folder.path(), &[]).unwrap();
    desk.teller()(&[entry(1, "opened", "واتساب\r\nBcc: x@example.org")]);
    until("a mail", || mails(&inbox, "thread@").first().cloned()).await;
    desk.teller()(&[entry(2, "ended", "واتساب")]);
    let both = until("two mails", || Some(mails(&inbox, "thread@")).filter(|mails| mails.len() == 2)).await;
    let (first, second) = (read_mail(&both[0]), read_mail(&both[1]));
    assert!(first["subject"].as_str().unwrap().starts_with("واتساب Bcc: x@example.org: down since"), "{first}");
    assert_eq!((&first["bcc"], &first["defects"]), (&Value::Null, &json!(0)));
    assert!(second["subject"].as_str().unwrap().starts_with("واتساب: was down"), "{second}");
    assert_eq!(second["references"], first["id"]);
    assert!(first["text"].as_str().unwrap().contains("70 complaints by 66 authors, 75 % pt, 25 % ar"), "{first}");
    desk.close(Duration::from_secs(10)).await;
}

#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn mail_over_tls_with_a_password_and_mail_that_nobody_takes() {
    let port = server("CAIU_E2E_MAIL_TLS");
    let inbox = PathBuf::from(server("CAIU_E2E_MAIL"));
    let root = std::fs::read_to_string(inbox.join("cert.pem")).unwrap();
    let folder = TempDir::new().unwrap();
    let plain = server("CAIU_E2E_MAIL_PLAIN");
    let config = format!(
        "[net]\nextra_roots = ['{0}/cert.pem']\n\
        [[alert]]\nkind = 'email'\nid = 'good'\nserver = 'localhost'\nport = {port}\nfrom = 'a@example.org'\nto = ['tls@example.org']\n\
        user = 'env:MAIL_USER'\npassword = 'env:MAIL_PASSWORD'\n\
        [[alert]]\nkind = 'email'\nid = 'nameless'\nserver = 'localhost'\nport = {port}\nfrom = 'a@example.org'\nto = ['tls@example.org']\n\
        [[alert]]\nkind = 'email'\nid = 'nobody'\nserver = '127.0.0.1'\nport = {plain}\nsecurity = 'none'\nfrom = 'a@example.org'\nto = ['nobody@example.org']\n\
        [[alert]]\nkind = 'email'\nid = 'some'\nserver = '127.0.0.1'\nport = {plain}\nsecurity = 'none'\nfrom = 'a@example.org'\nto = ['nobody@example.org', 'somebody@example.org']\n\
        [[alert]]\nkind = 'email'\nid = 'full'\nserver = '127.0.0.1'\nport = {plain}\nsecurity = 'none'\nfrom = 'a@example.org'\nto = ['full@example.org']\n\
        [[alert]]\nkind = 'email'\nid = 'clear'\nserver = 'localhost'\nport = {plain}\nfrom = 'a@example.org'\nto = ['x@example.org']\n",
        inbox.display()
    );
    assert!(root.contains("BEGIN CERTIFICATE"));
    let file = folder.path().join("caiu.toml");
    std::fs::write(&file, config).unwrap();
    let test = |password: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_caiu"));
        command.args(["alert", "test", "--json", "--config"]).arg(&file);
        let out = command.env("MAIL_USER", "caiu").env("MAIL_PASSWORD", password).output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        assert!(!text.contains(password), "{text}");
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let tried = test("correct horse");
    let of =
        |tried: &Value, id: &str| tried.as_array().unwrap().iter().find(|one| one["receiver"] == id).unwrap().clone();
    assert_eq!(of(&tried, "good")["is_told"], true, "{tried}");
    assert_eq!(mails(&inbox, "tls@example.org").len(), 1);
    assert_eq!(of(&tried, "some")["is_told"], true, "{tried}");
    assert_eq!(
        mails(&inbox, "somebody@example.org").len(),
        1,
        "one box that is not there keeps nothing from the others"
    );
    for (id, said) in
        [("nameless", "530"), ("nobody", "no such mailbox"), ("full", "mailbox full"), ("clear", "STARTTLS")]
    {
        let one = of(&tried, id);
        assert!(one["is_told"] == false && one["said"].as_str().unwrap().contains(said), "{id}: {one}");
    }
    let wrong = of(&test("battery staple"), "good");
    assert!(wrong["said"].as_str().unwrap().contains("check user and password"), "{wrong}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn a_signature_is_right_for_the_standard_library_of_webhooks() {
    let packages = server("CAIU_E2E_PYTHON");
    let (hook, folder) = (hook("127.0.0.1:0").await, TempDir::new().unwrap());
    let secret = format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode([42_u8; 32]));
    let file = folder.path().join("caiu.toml");
    std::fs::write(&file, format!("[[alert]]\nkind = 'webhook'\nurl = '{}'\nsecret = 'env:HOOK_SECRET'", hook.uri()))
        .unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_caiu"));
    command.args(["alert", "test", "--config"]).arg(&file).env("HOOK_SECRET", &secret);
    let out = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(out.status.success(), "{out:?}");
    let request = hook.received_requests().await.unwrap().remove(0);
    let header = |name: &str| request.headers.get(name).unwrap().to_str().unwrap().to_owned();
    let headers: Value = ["webhook-id", "webhook-timestamp", "webhook-signature"]
        .map(|name| (name.to_owned(), header(name)))
        .into_iter()
        .map(|(name, value)| (name, Value::from(value)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let body = String::from_utf8(request.body.clone()).unwrap();
    let input = json!({ "secret": secret, "headers": headers, "body": body });
    let script = "import sys, json\n\
        from standardwebhooks.webhooks import Webhook, WebhookVerificationError\n\
        given = json.load(sys.stdin)\n\
        good = Webhook(given['secret']).verify(given['body'], given['headers'])['type']\n\
        try:\n    Webhook(given['secret']).verify(given['body'] + ' ', given['headers']); bad = 'taken'\n\
        except WebhookVerificationError:\n    bad = 'refused'\n\
        print(json.dumps([good, bad]))";
    let checked = python(script, input.to_string().as_bytes(), Some(&packages));
    assert_eq!(checked, json!(["incident.opened", "refused"]));
}

#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn a_feed_reader_reads_the_feed() {
    let packages = server("CAIU_E2E_PYTHON");
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("incidents.atom");
    let settings = format!(
        "path = '{}'\nself_url = 'https://example.org/incidents.atom'\nlink = 'https://example.org/i/{{id}}'",
        path.display()
    );
    let desk = Desk::open(vec![receiver("atom", &settings, Vec::new())], folder.path(), &[]).unwrap();
    desk.teller()(&[entry(1, "opened", "واتساب <b>&</b>\u{7}")]);
    desk.close(Duration::from_secs(10)).await;
    let script = "import sys, json, feedparser\n\
        feed = feedparser.parse(sys.stdin.buffer.read())\n\
        print(json.dumps({'bozo': int(feed.bozo), 'version': feed.version, 'id': feed.feed.id, 'entries': \
        [{'id': e.id, 'title': e.title, 'link': e.link, 'updated': e.updated, 'text': e.content[0].value} for e in feed.entries]}))";
    let read = python(script, &std::fs::read(path).unwrap(), Some(&packages));
    assert_eq!((&read["bozo"], &read["version"]), (&json!(0), &json!("atom10")), "{read}");
    assert_eq!(read["id"], "tag:example.org,2026:incidents");
    let one = &read["entries"][0];
    assert_eq!(one["id"], "tag:example.org,2026:incidents/whatsapp-1");
    assert_eq!(one["link"], "https://example.org/i/whatsapp-1");
    // Plain text: a reader shows the brackets.
    assert!(one["title"].as_str().unwrap().starts_with("واتساب"), "{one}");
    assert!(one["text"].as_str().unwrap().contains("70 complaints"), "{one}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn promtool_finds_no_fault_with_the_numbers() {
    let promtool = server("CAIU_E2E_PROMTOOL");
    let (hook, folder) = (hook("127.0.0.1:0").await, TempDir::new().unwrap());
    let (posts, growing) = (folder.path().join("posts.ndjson"), folder.path().join("growing.ndjson"));
    let began = chrono::Utc::now() - chrono::TimeDelta::hours(6);
    let line = |min: i64, author: i64, text: &str| {
        let at = (began + chrono::TimeDelta::seconds(60 * min + author)).to_rfc3339();
        format!(
            "{}\n",
            json!({ "id": format!("{min}-{author}"), "platform": "t", "created_at": at, "text": text, "author": format!("{min}-{author}") })
        )
    };
    let lines: String = (0..300)
        .flat_map(|min| {
            let complaints = if (200..260).contains(&min) { 6 } else { 0 };
            (0..=complaints).map(move |author| (min, author))
        })
        .map(|(min, author)| line(min, author, if author == 0 { "bom dia" } else { "o whatsapp caiu" }))
        .collect();
    std::fs::write(&posts, lines).unwrap();
    // Keeps the program running when the dump is told.
    std::fs::write(&growing, "").unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = format!(
        "[index]\npath = '{0}/index'\n[detect]\nevery_secs = 0.2\n[metrics]\nlisten = '127.0.0.1:{port}'\n\
        [[feed]]\nkind = 'replay'\npaths = ['{1}']\nspeed = 0\n[[feed]]\nkind = 'file'\npath = '{2}'\n\
        [[alert]]\nkind = 'webhook'\nurl = '{3}'\n",
        folder.path().display(),
        posts.display(),
        growing.display(),
        hook.uri()
    );
    let file = folder.path().join("caiu.toml");
    std::fs::write(&file, config).unwrap();
    let mut watch = Command::new(env!("CARGO_BIN_EXE_caiu"))
        .args(["watch", "--no-view", "--config"])
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let net = super::support::net();
    let link = super::support::url(&format!("http://127.0.0.1:{port}/metrics"));
    let began = Instant::now();
    let text = loop {
        let text = net.get(&link, &[]).await.map(|answer| answer.text()).unwrap_or_default();
        if text.contains("caiu_alerts_total") && text.contains("caiu_look_seconds") {
            break text;
        }
        assert!(began.elapsed() < 3 * PATIENCE, "{text}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    watch.kill().unwrap();
    watch.wait().unwrap();
    assert!(text.contains("caiu_alerts_total{receiver=\"webhook\",kind=\"webhook\",outcome=\"told\"}"), "{text}");
    check_numbers(&promtool, &text);
    // Those of a server have numbers of their own beside.
    let serving = Serving::start(&["--index", folder.path().join("index").to_str().unwrap()], &[], None);
    let link = super::support::url(&format!("{}/metrics", serving.base));
    let text = net.get(&link, &[]).await.unwrap().text();
    assert!(text.contains("\ncaiu_live_listeners 0\n") && text.contains("\ncaiu_index_seq "), "{text}");
    check_numbers(&promtool, &text);
}

fn check_numbers(promtool: &str, text: &str) {
    let mut child = Command::new(promtool)
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
}
