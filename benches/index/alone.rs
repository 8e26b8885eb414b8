//! The search engine alone: the same fields, filled without our checks, folding, progress and replacing, under its own
//! plain tokenizer.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use caiu::index::{IndexWriter, WriterOptions};
use caiu::model::{ServiceId, TaggedPost};
use tantivy::schema::Schema;
use tantivy::tokenizer::{LowerCaser, SimpleTokenizer, TextAnalyzer};
use tantivy::{Index, TantivyDocument};

use crate::COMMIT_POSTS;

/// Memory of either writer.
pub(crate) const MEMORY_BYTES: usize = 64 << 20;

/// Seconds that it takes to write posts, merges included.
pub(crate) fn write(folder: &Path, posts: &[TaggedPost]) -> Result<f64> {
    let ours = folder.join("ours");
    let mut writer = IndexWriter::open(&ours, WriterOptions::default())?;
    writer.commit(&caiu::model::Checkpoint::default())?;
    drop(writer);
    let schema = Index::open_in_dir(&ours)?.schema();
    let index = Index::create_in_dir(folder, schema.clone())?;
    index
        .tokenizers()
        .register("caiu-words-1", TextAnalyzer::builder(SimpleTokenizer::default()).filter(LowerCaser).build());
    let mut writer = index.writer_with_num_threads(1, MEMORY_BYTES)?;
    let began = Instant::now();
    for part in posts.chunks(COMMIT_POSTS) {
        for post in part {
            writer.add_document(document(&schema, post)?)?;
        }
        writer.commit()?;
    }
    writer.wait_merging_threads()?;
    Ok(began.elapsed().as_secs_f64())
}

fn document(schema: &Schema, tagged: &TaggedPost) -> Result<TantivyDocument> {
    let (post, reading) = (tagged.post(), tagged.reading());
    let mut doc = TantivyDocument::default();
    let id = post.id.as_str();
    let at = post.at.map(|at| at.timestamp()).unwrap_or_default();
    let names = |services: &[ServiceId]| services.iter().map(ToString::to_string).collect::<Vec<_>>();
    for (field, values) in [
        ("key", vec![id.to_owned()]),
        ("id", vec![id.to_owned()]),
        ("state", vec!["post".to_owned()]),
        ("text", vec![post.text.clone()]),
        ("service", names(&reading.named)),
        ("down", names(&reading.down)),
        ("kind", vec![reading.kind.to_string()]),
        ("lang", vec![reading.lang.code().to_owned()]),
        ("country", post.country.iter().map(ToString::to_string).collect()),
        ("platform", post.platform.iter().cloned().collect()),
        ("feed", vec!["bench".to_owned()]),
        ("said", vec![format!("{} {} {:?}", reading.kind, reading.lang.code(), reading.named)]),
        ("record", vec![serde_json::to_string(&(id, at, &post.text, reading.kind, post.author))?]),
    ] {
        let field = schema.get_field(field)?;
        values.iter().for_each(|value| doc.add_text(field, value));
    }
    for (field, value) in [
        ("key_hash", post.cluster.0.rotate_left(7)),
        ("author", post.author.map_or(0, |author| author.0)),
        ("cluster", post.cluster.0),
        ("num", 0),
    ] {
        doc.add_u64(schema.get_field(field)?, value);
    }
    doc.add_i64(schema.get_field("ts")?, at);
    Ok(doc)
}
