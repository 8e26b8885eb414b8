//! Whose language a sentence is: neighbors that share words and letters, each by a sentence written for this file.

use crate::tag::Tagger;

/// Reads each text, and tells all whose language is not found.
fn check(rows: &[(&str, &[&str])]) {
    let tagger = Tagger::builtin().unwrap();
    let mut wrong = Vec::new();
    for (lang, texts) in rows {
        for text in *texts {
            let guess = tagger.read(text, None).lang;
            if guess.code() != *lang {
                wrong.push(format!("{text}: {} ({:.2}) instead of {lang}", guess.code(), guess.confidence()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn neighbors_of_portuguese_are_told_apart() {
    check(&[
        (
            "pt",
            &[
                "acho que a minha irmã esqueceu o guarda-chuva no ônibus",
                "alguem sabe que horas abre a padaria",
                "hoje nao vai dar pra sair, ta chovendo muito",
                "que saudade da comida da minha avó",
                "o miúdo adormeceu no sofá a ver bola",
                "comprei um colchão e chegou o tamanho errado",
            ],
        ),
        (
            "es",
            &[
                "creo que mi hermana se dejó el paraguas en el autobús",
                "alguien sabe a que hora abre la panaderia",
                "hoy no se puede salir, llueve mucho",
                "que ganas de comer lo de mi abuela",
                "no me carga la pagina desde ayer, que raro",
                "el niño se durmió viendo el partido",
            ],
        ),
        (
            "fr",
            &[
                "je crois que ma soeur a oublié son parapluie dans le bus",
                "quelqu'un sait à quelle heure ouvre la boulangerie",
                "on ne peut pas sortir aujourd'hui, il pleut trop",
                "c'est encore en panne depuis ce matin",
            ],
        ),
        ("it", &["credo che mia sorella abbia lasciato l'ombrello sul treno", "oggi non si puo uscire, piove troppo"]),
        (
            "ca",
            &[
                "crec que la meva germana s'ha deixat el paraigua amb els llibres",
                "avui no podem sortir perquè plou molt",
            ],
        ),
    ]);
}

#[test]
fn english_is_told_from_what_borrows_from_it() {
    check(&[
        (
            "en",
            &[
                "does anyone know when the bakery opens",
                "my sister left her umbrella on the 3rd bus, 2 hours ago",
                "i\\u2019m so tired\\u002c going to bed at 10pm",
                "so glad the kids are asleep, finally some quiet",
            ],
        ),
        ("en", &["printer servers down", "the queue is long so text me"]),
        ("und", &["xkqz"]),
        ("hi", &["bhai kal kya hua tha, koi batao yaar", "aaj bahut garmi hai yahan, kuch karo"]),
        ("nl", &["ik denk dat mijn zus haar paraplu in de bus heeft laten liggen"]),
        ("tl", &["hindi ko alam kung anong oras bukas ang tindahan"]),
    ]);
}

#[test]
fn neighbors_of_arabic_are_told_apart() {
    check(&[
        (
            "ar",
            &[
                "نسيت المظلة في الباص وانا راجع من الدوام",
                "شلونك گلبي شنو هالجو اليوم",
                "مين يعرف الفرن بيفتح ايمتى",
                "ھھھھ والله ضحكتني",
                "چاي وخبز حار، هذا الفطور",
            ],
        ),
        (
            "fa",
            &[
                "فکر کنم خواهرم چترش را در اتوبوس جا گذاشت",
                "امروز خیلی سرد است و نمی شود بیرون رفت",
                "كسي ميدونه نونوايي كي باز ميشه",
            ],
        ),
        ("ur", &["میری بہن بس میں چھتری بھول گئی ہے", "آج بہت بارش ہے باہر نہیں جا سکتے"]),
        ("ku", &["ئەمڕۆ زۆر ساردە و ناتوانین بچینە دەرەوە"]),
    ]);
}

#[test]
fn of_two_scripts_most_words_decide() {
    check(&[
        ("ar", &["Breaking News Headquarters الخبر كامل على موقعنا يا شباب"]),
        ("en", &["the word حبيبي is all that my grandmother ever calls me"]),
    ]);
}

#[test]
fn arabizi_is_arabic_and_numbers_are_not() {
    check(&[
        ("ar", &["el 7amdella 3ala kol 7al", "ana msh 3aref a3mel eh bgad"]),
        ("pt", &["chego 22h55 ou 23h10, me espera na rodoviária"]),
        ("en", &["meeting moved to the 25th, 7pm, bring your 2nd draft"]),
    ]);
}

#[test]
fn arabizi_without_digits_is_arabic_and_its_neighbors_are_not() {
    check(&[
        (
            "ar",
            &[
                "ana msh fahma leh el matar lessa ma naharda",
                "shu hal yom, kel shi ghali w ma fi masari",
                "wach kayn chi wahed mn casa, bghit nchouf dar",
                "ya shabab meen shaf el match embareh",
                "wallah ma adri wein raha mafateehi",
                "khouya jab lhout mn lmarsa lyoum",
            ],
        ),
        ("it", &["ma dove vai con la macchina di mia sorella"]),
        ("es", &["el vecino se mudo ayer y ya no tiene perro"]),
        ("tr", &["bu ne kadar guzel bir sey ya, cok begendim"]),
        ("tl", &["wala akong pera ngayon, bukas na lang tayo kumain"]),
        ("hi", &["bas yaar ab ghar ja raha hoon"]),
        ("id", &["aku mau makan nasi goreng sama adik"]),
        ("en", &["the whole family is coming over on sunday, yalla habibi"]),
        ("fr", &["wesh les gars on mange quoi ce soir"]),
    ]);
}
