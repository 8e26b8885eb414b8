//! The lexicons inside the program: one line per language.

use super::files::LexiconFile;
use super::row::Section;
use crate::model::Lang;

macro_rules! languages {
    ($($lang:literal),* $(,)?) => {
        /// The files of `lexicons/` as they were when the program was built.
        pub fn files() -> Vec<LexiconFile> {
            vec![
                LexiconFile::services("services.toml", include_str!("../../../lexicons/services.toml")),
                LexiconFile::opinion("opinion/kind.tsv", include_str!("../../../lexicons/opinion/kind.tsv")),
                LexiconFile::opinion("opinion/part.tsv", include_str!("../../../lexicons/opinion/part.tsv")),
                $(
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
    let name = format!("{}/{lang}.toml", section.as_str());
    LexiconFile { name, section: Some((section, Lang::parse(lang).unwrap_or(Lang::EN))), text: text.to_owned() }
}
