//! The lexicons inside the program: one line per language.

use super::files::{CLASSES, Content, LexiconFile, name_of};
use super::row::Section;
use crate::model::Lang;

macro_rules! languages {
    ($($lang:literal),* $(,)?) => {
        /// The files of `lexicons/` as they were when the program was built.
        pub fn files() -> Vec<LexiconFile> {
            vec![
                LexiconFile::new("services.toml", Content::Services, include_str!("../../../lexicons/services.toml")),
                LexiconFile::new("opinion/kind.tsv", Content::Opinion, include_str!("../../../lexicons/opinion/kind.tsv")),
                LexiconFile::new("opinion/part.tsv", Content::Opinion, include_str!("../../../lexicons/opinion/part.tsv")),
                LexiconFile::new("opinion/glance.tsv", Content::Opinion, include_str!("../../../lexicons/opinion/glance.tsv")),
                LexiconFile::new("opinion/network.tsv", Content::Opinion, include_str!("../../../lexicons/opinion/network.tsv")),
                $(
                    classes($lang, include_str!(concat!("../../../lexicons/class/", $lang, ".toml"))),
                    rows(Section::Outage, $lang, include_str!(concat!("../../../lexicons/outage/", $lang, ".toml"))),
                    rows(Section::Restored, $lang, include_str!(concat!("../../../lexicons/restored/", $lang, ".toml"))),
                    rows(Section::News, $lang, include_str!(concat!("../../../lexicons/news/", $lang, ".toml"))),
                    rows(Section::Move, $lang, include_str!(concat!("../../../lexicons/move/", $lang, ".toml"))),
                    rows(Section::Cue, $lang, include_str!(concat!("../../../lexicons/cue/", $lang, ".toml"))),
                )*
            ]
        }
    };
}

languages!["ar", "en", "pt"];

fn rows(section: Section, lang: &str, text: &str) -> LexiconFile {
    let lang = known(lang);
    LexiconFile::new(&name_of(section.as_str(), lang), Content::Rows(section, lang), text)
}

fn classes(lang: &str, text: &str) -> LexiconFile {
    let lang = known(lang);
    LexiconFile::new(&name_of(CLASSES, lang), Content::Classes(lang), text)
}

/// A language of the list above.
fn known(lang: &str) -> Lang {
    Lang::parse(lang).unwrap_or(Lang::EN)
}
