//! The HTTP API against its real router, on a real port, over a real index.

mod admin;
mod answers;
mod bins;
mod caching;
mod command;
mod hostile;
mod live;
mod problems;
mod quiet;
mod slow;
mod thresholds;
mod world;
