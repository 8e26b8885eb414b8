//! What the reading makes of sentences whose parts speak of different services, times or people.
//!
//! Each sentence was written for this file; each stands for a turn of language, not for its own words.

use caiu::model::Reading;

use crate::support::tagger;

/// `kind, services, moves` of a reading, as a test writes them.
fn told(reading: &Reading) -> String {
    let down: Vec<&str> = reading.down.iter().map(|service| service.as_str()).collect();
    let from = |from: Option<&str>| from.unwrap_or("?").to_owned();
    let moves: Vec<String> = reading
        .moves
        .iter()
        .map(|step| from(step.from.as_ref().map(|s| s.as_str())) + ">" + step.to.as_str())
        .collect();
    format!("{} {} {}", reading.kind, down.join(","), moves.join(",")).trim_end().to_owned()
}

/// Reads each text, and tells all that are not read as they should be.
fn check(rows: &[(&str, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .map(|(text, expected)| (text, expected, told(&tagger().read(text, None))))
        .filter(|(_, expected, found)| found != *expected)
        .map(|(text, expected, found)| format!("{text}\n  expected {expected}\n  found    {found}"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_negation_ends_where_a_clause_begins() {
    check(&[
        ("TikTok isn't uploading so I'm putting everything on Instagram", "complaint tiktok tiktok>instagram"),
        ("o zap não abre, então migrei pro telegram", "complaint whatsapp whatsapp>telegram"),
        ("WhatsApp is down but I'm not moving to Telegram", "complaint whatsapp"),
    ]);
}

#[test]
fn a_failure_belongs_to_the_nearest_name_of_its_clause() {
    check(&[
        ("spotify não abre, redescobri o soundcloud hoje", "complaint spotify spotify>soundcloud"),
        ("cheguei no twitter, o insta caiu", "complaint instagram"),
        ("todo mundo no twitter pq o zap tá fora", "complaint whatsapp"),
        ("unitel sem saldo e sem rede, já meti chip da africell", "complaint unitel unitel>africell"),
        ("tim sem sinal, acabei de ativar meu chip da vivo", "complaint tim tim>vivo"),
        ("o insta e o face caíram", "complaint facebook,instagram"),
        ("insta, zap e face fora do ar", "complaint facebook,instagram,whatsapp"),
        ("النت من stc مقطوع، شغلت شريحة زين", "complaint stc stc>zain"),
    ]);
}

#[test]
fn rows_of_another_language_are_silent() {
    check(&[
        ("can't sign in to psn", "complaint playstation"),
        ("get off WhatsApp and install Signal", "other  whatsapp>signal"),
        ("live do face travada", "complaint facebook"),
        ("status do zap não sobe", "complaint whatsapp"),
        ("somebody please take down Canvas, I have not started the paper", "other"),
    ]);
}

#[test]
fn what_is_back_is_no_refuge() {
    check(&[
        ("videos playing again on YT", "restored youtube"),
        ("meu instagram tá normalzinho", "restored instagram"),
        ("اشتغل الواتس!! هجمت الرسايل", "restored whatsapp"),
        ("zap voltou, já tô saindo do telegram", "restored whatsapp telegram>whatsapp"),
    ]);
}

#[test]
fn what_is_left_is_no_destination() {
    check(&[("convinced mom to use Signal for texting instead of SMS", "other  sms>signal")]);
}

#[test]
fn mail_is_no_service_that_fails() {
    check(&[("we were told by email that the flight is delayed", "other")]);
}

#[test]
fn destinations_are_listed() {
    check(&[
        ("insta caiu: me achem no telegram ou no discord", "complaint instagram instagram>discord,instagram>telegram"),
        ("we moved from Facebook and Instagram to Mastodon", "other  facebook>mastodon,instagram>mastodon"),
    ]);
}

#[test]
fn what_is_taken_back_hides_nothing() {
    check(&[("WeChat won't log anyone in after the timeout", "complaint wechat")]);
}

#[test]
fn then_is_not_now() {
    check(&[("the app used to crash every time I opened it, then they patched it", "other")]);
}

#[test]
fn a_reason_at_home_voids_the_failure() {
    check(&[
        ("WhatsApp isn't opening because my storage is full", "other"),
        ("الواتس مش راضي ينزل الصور لان المساحة خلصت", "other"),
    ]);
}

#[test]
fn arabic_cues_stand_behind_the_name() {
    check(&[
        ("السناب ما طاح بس انت مبند", "other"),
        ("الواتس لو وقع تاني هعمل اكونت", "other"),
        ("السناب يوم طاح عرفت من يحبني", "other"),
    ]);
}

#[test]
fn an_article_before_whose_account_it_is() {
    check(&[
        ("made a threads account", "other  ?>threads"),
        ("lyft keeps spinning so I called an uber", "complaint lyft lyft>uber"),
        ("claro sem sinal, comprei um vivo", "complaint claro claro>vivo"),
        ("no EE data since lunch", "complaint ee"),
        ("the threads of this sweater are loose", "other"),
    ]);
}

#[test]
fn a_failure_beside_the_one_word_that_may_be_a_service() {
    check(&[
        ("EE phone says emergency calls only", "complaint ee"),
        ("@AnyAir nobody answers the reservation line, nice service", "other"),
    ]);
}

#[test]
fn names_have_dots() {
    check(&[("gov.br não abre", "complaint govbr"), ("gov.uk times out", "complaint govuk")]);
}

#[test]
fn who_speaks_of_another_does_not_fail() {
    check(&[
        ("Google diz que YouTube e Gmail estão normalizando", "news gmail,youtube"),
        ("Microsoft diz investigar problema no Outlook", "news outlook"),
        ("Facebook pede desculpas após queda de WhatsApp e Facebook", "news facebook,whatsapp"),
        ("دو تعتذر لعملائها عن انقطاع الخدمة", "news du"),
    ]);
}
