//! The reading of one text, told step by step.

use std::fmt::Write as _;

use super::claims::Fired;
use super::cues::Status;
use super::names::Standing;
use super::{Inside, Tagger};
use crate::model::Lang;
use crate::normalize::words::Words;

impl Tagger {
    /// Which words were seen, which rows fired, what each rule decided and why; plain text, one step a line.
    pub fn explain(&self, text: &str, hint: Option<Lang>) -> String {
        self.inspect(text, &self.words(text), hint, |_| true, |inside| self.told(text, &inside).unwrap_or_default())
    }

    fn told(&self, text: &str, inside: &Inside<'_>) -> Result<String, std::fmt::Error> {
        let mut out = String::new();
        let words = inside.text.words;
        let all: Vec<&str> = (0..words.len()).map(|i| words.text(i)).filter(|w| !w.is_empty()).collect();
        writeln!(out, "words      {}", all.join(" "))?;
        for mention in inside.mentions {
            let name = covered(text, words, mention.place.from, mention.place.to);
            let (sign, why) = match mention.standing {
                Standing::Strong => ("yes", "the name means nothing else"),
                Standing::Supported(why) => ("yes", why),
                Standing::Open => ("no", "an everyday word, and nothing speaks for the service"),
                Standing::Rejected(why) => ("no", why),
            };
            writeln!(out, "service    {name} = {}: {sign}, {why}", self.lexicon.services[mention.place.service].id)?;
        }
        let row = |fired: &Fired| {
            (covered(text, words, fired.hit.from, fired.hit.to), self.lexicon.rows[fired.row].id.as_str())
        };
        for judged in &inside.verdict.claims {
            let (phrase, term) = row(&inside.firings.claims[judged.claim]);
            let about: Vec<&str> = judged.services.iter().map(|&s| self.lexicon.services[s].id.as_str()).collect();
            let about = if about.is_empty() { "no service named".to_owned() } else { about.join(", ") };
            let worth = match (judged.status, judged.says_works) {
                (Status::Live, false) => "it fails, now".to_owned(),
                (Status::Live, true) => "it works".to_owned(),
                (Status::WorksHere, _) => "negated, for the author: it works".to_owned(),
                (Status::Void(role), _) => format!("void: {}", role.as_str()),
            };
            write!(out, "claim      \"{phrase}\" [{term}] about {about}: {worth}")?;
            match judged.because.map(|cue| row(&inside.firings.cues[cue])) {
                Some((cue, id)) => writeln!(out, ", because of \"{cue}\" [{id}]")?,
                None => writeln!(out)?,
            }
        }
        for (title, list) in
            [("news", &inside.firings.news), ("move", &inside.firings.moves), ("cue", &inside.firings.cues)]
        {
            for fired in list {
                let (phrase, term) = row(fired);
                let line = format!("{title:<10} \"{phrase}\" [{term}] {}", self.lexicon.rows[fired.row].note);
                writeln!(out, "{}", line.trim_end())?;
            }
        }
        let weighed = self.weighed(inside);
        if let Some(opinion) = &self.opinion {
            opinion.tell(inside, &weighed, &mut out)?;
        }
        let reading = self.reading(inside);
        let list = |ids: &[crate::model::ServiceId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        writeln!(out, "language   {} ({:.2})", reading.lang.code(), reading.lang.confidence())?;
        let why = if reading.kind == inside.verdict.kind {
            inside.verdict.why
        } else {
            "the opinion's word against the rules'"
        };
        writeln!(out, "kind       {}: {why}", reading.kind)?;
        writeln!(out, "down       {}", list(&reading.down))?;
        for step in &reading.moves {
            writeln!(out, "moves      {} -> {}", step.from.as_ref().map_or("?", |from| from.as_str()), step.to)?;
        }
        Ok(out)
    }
}

/// The original text under the words `from..to`.
fn covered<'t>(text: &'t str, words: &Words, from: usize, to: usize) -> &'t str {
    &text[words.word(from).span.0 as usize..words.word(to - 1).span.1 as usize]
}
