//! An index whose newest part is damaged, under `caiu watch`: it mends it, and what was lost is read again from where it came
//! from, once.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use caiu::index::{IndexReader, Status};
use chrono::{TimeDelta, Utc};
use tempfile::TempDir;

use super::kinds::row;
use super::watched::until;
use super::world::World;
use crate::support::{Watch, arg, folder, run};

/// A server, a file, and what `caiu watch` makes of both.
struct Scene {
    folder: TempDir,
    world: World,
    num_lines: u64,
    num_there: u64,
}

fn text(number: u64) -> &'static str {
    if number.is_multiple_of(3) { "bom dia a todos" } else { "zap caiu" }
}

impl Scene {
    async fn new(kind: &str) -> Self {
        Self { folder: folder(), world: World::new(row(kind)).await, num_lines: 0, num_there: 0 }
    }

    fn index(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Begins to watch into an index; `more` stands in `[index]`.
    fn watch(&self, name: &str, more: &str) -> Watch {
        let config = format!(
            "[index]\npath = '{}'\ncommit_secs = 0.2\n{more}\n[net]\nallow_private = true\nrequests_per_min = 6000\n\
             [[feed]]\nkind = 'file'\nid = 'lines'\npath = '{}'\n\
             [[feed]]\nkind = '{}'\nid = 'server'\nevery_secs = 1\n{}\n",
            self.index(name).display(),
            self.folder.path().join("lines.jsonl").display(),
            self.world.row.kind,
            self.world.row.settings.replace("$BASE", &self.world.server.uri())
        );
        fs::write(self.folder.path().join("caiu.toml"), config).unwrap();
        Watch::with_log(self.folder.path(), fs::File::create(self.folder.path().join("log")).unwrap())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Posts at both sources, every third of them of no interest.
    fn write(&mut self, count: u64) {
        self.write_lines(count);
        self.world.write(count, TimeDelta::seconds(30));
        for number in self.num_lines - count + 1..=self.num_lines {
            self.world.change(number, |post| post.text = format!("{} {number} server", text(number)));
        }
        self.num_there += count;
    }

    /// Posts at the end of the file alone.
    fn write_lines(&mut self, count: u64) {
        let path = self.folder.path().join("lines.jsonl");
        let mut file = fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        let mut lines = String::new();
        for number in self.num_lines..self.num_lines + count {
            let at = (Utc::now() - TimeDelta::minutes(5) + TimeDelta::seconds(number as i64)).to_rfc3339();
            let text = format!("{} {number} lines", text(number));
            lines.push_str(&format!("{{\"id\":\"{number}\",\"created_at\":\"{at}\",\"text\":\"{text}\"}}\n"));
        }
        file.write_all(lines.as_bytes()).unwrap();
        self.num_lines += count;
        self.num_there += count;
    }

    /// Waits until as many posts of both are there.
    async fn wait(&self, name: &str) {
        let want = self.num_there;
        until(&format!("{want} posts in {name}"), async || {
            status(&self.index(name)).is_some_and(|status| status.num_posts + status.num_counted == want)
        })
        .await;
    }
}

fn status(index: &Path) -> Option<Status> {
    IndexReader::open(index).and_then(|reader| reader.status()).ok()
}

/// Damages the largest file of the newest part.
fn damage(index: &Path, how: &str) {
    let files = fs::read_dir(index).unwrap().map(|entry| entry.unwrap().path());
    let stores = files.filter(|path| path.extension().is_some_and(|extension| extension == "store"));
    let newest = stores.max_by_key(|path| fs::metadata(path).unwrap().modified().unwrap()).unwrap();
    let newest = newest.with_extension("fast");
    let mut bytes = fs::read(&newest).unwrap();
    let middle = bytes.len() / 2;
    match how {
        "cut" => bytes.truncate(middle),
        "gone" => return fs::remove_file(newest).unwrap(),
        _ => bytes[middle] ^= 1,
    }
    fs::write(newest, bytes).unwrap();
}

async fn is_mended(kind: &str, how: &str) {
    let mut scene = Scene::new(kind).await;
    scene.write(9);
    let first = scene.watch("index", "");
    scene.wait("index").await;
    scene.write(9);
    scene.wait("index").await;
    first.kill();
    let index = scene.index("index");
    damage(&index, how);
    if how != "turned" {
        let search = run(&["search", "caiu", "--index", arg(&index)], "");
        assert!(search.code == Some(2) && search.err.contains("--repair"), "who only reads is told: {search:?}");
        let mut refusing = scene.watch("index", "repair = false");
        until("an end", async || !refusing.is_running()).await;
        assert!(scene.log().contains("--repair"), "who wants to look first can: {}", scene.log());
    }
    scene.write(3);
    let second = scene.watch("index", "");
    // Whoever reads a part with a turned bit before may stumble over it.
    until("the repair", async || scene.log().contains("was damaged and is repaired")).await;
    scene.wait("index").await;
    let has_no_gap = async || status(&index).unwrap().feeds.iter().all(|feed| feed.gaps.is_empty());
    until("the gap to close", has_no_gap).await;
    second.stop();
    let log = scene.log();
    for told in ["was damaged and is repaired", "it is read again from where it was", "/broken now"] {
        assert!(log.contains(told), "{told}: {log}");
    }

    let whole = scene.watch("whole", "");
    scene.wait("whole").await;
    whole.stop();
    let [mended, unbroken] = [index.as_path(), &scene.index("whole")].map(|index| IndexReader::open(index).unwrap());
    assert_eq!(mended.tally(None, None, 60).unwrap(), unbroken.tally(None, None, 60).unwrap(), "{kind} {how}");
    let texts = |index: &Path| {
        let ran = run(&["search", "caiu", "--limit", "1000", "--json", "--index", arg(index)], "");
        let mut texts: Vec<String> = ran.rows().iter().map(|row| row["text"].as_str().unwrap().to_owned()).collect();
        texts.sort_unstable();
        texts
    };
    let found = texts(&index);
    assert_eq!(found, texts(&scene.index("whole")), "{kind} {how}");
    assert!(found.len() == 28 && found.windows(2).all(|pair| pair[0] != pair[1]), "each once: {found:?}");
    let checkpoint = mended.checkpoint();
    assert!(checkpoint.feeds.values().all(|progress| progress.num_posts == 21), "{checkpoint:?}");
    let place: serde_json::Value =
        serde_json::from_str(checkpoint.feeds[&"lines".into()].cursor.as_ref().unwrap().as_str()).unwrap();
    assert_eq!(place["offset"], fs::metadata(scene.folder.path().join("lines.jsonl")).unwrap().len());

    // And from there it goes on.
    scene.write(3);
    let third = scene.watch("index", "");
    scene.wait("index").await;
    third.stop();
    assert!(!scene.log().contains("repaired"), "{}", scene.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_was_cut_is_read_again() {
    is_mended("mastodon", "cut").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_is_missing_is_read_again() {
    is_mended("rss", "gone").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_with_a_bit_turned_is_read_again() {
    is_mended("mastodon", "turned").await;
}

/// A source that has let go of what was lost leaves a gap, and says so itself.
#[tokio::test(flavor = "multi_thread")]
async fn what_no_source_has_any_more_stays_a_gap() {
    let mut scene = Scene::new("mastodon").await;
    scene.write(9);
    let first = scene.watch("index", "");
    scene.wait("index").await;
    scene.write_lines(9);
    scene.wait("index").await;
    first.kill();
    damage(&scene.index("index"), "cut");
    let lines = scene.folder.path().join("lines.jsonl");
    fs::remove_file(&lines).unwrap();
    let line =
        format!("{{\"id\":\"new\",\"created_at\":\"{}\",\"text\":\"zap caiu de novo\"}}\n", Utc::now().to_rfc3339());
    fs::write(&lines, line).unwrap();
    let second = scene.watch("index", "");
    let found =
        || run(&["search", "caiu", "--limit", "100", "--json", "--index", arg(&scene.index("index"))], "").rows().len();
    // Six of each of the first nine, and the new line.
    until("what is left", async || status(&scene.index("index")).is_some() && found() >= 13).await;
    let of_lines = || {
        let feeds = status(&scene.index("index")).unwrap().feeds;
        feeds.into_iter().find(|feed| feed.feed.as_str() == "lines").unwrap().gaps
    };
    until("one gap", async || of_lines().len() == 1).await;
    second.stop();
    assert_eq!(found(), 13);
    let gaps = of_lines();
    assert_eq!(gaps[0].cause, caiu::model::GapCause::Stopped, "{gaps:?}");
    assert!(gaps[0].gap.to - gaps[0].gap.from < TimeDelta::minutes(3), "{gaps:?}");
}
