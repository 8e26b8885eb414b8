//! Quick changes to a scenario, so that a drill does not need a file of its own.

use super::scenario::{Scenario, Trap};
use crate::model::ServiceId;

/// What to change; `None` leaves the scenario as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overrides {
    /// Complaints per minute on an ordinary day, for every service.
    pub baseline_per_min: Option<f64>,
    /// Complaints per minute at full response, for every outage.
    pub peak_per_min: Option<f64>,
    /// Minutes until people have noticed, for every outage.
    pub lag_min: Option<f64>,
    /// Minutes that every outage lasts.
    pub duration_min: Option<f64>,
    /// Only this service fails. One that the scenario does not know takes the place of its first.
    pub service: Option<ServiceId>,
    /// Length of the corpus in days.
    pub days: Option<f64>,
    /// Factor on every rate.
    pub volume: Option<f64>,
}

impl Overrides {
    /// The scenario with the changes.
    pub fn apply(&self, mut scenario: Scenario) -> Scenario {
        if let Some(service) = &self.service {
            if scenario.services.iter().all(|known| known.id != *service) {
                put_in_place_of_first(&mut scenario, service);
            }
            scenario.outages.retain(|outage| outage.service == *service);
            scenario.traps.retain(|trap| trap.service().is_none_or(|about| about == service));
        }
        if let Some(days) = self.days {
            scenario.duration_min = days * 1_440.0;
        }
        for service in &mut scenario.services {
            service.baseline_per_min = self.baseline_per_min.unwrap_or(service.baseline_per_min);
        }
        for outage in &mut scenario.outages {
            outage.peak_per_min = self.peak_per_min.unwrap_or(outage.peak_per_min);
            outage.lag_min = self.lag_min.unwrap_or(outage.lag_min);
            outage.duration_min = self.duration_min.unwrap_or(outage.duration_min);
        }
        if let Some(volume) = self.volume {
            scale(&mut scenario, volume);
        }
        scenario
    }
}

fn put_in_place_of_first(scenario: &mut Scenario, service: &ServiceId) {
    let Some(first) = scenario.services.first().map(|first| first.id.clone()) else { return };
    let rename = |id: &mut ServiceId| {
        if *id == first {
            id.clone_from(service);
        }
    };
    scenario.services.iter_mut().for_each(|known| rename(&mut known.id));
    for outage in &mut scenario.outages {
        rename(&mut outage.service);
        outage.moves.remove(service);
        outage.together.remove(service);
    }
    for trap in &mut scenario.traps {
        match trap {
            Trap::NewsSpike { service, .. } | Trap::Copies { service, .. } | Trap::Anniversary { service, .. } => {
                rename(service);
            }
            Trap::Gap { .. } => {}
        }
    }
}

fn scale(scenario: &mut Scenario, volume: f64) {
    scenario.chatter_per_min *= volume;
    for service in &mut scenario.services {
        for rate in [
            &mut service.baseline_per_min,
            &mut service.mentions_per_min,
            &mut service.news_per_min,
            &mut service.past_per_min,
        ] {
            *rate *= volume;
        }
    }
    for outage in &mut scenario.outages {
        for rate in [
            &mut outage.peak_per_min,
            &mut outage.restored_per_min,
            &mut outage.news_per_min,
            &mut outage.moves_per_min,
        ] {
            *rate *= volume;
        }
    }
    for trap in &mut scenario.traps {
        match trap {
            Trap::Copies { num_posts, .. } => *num_posts = (f64::from(*num_posts) * volume).round() as u32,
            Trap::Anniversary { peak_per_min, .. } => *peak_per_min *= volume,
            Trap::NewsSpike { .. } | Trap::Gap { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::builtin;

    #[test]
    fn one_service_of_many_or_a_new_one() {
        let only = |name: &str| Overrides { service: Some(name.into()), ..Overrides::default() };
        let known = only("whatsapp").apply(builtin::load("2021-10-04").unwrap());
        assert_eq!(known.outages.len(), 1);
        assert_eq!(known.services.len(), 8);
        let new = only("nubank").apply(builtin::load("grid").unwrap());
        assert_eq!(new.outages[0].service.as_str(), "nubank");
        assert_eq!(new.services[0].id.as_str(), "nubank");
    }

    #[test]
    fn numbers_reach_every_outage() {
        let overrides = Overrides { peak_per_min: Some(8.0), volume: Some(0.5), ..Overrides::default() };
        let scenario = overrides.apply(builtin::load("2021-10-04").unwrap());
        assert!(scenario.outages.iter().all(|outage| outage.peak_per_min == 4.0));
        assert_eq!(scenario.chatter_per_min, 15.0);
    }
}
