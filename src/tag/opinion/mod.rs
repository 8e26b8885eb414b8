//! The second opinion: what models, trained on labeled posts, make of a post that the rules have read.
//!
//! Two linear models (logistic regression over what the rules found, words, their letters and their classes, after Wang and
//! Manning, "Baselines and Bigrams", ACL 2012) and a small network over the words in their order (`network.rs`), whose
//! probabilities are mixed. A third linear model, over single words (`glance.rs`), says of which posts that name nothing they
//! are asked. The weights stand in `lexicons/opinion/`; `cargo run --release --example train` makes them.

mod asked;
pub mod classes;
mod entries;
pub mod features;
pub mod fit;
mod glance;
pub mod linear;
mod mention;
pub mod network;
mod post;
mod relations;
mod route;
mod skeleton;
mod tokens;
mod told;
pub mod weigh;
mod wording;

use std::ops::Range;
use std::sync::OnceLock;

use super::lexicon::Row;
use super::lexicon::files::{OPTIONAL_TABLES, REQUIRED_TABLES};
use super::{Inside, Tagger};
use crate::model::{Kind, ServiceId};
use features::Features;
use glance::glance;
use linear::{ByClass, Linear, softmax};
use mention::service_features;
use network::sight::{Inputs, inputs, sight};
use network::view::View;
use network::{Network, Task};
use post::post_features;
use tokens::{Token, tokens};

/// The models, read from their tables when the first post needs them; the first look apart from the others, which are large.
#[derive(Debug)]
pub struct Opinion {
    tables: Tables,
    glances: OnceLock<Linear>,
    models: OnceLock<Models>,
    /// How sure it must be.
    pub limits: weigh::Limits,
}

/// What the models are read from, as text.
#[derive(Debug)]
pub struct Tables {
    /// Weights for the kind of a post.
    pub kinds: String,
    /// Weights for the part of a service.
    pub parts: String,
    /// Weights of single words for a first look; where it is empty only classes of words say whether a post that names nothing
    /// is asked about.
    pub glances: String,
    /// The network, without which the linear models say all.
    pub network: Option<String>,
}

#[derive(Debug, Default)]
struct Models {
    /// The kind of a post.
    kinds: Linear,
    /// The part of a service in a post.
    parts: Linear,
    /// Both kind and part, from the words in their order.
    network: Option<Network>,
}

/// What can be learned from one post.
#[derive(Debug)]
pub struct Study {
    /// Features of the post.
    pub post: Features,
    /// What the network sees of it.
    pub inputs: Inputs,
    /// Features and inputs of each service that it may speak of.
    pub services: Vec<(ServiceId, Features, Inputs)>,
    /// What a first look sees of the post, where nothing was found.
    pub glance: Option<Features>,
}

/// A table that is none, by its name below the folder of lexicons, and what is wrong with it.
pub type BrokenTable = (&'static str, String);

fn broken(table: &'static str) -> impl Fn(String) -> BrokenTable {
    move |detail| (table, detail)
}

impl Opinion {
    /// From its tables.
    pub fn new(tables: Tables) -> Self {
        Self { tables, glances: OnceLock::new(), models: OnceLock::new(), limits: weigh::Limits::default() }
    }

    /// Reads the tables now.
    ///
    /// # Errors
    /// Where one of them is no table of weights: its name below the folder of lexicons, and a message that names the line.
    pub fn checked(self) -> Result<Self, BrokenTable> {
        let (glances, models) = (self.read_glances()?, self.read()?);
        Ok(Self { glances: OnceLock::from(glances), models: OnceLock::from(models), ..self })
    }

    fn read(&self) -> Result<Models, BrokenTable> {
        let Tables { kinds, parts, network, .. } = &self.tables;
        let ([kind, part], [_, net]) = (REQUIRED_TABLES, OPTIONAL_TABLES);
        Ok(Models {
            kinds: Linear::parse(kinds).map_err(broken(kind))?,
            parts: Linear::parse(parts).map_err(broken(part))?,
            network: network.as_deref().map(Network::parse).transpose().map_err(broken(net))?,
        })
    }

    fn read_glances(&self) -> Result<Linear, BrokenTable> {
        let [glance, _] = OPTIONAL_TABLES;
        Linear::parse(&self.tables.glances).map_err(broken(glance))
    }

    fn glances(&self) -> &Linear {
        self.glances.get_or_init(|| self.read_glances().unwrap_or_default())
    }

    /// Tables that cannot be read have no say: only those inside the program are not checked, and a test holds them.
    fn models(&self) -> &Models {
        self.models.get_or_init(|| self.read().unwrap_or_default())
    }
}

/// How much of what each of the two says for a class is taken: less than all, since they have learned from the same posts.
/// Found on posts from which neither had learned.
const SHARE_OF_EACH: f32 = 0.75;

/// Where the linear model is as sure as this of a class, the network is not asked: on 12,000 posts from which neither had
/// learned that finds five complaints in a thousand more than 0.93, at the same precision, and 0.99 one more.
const SURE: f32 = 0.97;

/// What is asked of the models: the kind of a post, or the part of a service (by index) in a post of a kind.
type Question = Option<(usize, Kind)>;

/// What the models are shown of a post for a question: features for the linear one, and tokens for the network.
fn shown<'a>(inside: &Inside<'a>, question: Question) -> (Features, Vec<Token<'a>>) {
    let tokens = tokens(inside.text.words, inside.mentions, question.map(|(service, _)| service));
    let features = match question {
        None => post_features(inside, &tokens),
        Some((service, kind)) => service_features(inside, &tokens, service, kind),
    };
    (features, tokens)
}

impl Models {
    /// What they say.
    fn answer<'m, 'a>(&'m self, inside: &Inside<'a>, question: Question) -> Answer<'m, 'a> {
        let (features, tokens) = shown(inside, question);
        let (linear, task) = if question.is_none() { (&self.kinds, Task::Kind) } else { (&self.parts, Task::Part) };
        let mut shares = linear.shares(&features);
        let network = self.network.as_ref().filter(|_| shares.iter().all(|&share| share < SURE));
        let view = network.map(|network| View::of(network, sight(inside, tokens, question), task));
        if let Some(view) = &view {
            let other = view.shares();
            shares = softmax(std::array::from_fn(|class| SHARE_OF_EACH * (shares[class].ln() + other[class].ln())));
        }
        Answer { shares, features, linear, view }
    }
}

/// What the models say to one question, and where it comes from.
#[derive(Debug)]
struct Answer<'m, 'a> {
    /// How likely each class is.
    shares: ByClass,
    features: Features,
    linear: &'m Linear,
    /// Of the network, if it was asked.
    view: Option<View<'m, 'a>>,
}

/// How many words of the linear model become evidence.
const NUM_REASONS: usize = 3;

impl Answer<'_, '_> {
    /// The words side by side that speak most for a class to the network.
    fn window(&self, class: usize) -> Option<Range<usize>> {
        self.view.as_ref()?.reason(class)
    }

    /// The words that speak most for a class: those of the linear model, then what the network sees side by side.
    fn evidence(&self, class: usize) -> Vec<Range<usize>> {
        let is_seen_for = |weight: f32, words: &Range<usize>| weight > 0.0 && !words.is_empty();
        let reasons = self.linear.reasons(&self.features, class, NUM_REASONS, is_seen_for);
        reasons.into_iter().map(|(_, _, words)| words).chain(self.window(class)).collect()
    }
}

impl Tagger {
    /// The features of a text, as if only the rows that `keep` holds for were in the lexicon. `kind` is what the post
    /// really does. Posts of which no opinion would be asked teach what is not there.
    pub fn study(&self, text: &str, kind: Kind, keep: impl Fn(&Row) -> bool) -> Study {
        self.inspect(
            text,
            &self.words(text),
            None,
            |row| keep(&self.lexicon.rows[row]),
            |inside| {
                let learned = |question| {
                    let (features, tokens) = shown(&inside, question);
                    (features, inputs(&sight(&inside, tokens, question)))
                };
                let (post, inputs) = learned(None);
                let services = asked::candidates(&inside).into_iter().map(|service| {
                    let (features, inputs) = learned(Some((service, kind)));
                    (self.lexicon.services[service].id.clone(), features, inputs)
                });
                let glance = (!asked::has_findings(&inside)).then(|| glance(&inside));
                Study { post, inputs, services: services.collect(), glance }
            },
        )
    }
}
