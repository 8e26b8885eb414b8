//! What the rules make of sentences whose parts speak of different services, times or people.
//!
//! Each sentence was written for this file; each stands for a turn of language, not for its own words.

use std::sync::OnceLock;

use caiu::model::{Reading, ServiceId};
use caiu::tag::Tagger;

/// The rules alone: what they make of a sentence is theirs, whatever the second opinion says to it.
fn rules() -> &'static Tagger {
    static RULES: OnceLock<Tagger> = OnceLock::new();
    RULES.get_or_init(|| Tagger::builtin().unwrap().with_opinion(None))
}

/// `kind, services, moves` of a reading, as a test writes them.
fn told(reading: &Reading) -> String {
    let down: Vec<&str> = reading.down.iter().map(ServiceId::as_str).collect();
    let from = |from: Option<&str>| from.unwrap_or("?").to_owned();
    let moves: Vec<String> = reading
        .moves
        .iter()
        .map(|step| from(step.from.as_ref().map(ServiceId::as_str)) + ">" + step.to.as_str())
        .collect();
    format!("{} {} {}", reading.kind, down.join(","), moves.join(",")).trim_end().to_owned()
}

/// Reads each text, and tells all that are not read as they should be.
fn check(rows: &[(&str, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .map(|(text, expected)| (text, expected, told(&rules().read(text, None))))
        .filter(|(_, expected, found)| found != *expected)
        .map(|(text, expected, found)| format!("{text}\n  expected {expected}\n  found    {found}"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_negation_ends_where_a_clause_begins() {
    check(&[
        ("Reddit isn't posting anything so I'm putting it all on Tumblr", "complaint reddit reddit>tumblr"),
        ("o insta não carrega, então fui pro tiktok", "complaint instagram instagram>tiktok"),
        ("Slack is broken but we're not moving to Discord", "complaint slack"),
    ]);
}

#[test]
fn a_failure_belongs_to_the_nearest_name_of_its_clause() {
    check(&[
        ("deezer não toca, baixei o spotify de novo", "complaint deezer deezer>spotify"),
        ("vim pro twitter, o face caiu", "complaint facebook"),
        ("todo mundo no twitter pq o insta morreu", "complaint instagram"),
        ("movitel sem rede e sem saldo, já comprei chip da vodacom", "complaint movitel movitel>vodacom"),
        ("claro sem sinal, acabei de ativar meu chip da vivo", "complaint claro claro>vivo"),
        ("o insta e o face caíram", "complaint facebook,instagram"),
        ("tiktok, zap e face fora do ar", "complaint facebook,tiktok,whatsapp"),
        ("النت من زين مقطوع، شغلت شريحة موبايلي", "complaint zain zain>mobily"),
    ]);
}

#[test]
fn rows_of_another_language_are_silent() {
    check(&[
        ("can't log in to psn tonight", "complaint playstation"),
        ("get off Facebook and install Signal", "other  facebook>signal"),
        ("live do insta travada", "complaint instagram"),
        ("status do zap não carrega", "complaint whatsapp"),
        ("please somebody take down Slack, I have not finished the slides", "other"),
    ]);
}

#[test]
fn what_is_back_is_no_refuge() {
    check(&[
        ("songs playing again on YT", "restored youtube"),
        ("meu twitter tá normalzinho", "restored twitter"),
        ("اشتغل الانستا!! هجمت الاشعارات", "restored instagram"),
        ("insta voltou, já tô saindo do twitter", "restored instagram twitter>instagram"),
    ]);
}

#[test]
fn what_is_left_is_no_destination() {
    check(&[("talked my aunt into using Telegram for texting instead of SMS", "other  sms>telegram")]);
}

#[test]
fn mail_is_no_service_that_fails() {
    check(&[
        ("I got it by email that my parcel is delayed", "other"),
        ("nothing sends since noon, email me", "complaint  ?>email"),
    ]);
}

#[test]
fn destinations_are_listed() {
    check(&[
        ("facebook caiu: me achem no discord ou no telegram", "complaint facebook facebook>discord,facebook>telegram"),
        ("we moved from Slack and Skype to Discord", "other  skype>discord,slack>discord"),
        ("facebook caiu: me achem no discord & telegram", "complaint facebook facebook>discord,facebook>telegram"),
    ]);
}

#[test]
fn what_is_taken_back_hides_nothing() {
    check(&[("Facebook won't log anybody in after the timeout", "complaint facebook")]);
}

#[test]
fn then_is_not_now() {
    check(&[
        ("this app used to freeze every time I scrolled, then came the update", "other"),
        ("ano passado quando o insta caiu eu fui pro twitter", "other"),
        ("yesterday I moved to Telegram", "other  ?>telegram"),
    ]);
}

#[test]
fn a_reason_at_home_voids_the_failure() {
    check(&[
        ("Instagram isn't opening because my storage is full", "other"),
        ("minha internet caiu então nada de netflix hoje", "other"),
        ("التلقرام مش راضي ينزل الصور لان المساحة خلصت", "other"),
    ]);
}

#[test]
fn arabic_cues_stand_behind_the_name() {
    check(&[
        ("التويتر ما طاح بس انت مبند", "other"),
        ("الفيس لو وقع تاني هعمل اكونت", "other"),
        ("الانستا يوم طاح عرفت من يحبني", "other"),
        ("الانستا اذا فتحته يعلق", "complaint instagram"),
    ]);
}

#[test]
fn an_article_before_whose_account_it_is() {
    check(&[
        ("opened a threads account", "other  ?>threads"),
        ("grab keeps spinning so I called an uber", "complaint grab grab>uber"),
        ("tim sem sinal, comprei um vivo", "complaint tim tim>vivo"),
        ("no EE signal since dinner", "complaint ee"),
        ("the threads of this sweater are loose", "other"),
    ]);
}

#[test]
fn a_code_is_no_game() {
    check(&[("الكود ما يوصل", "complaint"), ("سيرفرات كول اوف ديوتي طايحة", "complaint callofduty")]);
}

#[test]
fn accounts_that_answer_are_the_service() {
    check(&[
        ("@Safaricom_Care no network in Kitengela", "complaint safaricom"),
        ("@AskPayPal the app is not loading", "complaint paypal"),
    ]);
}

#[test]
fn a_failure_beside_the_one_word_that_may_be_a_service() {
    check(&[
        ("Cox phone says emergency calls only", "complaint cox"),
        ("@AnyAir nobody answers the reservation line, nice service", "other"),
    ]);
}

#[test]
fn names_have_dots_and_ampersands() {
    check(&[
        ("gov.br não carrega", "complaint govbr"),
        ("gov.uk keeps timing out", "complaint govuk"),
        ("AT&amp;T is down", "complaint att"),
    ]);
}

#[test]
fn who_speaks_of_another_does_not_fail() {
    check(&[
        ("Google diz que YouTube e Gmail voltaram a funcionar", "news gmail,youtube"),
        ("Microsoft diz investigar falha no Outlook", "news outlook"),
        ("Facebook pede desculpas após queda de WhatsApp e Facebook", "news facebook,whatsapp"),
        ("موبايلي تعتذر لعملائها عن انقطاع الخدمة", "news mobily"),
    ]);
}

#[test]
fn what_is_left_out_after_a_contrast() {
    check(&[
        ("Pinterest works but Snapchat doesn't", "complaint snapchat"),
        ("viber ok, skype isn't", "complaint skype"),
        ("o deezer abre mas o spotify não", "complaint spotify"),
        ("telegram normal, zap nada", "complaint whatsapp"),
        ("البينترست تمام والسناب لا", "complaint snapchat"),
        ("my cousin has Snapchat, I have not", "other"),
        ("tenho zap, skype não", "other"),
        ("احب السناب والفيس لا", "other"),
    ]);
}

#[test]
fn now_is_of_what_came_of_it() {
    check(&[
        ("o discord caiu mês passado, aí criei conta no guilded e jogo lá até hoje", "other"),
        ("semana passada a turma toda foi do slack pro teams", "other  slack>teams"),
        ("ontem o nubank caiu e hoje o nubank caiu de novo", "complaint nubank"),
    ]);
}

#[test]
fn a_line_at_your_place_is_yours() {
    check(&[("الفيس ما طاح، الانترنت عندكم فاصل", "other"), ("الانترنت فاصل من زين", "complaint zain")]);
}

/// With the second opinion: what the rules read as said against it, words alone do not outweigh.
#[test]
fn opinion_does_not_bring_back_what_the_rules_cleared() {
    let tagger = crate::support::tagger();
    for (text, expected) in [
        ("came to twitter to see if instagram is down", "complaint instagram"),
        ("جئت إلى تويتر لأتأكد أن انستغرام متوقف", "complaint instagram"),
        ("vim ao twitter ver se o insta caiu mesmo", "complaint instagram"),
        ("Movitel pede desculpa pela falha no e-Mola", "news emola"),
        ("twitter ok mas instagram não envia nada", "complaint instagram"),
        ("السناب تمام بس الفيس ما يرسل", "complaint facebook"),
        ("moved the family to Signal & Telegram", "other  ?>signal,?>telegram"),
        // In small letters "ig so" is "I guess so".
        ("okay so IG is down again", "complaint instagram"),
    ] {
        assert_eq!(told(&tagger.read(text, None)), expected, "{text}");
    }
}
