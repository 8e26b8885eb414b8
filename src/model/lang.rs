//! Languages and what we believe about the language of a post.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An ISO 639-1 code of two lower-case letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lang([u8; 2]);

impl Lang {
    /// Arabic, any variety.
    pub const AR: Self = Self(*b"ar");
    /// English.
    pub const EN: Self = Self(*b"en");
    /// Portuguese, any variety.
    pub const PT: Self = Self(*b"pt");

    /// Reads a code or a BCP 47 tag (`pt`, `pt-BR`, `ar_EG`); `None` where it is none.
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?;
        match primary.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Some(Self([a.to_ascii_lowercase(), b.to_ascii_lowercase()]))
            }
            _ => None,
        }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

impl fmt::Debug for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Lang {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Lang {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tag = String::deserialize(deserializer)?;
        Self::parse(&tag).ok_or_else(|| serde::de::Error::custom(format!("'{tag}' is no language code of two letters")))
    }
}

/// The language of a post and where the belief comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LangGuess {
    /// Found in the text, with a confidence in 0..=1.
    Detected {
        /// The language.
        lang: Lang,
        /// How sure, 0..=1.
        confidence: f64,
    },
    /// The text does not decide; the post or its feed claims this.
    Hinted(Lang),
    /// Nothing decides: written `und`.
    Undetermined,
}

impl LangGuess {
    /// The language, if there is one.
    pub fn lang(&self) -> Option<Lang> {
        match self {
            Self::Detected { lang, .. } | Self::Hinted(lang) => Some(*lang),
            Self::Undetermined => None,
        }
    }

    /// The code, or `und`.
    pub fn code(&self) -> &str {
        match self {
            Self::Detected { lang, .. } | Self::Hinted(lang) => lang.as_str(),
            Self::Undetermined => "und",
        }
    }

    /// How sure, 0..=1: a hint counts as one half, nothing as zero.
    pub fn confidence(&self) -> f64 {
        match self {
            Self::Detected { confidence, .. } => *confidence,
            Self::Hinted(_) => 0.5,
            Self::Undetermined => 0.0,
        }
    }
}
