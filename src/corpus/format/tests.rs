//! Posts of every form as their APIs write them, and what they become.

use super::*;
use crate::corpus::options::Field;
use crate::model::RawDate;

fn decode_all(text: &str, columns: &ColumnMap) -> Vec<Decoded> {
    let mut all = Vec::new();
    decode(text, columns, &mut |_, decoded| all.push(decoded));
    all
}

/// One line per result: `id|date|author|text|lang|platform|url|country|reply_to|repost_of`, or the
/// reason in brackets.
fn summary(decoded: &Decoded) -> String {
    let post = match decoded {
        Ok(post) => post,
        Err(fault) => return format!("[{}]", fault.reason),
    };
    let date = match &post.created_at {
        Some(RawDate::Text(text)) => text.clone(),
        Some(RawDate::Epoch(number)) => number.to_string(),
        None => String::new(),
    };
    let or_empty = |field: &Option<String>| field.clone().unwrap_or_default();
    [
        post.id.clone(),
        date,
        or_empty(&post.author),
        post.text.replace('\n', "/"),
        or_empty(&post.lang),
        or_empty(&post.platform),
        or_empty(&post.url),
        or_empty(&post.country),
        or_empty(&post.reply_to),
        or_empty(&post.repost_of),
    ]
    .join("|")
}

fn check(text: &str, want: &[&str]) {
    let got: Vec<String> = decode_all(text, &ColumnMap::default()).iter().map(summary).collect();
    assert_eq!(got, want, "{text}");
}

#[test]
fn own_form() {
    check(
        r#"{"id":"7","created_at":"2021-10-04 21:36:22+00:00","author":"ana","text":"zap caiu","lang":"pt","platform":"twitter","url":"https://x.test/7","country":"BR","reply_to":"6","repost_of":"5"}"#,
        &["7|2021-10-04 21:36:22+00:00|ana|zap caiu|pt|twitter|https://x.test/7|BR|6|5"],
    );
    check(r#"{"text":"down?"}"#, &["|||down?||||||"]);
    check(
        r#"{"id":12345678901234567890,"author":99,"created_at":1633383382,"text":"a","lang":null}"#,
        &["12345678901234567890|1633383382|99|a||||||"],
    );
    check(r#"{"text":"first","text":"second"}"#, &["|||second||||||"]);
    check(r#"{"text":"\u0648\u0627\u062a\u0633 \ud83d\udd25 \ud83d"}"#, &["|||واتس 🔥 \u{fffd}||||||"]);
    check(r#"{"text":"a\u0000b"}"#, &["|||a\0b||||||"]);
    for (bad, reason) in [
        (r#"{"text":5}"#, "[wrong type]"),
        (r#"{"text":["a"]}"#, "[wrong type]"),
        (r#"{"text":"a","created_at":true}"#, "[wrong type]"),
        (r#"{"text":"a","lang":["pt"]}"#, "[wrong type]"),
        (r#"{"text":""}"#, "[no text]"),
        (r#"{"text":" \n"}"#, "[no text]"),
        (r#"{"text":null}"#, "[unknown form]"),
        (r#"{"id":5}"#, "[unknown form]"),
        ("{}", "[unknown form]"),
        ("5", "[unknown form]"),
        (r#"["a"]"#, "[unknown form]"),
        (r#"{"text":"a""#, "[cut short]"),
        (r#"{"text":"a"#, "[cut short]"),
        (r#"{"text" "a"}"#, "[broken json]"),
        (r#"{"text":"a\x"}"#, "[broken json]"),
        ("rubbish", "[broken json]"),
        ("\0\0\0", "[broken json]"),
    ] {
        check(bad, &[reason]);
    }
}

#[test]
fn flat_objects() {
    check(
        r#"{"message_id":9,"Timestamp":"2024-01-01T00:00:00Z","user":{"name":"x"},"message":"is it down","score":3}"#,
        &["9|2024-01-01T00:00:00Z||is it down||||||"],
    );
    let columns = ColumnMap([(Field::Text, "q".to_owned()), (Field::Id, "n".to_owned())].into());
    let got: Vec<String> =
        decode_all(r#"{"q":"caiu","n":4,"text":"not this"}"#, &columns).iter().map(summary).collect();
    assert_eq!(got, ["4|||caiu||||||"]);
}

#[test]
fn twitter_v1() {
    let date = "Wed Oct 10 20:19:24 +0000 2018";
    let tweet = format!(
        r#"{{"created_at":"{date}","id":1050118621198921728,"id_str":"1050118621198921728","text":"cut…","truncated":true,"extended_tweet":{{"full_text":"the whole &amp; all"}},"user":{{"id_str":"61","screen_name":"ana"}},"place":{{"country_code":"BR"}},"in_reply_to_status_id_str":"3","lang":"pt"}}"#
    );
    let link = "https://twitter.com/i/web/status";
    check(
        &tweet,
        &[&format!("1050118621198921728|{date}|61|the whole & all|pt|twitter|{link}/1050118621198921728|BR|3|")],
    );
    check(
        r#"{"id_str":"2","full_text":"RT @a: cut…","user":{"screen_name":"b"},"retweeted_status":{"id_str":"1","full_text":"all of it"},"place":null}"#,
        &[&format!("2||b|all of it||twitter|{link}/2|||1")],
    );
    check(
        r#"{"id_str":"2","text":"mine https://t.co/x","is_quote_status":true,"quoted_status":{"id_str":"1","text":"theirs"}}"#,
        &[&format!("2|||mine https://t.co/x||twitter|{link}/2|||")],
    );
    check(
        r#"{"tweet":{"id_str":"2","full_text":"from my archive"}}"#,
        &[&format!("2|||from my archive||twitter|{link}/2|||")],
    );
    check(
        r#"{"statuses":[{"id_str":"2","text":"found"}],"search_metadata":{}}"#,
        &[&format!("2|||found||twitter|{link}/2|||")],
    );
    check(r#"{"delete":{"status":{"id":1,"id_str":"1","user_id":2},"timestamp_ms":"15"}}"#, &["[deletion]"]);
    check(r#"{"limit":{"track":5,"timestamp_ms":"15"}}"#, &["[not a post]"]);
    check(r#"{"id_str":"2","text":7}"#, &["[wrong type]"]);
}

#[test]
fn twitter_v2() {
    let link = "https://twitter.com/i/web/status";
    let page = r#"{"data":[
        {"id":"11","text":"RT @a: cut…","author_id":"5","created_at":"2022-07-08T10:00:00.000Z","lang":"en","referenced_tweets":[{"type":"retweeted","id":"10"}],"edit_history_tweet_ids":["11"]},
        {"id":"12","text":"short…","note_tweet":{"text":"short and long"},"author_id":"6","geo":{"place_id":"p"},"referenced_posts":[{"type":"replied_to","id":"9"},{"type":"quoted","id":"8"}]}],
        "includes":{"users":[{"id":"5","username":"u"}],"tweets":[{"id":"10","text":"all of it"}],"places":[{"id":"p","country_code":"CA"}]},
        "meta":{"result_count":2}}"#;
    check(
        page,
        &[
            &format!("11|2022-07-08T10:00:00.000Z|5|all of it|en|twitter|{link}/11|||10"),
            &format!("12||6|short and long||twitter|{link}/12|CA|9|"),
        ],
    );
    check(
        r#"{"id":"3","text":"RT cut…","author":{"id":"4","username":"u"},"geo":{"country_code":"US"},"referenced_tweets":[{"type":"retweeted","id":"2","text":"whole"}]}"#,
        &[&format!("3||4|whole||twitter|{link}/3|US||2")],
    );
    check(
        r#"{"data":{"id":"3","text":"live","edit_history_post_ids":["3"],"note_post":{"text":"live and long"}},"matching_rules":[{"id":"1"}]}"#,
        &[&format!("3|||live and long||twitter|{link}/3|||")],
    );
    check(r#"{"meta":{"result_count":0}}"#, &["[not a post]"]);
    check(r#"{"data":[],"meta":{"result_count":0}}"#, &[]);
}

#[test]
fn bluesky() {
    let record = r#"{"$type":"app.bsky.feed.post","createdAt":"2026-07-04T14:38:06.240Z","langs":["pt-BR","en"],"text":"caiu","reply":{"root":{"uri":"at://r"},"parent":{"uri":"at://p"}}}"#;
    let uri = "at://did:plc:a/app.bsky.feed.post/k";
    let post = format!(
        "{uri}|2026-07-04T14:38:06.240Z|did:plc:a|caiu|pt-BR|bluesky|https://bsky.app/profile/did:plc:a/post/k||at://p|"
    );
    let commit = format!(r#""operation":"create","collection":"app.bsky.feed.post","rkey":"k","record":{record}"#);
    check(&format!(r#"{{"did":"did:plc:a","time_us":1,"kind":"commit","commit":{{"rev":"x",{commit}}}}}"#), &[&post]);
    let kind = "network.bsky.jetstream.subscribeEvents#commit";
    let payload = format!(r#"{{"$type":"{kind}","seq":1,"did":"did:plc:a","time":"2026-07-04T14:38:07Z",{commit}}}"#);
    check(&payload, &[&post]);
    check(&format!(r#"{{"$type":"message","payload":{payload}}}"#), &[&post]);
    let view = format!(
        r#"{{"uri":"{uri}","cid":"c","author":{{"did":"did:plc:a","handle":"a.test"}},"record":{record},"indexedAt":"2026-07-04T14:38:07Z"}}"#
    );
    check(&view, &[&post]);
    check(&format!(r#"{{"posts":[{view}],"cursor":"1"}}"#), &[&post]);
    check(&format!(r#"{{"records":[{{"uri":"{uri}","cid":"c","value":{record}}}]}}"#), &[&post]);
    let by =
        r#"{"$type":"app.bsky.feed.defs#reasonRepost","by":{"did":"did:plc:b"},"indexedAt":"2026-07-05T00:00:00Z"}"#;
    check(
        &format!(r#"{{"feed":[{{"post":{view}}},{{"post":{view},"reason":{by}}}]}}"#),
        &[
            &post,
            &format!(
                "{uri}#did:plc:b|2026-07-05T00:00:00Z|did:plc:b|caiu|pt-BR|bluesky|https://bsky.app/profile/did:plc:a/post/k||at://p|{uri}"
            ),
        ],
    );
    check(record, &["|2026-07-04T14:38:06.240Z||caiu|pt-BR|bluesky|||at://p|"]);
    for (event, reason) in [
        (
            r#"{"did":"d","time_us":1,"kind":"commit","commit":{"operation":"delete","collection":"app.bsky.feed.post","rkey":"k"}}"#,
            "[deletion]",
        ),
        (
            r#"{"did":"d","kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.like","record":{"text":1}}}"#,
            "[not a post]",
        ),
        (r#"{"did":"d","kind":"identity","identity":{"did":"d","handle":"h"}}"#, "[not a post]"),
        (r#"{"did":"d","kind":"account","account":{"active":false}}"#, "[not a post]"),
        (
            r#"{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#account","did":"d","account":{}}}"#,
            "[not a post]",
        ),
        (
            r#"{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#info","name":"OutdatedCursor"}}"#,
            "[not a post]",
        ),
        (r#"{"$type":"error","error":"ConsumerTooSlow","message":"slow"}"#, "[not a post]"),
        (r#"{"$type":"app.bsky.feed.like","subject":{},"createdAt":"x"}"#, "[not a post]"),
        (
            r#"{"did":"d","commit":{"operation":"create","collection":"app.bsky.feed.post","record":{"text":"","createdAt":"x"}}}"#,
            "[no text]",
        ),
    ] {
        check(event, &[reason]);
    }
}

#[test]
fn mastodon() {
    let account = r#"{"id":"1","acct":"ana","username":"ana","url":"https://m.test/@ana"}"#;
    let status = format!(
        r#"{{"id":"110","created_at":"2023-01-02T03:04:05.000Z","in_reply_to_id":"109","spoiler_text":"outage","language":"pt","uri":"https://m.test/u/1","url":"https://m.test/@ana/110","content":"<p>caiu<br>de novo</p><p>pois é</p>","reblog":null,"account":{account}}}"#
    );
    let post =
        "110|2023-01-02T03:04:05.000Z|ana@m.test|outage/caiu/de novo/pois é|pt|mastodon|https://m.test/@ana/110||109|";
    check(&status, &[post]);
    check(
        &format!(
            r#"{{"id":"111","content":"","visibility":"public","account":{{"acct":"b@n.test"}},"reblog":{status}}}"#
        ),
        &["111||b@n.test|outage/caiu/de novo/pois é|pt|mastodon||||110"],
    );
    let payload = serde_json::to_string(&status).unwrap();
    check(&format!(r#"{{"stream":["public"],"event":"update","payload":{payload}}}"#), &[post]);
    check(r#"{"stream":["public"],"event":"delete","payload":"110"}"#, &["[deletion]"]);
    let deep = "<i>".repeat(3_000);
    check(&format!(r#"{{"id":"1","content":"{deep}","account":{{}}}}"#), &["[too long]"]);
    check(r#"{"id":"1","content":"<p></p>","spoiler_text":"","account":{},"media_attachments":[{}]}"#, &["[no text]"]);
}

#[test]
fn reddit() {
    check(
        r#"{"id":"abc","name":"t3_abc","subreddit":"whatsapp","title":"Down?","selftext":"since &gt; noon","author":"ana","created_utc":1633383382,"permalink":"/r/whatsapp/comments/abc/down/"}"#,
        &["t3_abc|1633383382|ana|Down?/since > noon||reddit|https://www.reddit.com/r/whatsapp/comments/abc/down/|||"],
    );
    check(
        r#"{"id":"c1","body":"same here","author":"[deleted]","created_utc":"1349049600","link_id":"t3_abc","parent_id":"t1_c0"}"#,
        &["t1_c1|1349049600||same here||reddit|https://www.reddit.com/comments/abc/_/c1/||t1_c0|"],
    );
    check(r#"{"id":"c2","body":"x","created_utc":1349049600.0,"subreddit":"a"}"#, &["t1_c2|1349049600||x||reddit||||"]);
    check(r#"{"id":"c1","body":"[removed]","subreddit":"a"}"#, &["[deleted]"]);
    check(r#"{"id":"a","title":"Down?","selftext":"[deleted]","subreddit":"a"}"#, &["[deleted]"]);
    check(
        r#"{"id":"a","title":"Down?","selftext":"","url":"https://x.test","subreddit":"a"}"#,
        &["t3_a|||Down?||reddit|https://www.reddit.com/comments/a/|||"],
    );
    let listing =
        r#"{"kind":"Listing","data":{"children":[{"kind":"t1","data":{"id":"c","body":"x","subreddit":"a"}}]}}"#;
    check(listing, &["t1_c|||x||reddit||||"]);
    check(&format!("{}1{}", r#"{"data":"#.repeat(2_000), "}".repeat(2_000)), &["[unknown form]"]);
}

#[test]
fn hackernews() {
    check(
        r#"{"objectID":"7","created_at":"2026-11-22T14:02:11Z","created_at_i":1795356131,"author":"ana","title":"Slack is down","story_text":"<p>since 2 &amp; counting","_tags":["story"]}"#,
        &["7|1795356131|ana|Slack is down/since 2 & counting||hackernews|https://news.ycombinator.com/item?id=7|||"],
    );
    check(
        r#"{"objectID":"8","created_at_i":1795356131,"author":"ana","comment_text":"here<p>too","story_title":"Slack is down","parent_id":7}"#,
        &["8|1795356131|ana|here/too||hackernews|https://news.ycombinator.com/item?id=8||7|"],
    );
    check(
        r#"{"by":"ana","id":9,"parent":7,"text":"still down","time":1795356131,"type":"comment"}"#,
        &["9|1795356131|ana|still down||hackernews|https://news.ycombinator.com/item?id=9||7|"],
    );
    for gone in [
        r#"{"deleted":true,"id":9,"parent":7,"time":1795356131,"type":"comment"}"#,
        r#"{"by":"ana","dead":true,"id":9,"text":"x","time":1795356131,"type":"comment"}"#,
    ] {
        check(gone, &["[deleted]"]);
    }
    check(r#"{"objectID":"8","created_at_i":1795356131,"author":"ana"}"#, &["[no text]"]);
    check(r#"{"objectID":"8","created_at_i":1795356131,"title":3}"#, &["[wrong type]"]);
}

#[test]
fn lemmy() {
    let around = r#""creator":{"name":"ana","actor_id":"https://l.test/u/ana"},"community":{"name":"tech"}"#;
    let post = |inner: &str| {
        format!(r#"{{"post":{{"id":4,"ap_id":"https://l.test/post/4","name":"Down?",{inner}}},{around}}}"#)
    };
    // Old servers leave the zone out; a date alone and one with a zone stay as they are.
    for (date, want) in [
        ("2026-11-22T14:02:11.993021", "2026-11-22T14:02:11.993021Z"),
        ("2026-11-22T14:02:11.993021Z", "2026-11-22T14:02:11.993021Z"),
        ("2026-11-22T14:02:11-03:00", "2026-11-22T14:02:11-03:00"),
    ] {
        check(
            &post(&format!(r#""body":"a &gt; b","published":"{date}""#)),
            &[&format!(
                "https://l.test/post/4|{want}|https://l.test/u/ana|Down?/a > b||lemmy|https://l.test/post/4|||"
            )],
        );
    }
    check(
        &format!(
            r#"{{"comment":{{"id":5,"content":"here too","ap_id":"https://l.test/comment/5","published_at":"2026-11-22T14:02:11Z"}},"post":{{"id":4,"name":"Down?","ap_id":"https://l.test/post/4"}},{around}}}"#
        ),
        &[
            "https://l.test/comment/5|2026-11-22T14:02:11Z|https://l.test/u/ana|here too||lemmy|https://l.test/comment/5||https://l.test/post/4|",
        ],
    );
    check(&post(r#""deleted":true"#), &["[deleted]"]);
    check(&post(r#""removed":true"#), &["[deleted]"]);
    check(&format!(r#"{{"posts":[{}]}}"#, post(r#""deleted":true"#)), &["[deleted]"]);
}
