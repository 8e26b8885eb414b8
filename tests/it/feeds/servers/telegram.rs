//! The preview of a Telegram channel, twenty messages a page.

use wiremock::{Request, ResponseTemplate};

use crate::feeds::world::{Told, fixture, parameter};

pub(in crate::feeds) fn telegram(request: &Request, posts: &[Told]) -> ResponseTemplate {
    if request.url.path() != "/s/canal" {
        return ResponseTemplate::new(404);
    }
    let there: Vec<&Told> = posts.iter().filter(|post| !post.is_gone).collect();
    let page: Vec<&&Told> = match parameter(request, "after") {
        Some(after) => there.iter().filter(|post| post.number > after.parse().unwrap()).take(20).collect(),
        None => there.iter().rev().take(20).rev().collect(),
    };
    let whole = fixture("telegram/page.html");
    let wrap = "<div class=\"tgme_widget_message_wrap";
    let parts: Vec<&str> = whole.split(wrap).collect();
    let end = &parts[2][parts[2].find("</section>").unwrap()..];
    let messages: String = page
        .iter()
        .map(|post| {
            let message = parts[1].replace("canal/101", &format!("canal/{}", post.number));
            let message = message.replace("2026-11-22T14:02:11+00:00", &post.at.to_rfc3339());
            let from = message.find("o zap caiu<br/>").unwrap();
            let to = from + message[from..].find("</div>").unwrap();
            format!("{wrap}{}{}{}", &message[..from], post.text, &message[to..])
        })
        .collect();
    ResponseTemplate::new(200).set_body_raw(format!("{}{messages}{end}", parts[0]), "text/html; charset=utf-8")
}
