//! The feeds against stand-in servers: what every kind must do, and the traps of each.

mod conformance;
mod damaged;
mod faults;
mod kinds;
mod net;
mod servers;
mod tls;
mod traps;
mod watched;
mod world;
