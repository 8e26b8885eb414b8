//! Corpora with a known outage and its truth, for drills and for the detector's benchmark. Pure.
