//! Queries, row by row: what they mean, and how their errors read.

use super::*;

fn shown(node: &Node) -> String {
    let all = |parts: &[Node], by: &str| format!("({})", parts.iter().map(shown).collect::<Vec<_>>().join(by));
    match node {
        Node::All => "*".to_owned(),
        Node::And(parts) => all(parts, " & "),
        Node::Or(parts) => all(parts, " | "),
        Node::Not(inner) => format!("!{}", shown(inner)),
        Node::Words(words) => words.join("+"),
        Node::Term(field, value) => format!("{field:?}={value}"),
        Node::Author(author) => format!("Author={:x}", author.0),
        Node::Time(from, to) => {
            let time = |time: &Option<Time>| time.map_or(String::new(), |time| time.format("%dT%H:%M").to_string());
            format!("{}..{}", time(from), time(to))
        }
    }
}

#[test]
fn queries_mean_what_they_say() {
    for (text, want) in [
        ("", "*"),
        ("  ", "*"),
        ("*", "*"),
        ("zap caiu", "(zap & caiu)"),
        ("zap AND caiu", "(zap & caiu)"),
        ("zap OR caiu", "(zap | caiu)"),
        ("a b OR c", "((a & b) | c)"),
        ("a (b OR c)", "(a & (b | c))"),
        ("\"Fora do AR\"", "fora+do+ar"),
        ("NÃO", "nao"),
        ("it's", "it+s"),
        ("إنستغرام", "انستغرام"),
        ("-b", "!b"),
        ("a -b", "(a & !b)"),
        ("a NOT b", "(a & !b)"),
        ("NOT -b", "b"),
        ("a -(b c)", "(a & !(b & c))"),
        ("NOT(a)", "!a"),
        ("service:WhatsApp", "Service=whatsapp"),
        ("service:(whatsapp OR telegram) caiu", "((Service=whatsapp | Service=telegram) & caiu)"),
        ("kind:Complaint lang:pt-BR country:br", "(Kind=complaint & Lang=pt & Country=BR)"),
        ("lang:und -kind:(news other)", "(Lang=und & !(Kind=news & Kind=other))"),
        ("move:whatsapp>telegram move:>signal", "(Move=whatsapp>telegram & Move=>signal)"),
        ("platform:bluesky feed:\"my feed\" id:at://x/y", "(Platform=bluesky & Feed=my feed & Id=at://x/y)"),
        ("author:00000000000000ff", "Author=ff"),
        ("from:2021-10-04T15:00 to:2021-10-05", "(04T15:00.. & ..05T00:00)"),
        ("text:caiu", "caiu"),
        ("\"OR\" \"12:30\"", "(or & 12+30)"),
        ("ORder android", "(order & android)"),
        ("#WhatsAppDown", "whats+app+down"),
    ] {
        match Query::parse(text) {
            Ok(query) => assert_eq!(shown(&query.0), want, "{text}"),
            Err(error) => panic!("{text}: {error}"),
        }
    }
}

#[test]
fn errors_name_the_place_and_the_remedy() {
    for (text, at, near, part) in [
        ("kind:complain", 1, Some("kind:complain"), "complaint, restored, news or other"),
        ("zap kind:x", 5, Some("kind:x"), "is no kind"),
        ("não sevice:x", 5, Some("sevice:x"), "'sevice' is no field"),
        ("12:30", 1, Some("12:30"), "in quotes"),
        ("(a b", 1, Some("(a"), "a ) is missing"),
        ("a b)", 4, Some(")"), "closes nothing"),
        ("\"a b", 1, Some("\"a"), "a \" is missing"),
        ("a OR", 5, None, "missing here"),
        ("OR a", 1, Some("OR"), "one is missing"),
        ("a AND AND b", 7, Some("AND"), "one is missing"),
        ("()", 2, Some(")"), "missing before"),
        ("service: whatsapp", 1, Some("service:"), "no space follows"),
        ("lang:portuguese", 1, Some("lang:portuguese"), "no language code"),
        ("country:brazil", 1, Some("country:brazil"), "no country code"),
        ("author:joe", 1, Some("author:joe"), "names are not kept"),
        ("from:yesterday", 1, Some("from:yesterday"), "2021-10-04"),
        ("move:telegram", 1, Some("move:telegram"), "FROM>TO"),
        ("caiu*", 1, Some("caiu*"), "whole word"),
        ("service:(a kind:news)", 12, Some("kind:news)"), "no field here"),
        ("!!!", 1, Some("!!!"), "no word"),
        ("NOT", 4, None, "missing here"),
    ] {
        let error = Query::parse(text).map(|query| shown(&query.0)).unwrap_err();
        assert_eq!((error.at, error.near.as_deref()), (at, near), "{text}: {error}");
        assert!(error.message.contains(part), "{text}: {error}");
    }
    for text in ["(".repeat(5_000), "NOT ".repeat(2_000), "-".repeat(9_000), "a ".repeat(6_000)] {
        assert!(Query::parse(&text).is_err(), "{}", &text[..10]);
    }
}

#[test]
fn no_text_makes_the_parser_panic() {
    let pieces =
        ["(", ")", "\"", "-", "NOT ", "OR ", "AND ", "kind:", "service:", "é", "*", ":", " ", "و", "a", "from:", ">"];
    for seed in 0..20_000usize {
        let mut state = seed;
        let text: String = (0..12)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                pieces[(state >> 33) % pieces.len()]
            })
            .collect();
        let _ = Query::parse(&text);
    }
}

#[test]
fn queries_for_complaints_are_known() {
    for (text, is_so) in [
        ("kind:complaint", true),
        ("down:whatsapp kind:complaint lang:ar", true),
        ("down:whatsapp", false),
        ("-kind:complaint", false),
        ("kind:complaint OR kind:news", false),
    ] {
        assert_eq!(Query::parse(text).unwrap().is_of_complaints(), is_so, "{text}");
    }
    for (text, service) in [
        ("down:whatsapp kind:complaint lang:ar", Some("whatsapp")),
        ("down:whatsapp", Some("whatsapp")),
        ("kind:complaint", None),
        ("service:whatsapp kind:complaint", None),
        ("kind:complaint -down:whatsapp", None),
        ("down:(whatsapp OR telegram) kind:complaint", None),
    ] {
        let found = Query::parse(text).unwrap().service_down();
        assert_eq!(found.as_ref().map(ServiceId::as_str), service, "{text}");
    }
}
