//! How services are written in text for people: the best known ones by name, in Latin and Arabic letters.

use super::Locale;

/// Id, name, name in Arabic letters. What is not here is shown by its id.
const NAMES: [(&str, &str, &str); 62] = [
    ("whatsapp", "WhatsApp", "واتساب"),
    ("facebook", "Facebook", "فيسبوك"),
    ("messenger", "Messenger", "ماسنجر"),
    ("instagram", "Instagram", "إنستغرام"),
    ("threads", "Threads", "ثريدز"),
    ("signal", "Signal", "سيغنال"),
    ("telegram", "Telegram", "تلغرام"),
    ("imessage", "iMessage", "آي مسج"),
    ("twitter", "X (Twitter)", "إكس (تويتر)"),
    ("tiktok", "TikTok", "تيك توك"),
    ("snapchat", "Snapchat", "سناب شات"),
    ("youtube", "YouTube", "يوتيوب"),
    ("discord", "Discord", "ديسكورد"),
    ("reddit", "Reddit", "ريديت"),
    ("linkedin", "LinkedIn", "لينكدإن"),
    ("skype", "Skype", "سكايب"),
    ("viber", "Viber", "فايبر"),
    ("wechat", "WeChat", "وي تشات"),
    ("line", "LINE", "لاين"),
    ("zoom", "Zoom", "زوم"),
    ("teams", "Microsoft Teams", "مايكروسوفت تيمز"),
    ("slack", "Slack", "سلاك"),
    ("gmail", "Gmail", "جيميل"),
    ("google", "Google", "غوغل"),
    ("netflix", "Netflix", "نتفليكس"),
    ("spotify", "Spotify", "سبوتيفاي"),
    ("bluesky", "Bluesky", "بلوسكاي"),
    ("mastodon", "Mastodon", "ماستودون"),
    ("chatgpt", "ChatGPT", "تشات جي بي تي"),
    ("cloudflare", "Cloudflare", "كلاود فلير"),
    ("aws", "AWS", "خدمات أمازون السحابية"),
    ("azure", "Azure", "أزور"),
    ("playstation", "PlayStation", "بلايستيشن"),
    ("xbox", "Xbox", "إكس بوكس"),
    ("steam", "Steam", "ستيم"),
    ("roblox", "Roblox", "روبلوكس"),
    ("paypal", "PayPal", "باي بال"),
    ("nubank", "Nubank", "نوبنك"),
    ("pix", "Pix", "بيكس"),
    ("uber", "Uber", "أوبر"),
    ("ifood", "iFood", "آي فود"),
    ("sms", "SMS", "الرسائل النصية"),
    ("email", "e-mail", "البريد الإلكتروني"),
    ("vivo", "Vivo", "فيفو"),
    ("claro", "Claro", "كلارو"),
    ("tim", "TIM", "تيم"),
    ("oi", "Oi", "أوي"),
    ("stc", "stc", "إس تي سي"),
    ("mobily", "Mobily", "موبايلي"),
    ("zain", "Zain", "زين"),
    ("etisalat", "Etisalat", "اتصالات"),
    ("asiacell", "Asiacell", "آسياسيل"),
    ("korek", "Korek", "كورك"),
    ("vodafone", "Vodafone", "فودافون"),
    ("imo", "imo", "إيمو"),
    ("botim", "BOTIM", "بوتيم"),
    ("facetime", "FaceTime", "فيس تايم"),
    ("twitch", "Twitch", "تويتش"),
    ("vk", "VK", "في كيه"),
    ("icloud", "iCloud", "آي كلاود"),
    ("outlook", "Outlook", "أوتلوك"),
    ("wikipedia", "Wikipedia", "ويكيبيديا"),
];

/// The name of a service in a language; its id, on one line, where we know no name.
pub fn service_name(id: &str, locale: Locale) -> String {
    match NAMES.iter().find(|(known, _, _)| *known == id) {
        Some((_, _, arabic)) if locale == Locale::Ar => (*arabic).to_owned(),
        Some((_, latin, _)) => (*latin).to_owned(),
        None => super::super::text::one_line(id),
    }
}

/// Whether a name is that of a service (its own account, not a person's).
pub fn is_service(name: &str) -> bool {
    NAMES.iter().any(|(known, _, _)| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_language() {
        assert_eq!(service_name("whatsapp", Locale::Pt), "WhatsApp");
        assert_eq!(service_name("whatsapp", Locale::Ar), "واتساب");
        assert_eq!(service_name("a\u{202E}b", Locale::En), "ab");
        assert!(is_service("WhatsApp") && !is_service("joe"));
    }
}
