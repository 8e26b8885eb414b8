//! Load on a server while posts come in: clients that ask for the overview and for bursts, or that listen to the live stream.
//!
//! `cargo run --release --example load -- --posts 1000000 --rate 1000 --secs 60`
//! `cargo run --release --example load -- --posts 100000 --rate 1000 --secs 60 --sse 1000`
//!
//! Makes an index of simulated posts in a temporary folder (or uses `--index DIR`, which it writes to), serves it, indexes
//! `--rate` posts a second meanwhile, and prints the time that answers took.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use caiu::index::{IndexWriter, Keep, WriterOptions};
use caiu::model::{Checkpoint, FeedId, FeedProgress, RawPost, Time};
use caiu::normalize::{AuthorSecret, normalize};
use caiu::serve::{App, Limits, Options, router, serve};
use caiu::tag::Tagger;
use chrono::{TimeDelta, Utc};
use futures_util::StreamExt;
use tokio::sync::watch;

const WHATSAPP: &str = "/api/v1/bursts?q=down:whatsapp+kind:complaint&from=24h&bin=5m";
const TELEGRAM: &str = "/api/v1/bursts?q=service:telegram&from=7d&bin=1h&per=posts";
/// The overview as a page asks for it again and again, and that of all services, which it asks for seldom.
const OVERVIEW: &str = "/api/v1/overview";
const WHOLE: &str = "/api/v1/overview?all=1";
/// What is asked in turn.
const PATHS: [&str; 8] = [OVERVIEW, WHATSAPP, OVERVIEW, TELEGRAM, OVERVIEW, WHATSAPP, WHOLE, TELEGRAM];
/// What posts say, each in its turn.
const TEXTS: [&str; 8] = [
    "zap caiu aqui, bora pro telegram",
    "is whatsapp down or is it just my wifi",
    "الواتساب طاح عند الكل ولا بس أنا؟",
    "telegram channels I like today",
    "instagram nao carrega nada",
    "good morning everyone",
    "saw it on facebook yesterday",
    "signal is fine here, thanks",
];
/// Days over which the posts that are there at the beginning are spread.
const DAYS: i64 = 14;

struct Wanted {
    posts: usize,
    rate: usize,
    secs: u64,
    clients: usize,
    sse: usize,
    index: Option<PathBuf>,
}

fn wanted() -> Wanted {
    let args: Vec<String> = std::env::args().collect();
    let after = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    let number = |name: &str, default: usize| after(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    Wanted {
        posts: number("--posts", 20_000),
        rate: number("--rate", 200),
        secs: number("--secs", 10) as u64,
        clients: number("--clients", 64),
        sse: number("--sse", 0),
        index: after("--index").map(PathBuf::from),
    }
}

/// The post of a number.
fn post(number: usize) -> RawPost {
    RawPost {
        id: format!("load-{number}"),
        author: Some(format!("author-{}", number % 5_003)),
        platform: Some("simulated".to_owned()),
        text: format!("{} {}", TEXTS[number % TEXTS.len()], number % 977),
        created_at: None,
        lang: None,
        url: None,
        country: None,
        reply_to: None,
        repost_of: None,
    }
}

/// Puts posts in and commits.
fn index(writer: &mut IndexWriter, tagger: &Tagger, numbers: std::ops::Range<usize>, at: impl Fn(usize) -> Time) {
    let feed = FeedId::new("load");
    for number in numbers {
        let at = at(number);
        let tagged = tagger.tag(normalize(post(number), Some(at), AuthorSecret::new("")));
        if let Err(error) = writer.record(&feed, &tagged, at, Keep::All) {
            eprintln!("{error}");
        }
    }
    let mut checkpoint: Checkpoint = writer.checkpoint().clone();
    let progress: &mut FeedProgress = checkpoint.feeds.entry(feed).or_default();
    progress.advance(None, Some(Utc::now() - TimeDelta::days(DAYS)), Some(Utc::now()), &[]);
    if let Err(error) = writer.commit(&checkpoint) {
        eprintln!("{error}");
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let wanted = wanted();
    let temporary = std::env::temp_dir().join(format!("caiu-load-{}", std::process::id()));
    let folder = wanted.index.clone().unwrap_or_else(|| temporary.clone());
    let tagger = Tagger::builtin()?;
    let services = tagger.lexicon().services.iter().map(|service| service.id.clone()).collect();
    let mut writer = IndexWriter::open(&folder, WriterOptions::default())?;
    let (begin, num) = (Utc::now() - TimeDelta::days(DAYS), wanted.posts.max(1));
    let spread = |number: usize| begin + TimeDelta::milliseconds(DAYS * 86_400_000 * number as i64 / num as i64);
    let began = Instant::now();
    let mut done = 0;
    while done < wanted.posts {
        let next = (done + 50_000).min(wanted.posts);
        index(&mut writer, &tagger, done..next, spread);
        done = next;
    }
    println!("{} posts indexed in {:.1} s", wanted.posts, began.elapsed().as_secs_f64());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let is_over = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&is_over);
    let (rate, first) = (wanted.rate, wanted.posts);
    let writing = std::thread::spawn(move || {
        let mut number = first;
        while !over.load(Ordering::Relaxed) {
            let began = Instant::now();
            if rate > 0 {
                index(&mut writer, &tagger, number..number + rate, |_| Utc::now());
                number += rate;
            }
            std::thread::sleep(Duration::from_secs(1).saturating_sub(began.elapsed()));
        }
        number - first
    });
    let result = runtime.block_on(run(&wanted, Options { services, ..Options::new(&folder) }));
    is_over.store(true, Ordering::Relaxed);
    println!("{} posts came meanwhile", writing.join().unwrap_or_default());
    if wanted.index.is_none() {
        let _ = std::fs::remove_dir_all(&temporary);
    }
    result
}

async fn run(wanted: &Wanted, options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let began = Instant::now();
    let app = tokio::task::spawn_blocking(move || App::open(options)).await??;
    println!("served after {:.2} s, {:.0} MB resident", began.elapsed().as_secs_f64(), resident_mb());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = watch::channel(false);
    let serving = tokio::spawn(serve(listener, router(app), Limits::default(), stopped));
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(wanted.clients).build()?;
    let until = Instant::now() + Duration::from_secs(wanted.secs);
    let (num_events, num_errors) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let listeners: Vec<_> = (0..wanted.sse)
        .map(|_| {
            let (client, events, errors) = (client.clone(), Arc::clone(&num_events), Arc::clone(&num_errors));
            tokio::spawn(async move {
                match client.get(format!("http://{address}/api/v1/live")).send().await {
                    Ok(response) if response.status().is_success() => {
                        let mut chunks = response.bytes_stream();
                        while let Some(Ok(_)) = chunks.next().await {
                            events.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    _ => {
                        errors.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect();
    let mut asking = Vec::new();
    for number in 0..if wanted.sse > 0 { 0 } else { wanted.clients } {
        let (client, errors) = (client.clone(), Arc::clone(&num_errors));
        asking.push(tokio::spawn(async move {
            let mut took = Vec::new();
            for turn in number.. {
                if Instant::now() >= until {
                    break;
                }
                let path = PATHS[turn % PATHS.len()];
                let began = Instant::now();
                let answered = async {
                    let response = client.get(format!("http://{address}{path}")).send().await?;
                    response.error_for_status()?.bytes().await
                };
                match answered.await {
                    Ok(_) => took.push((path, began.elapsed())),
                    Err(_) => {
                        errors.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
            took
        }));
    }
    while wanted.sse > 0 && Instant::now() < until {
        tokio::time::sleep(Duration::from_secs(10).min(Duration::from_secs(wanted.secs) / 4)).await;
        println!("{} events, {:.0} MB resident", num_events.load(Ordering::Relaxed), resident_mb());
    }
    let mut took: Vec<(&str, Duration)> = Vec::new();
    for one in asking {
        took.extend(one.await?);
    }
    for path in PATHS.into_iter().collect::<BTreeSet<_>>() {
        let of_path = took.iter().filter(|(asked, _)| *asked == path).map(|(_, took)| *took).collect();
        print_times(path, of_path, wanted.secs);
    }
    print_times("all", took.into_iter().map(|(_, took)| took).collect(), wanted.secs);
    println!("{} errors, {:.0} MB resident", num_errors.load(Ordering::Relaxed), resident_mb());
    listeners.iter().for_each(tokio::task::JoinHandle::abort);
    let _ = stop.send(true);
    serving.await??;
    Ok(())
}

fn print_times(name: &str, mut took: Vec<Duration>, secs: u64) {
    if took.is_empty() {
        return;
    }
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let rate = took.len() as f64 / secs.max(1) as f64;
    println!("{:>7.0}/s  p50 {:>7.2} ms  p99 {:>7.2} ms  most {:>7.2} ms  {name}", rate, at(0.5), at(0.99), at(1.0));
}

/// Memory that the process holds, in MB; 0 where the system does not tell.
fn resident_mb() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: f64 = statm.split_whitespace().nth(1).and_then(|pages| pages.parse().ok()).unwrap_or_default();
    pages * 4096.0 / 1e6
}
