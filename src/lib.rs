//! Reads public posts and says which service went down, when, until when, and where people went.
//!
//! The rooms, in the order in which data flows: [`corpus`] reads dumps, [`feed`] listens to live feeds, [`normalize`] checks and
//! folds, [`tag`] judges each post, [`index`] keeps them on disk, [`detect`] finds bursts, incidents and moves in the counts,
//! [`report`] writes them down, [`export`] tells them as timelines, [`serve`] answers for them over HTTP, [`alert`] tells
//! receivers, [`simulate`] makes drills with a known truth, [`batch`] ties them into one run, [`cli`] is what a person types.
//! [`model`] is their vocabulary.

pub mod alert;
pub mod batch;
pub mod cli;
pub mod config;
pub mod corpus;
pub mod detect;
pub mod export;
pub mod feed;
pub mod index;
pub mod model;
pub mod normalize;
pub mod pipeline;
pub mod report;
pub mod serve;
pub mod simulate;
pub mod tag;
