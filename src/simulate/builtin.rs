//! The scenarios that come with the program, and how any scenario is read.

use super::SimulateError;
use super::scenario::Scenario;

/// Names and texts of the built-in scenarios, sorted by name.
pub const ALL: [(&str, &str); 6] = [
    ("2017-05-03", include_str!("../../data/scenarios/2017-05-03.toml")),
    ("2021-10-04", include_str!("../../data/scenarios/2021-10-04.toml")),
    ("block", include_str!("../../data/scenarios/block.toml")),
    ("grid", include_str!("../../data/scenarios/grid.toml")),
    ("quiet", include_str!("../../data/scenarios/quiet.toml")),
    ("traps", include_str!("../../data/scenarios/traps.toml")),
];

/// A built-in scenario.
///
/// # Errors
/// [`SimulateError::Unknown`] where there is none of this name.
pub fn load(name: &str) -> Result<Scenario, SimulateError> {
    match ALL.iter().find(|(known, _)| *known == name) {
        Some((_, text)) => parse(text),
        None => {
            let known = ALL.map(|(name, _)| name).join(", ");
            Err(SimulateError::Unknown { name: name.to_owned(), known })
        }
    }
}

/// Reads a scenario from TOML; whether it makes sense is seen in [`super::simulate`].
///
/// # Errors
/// [`SimulateError::Syntax`] with line and column.
pub fn parse(text: &str) -> Result<Scenario, SimulateError> {
    toml::from_str(text).map_err(SimulateError::Syntax)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_scenarios_say_that_they_are_simulated() {
        for (name, _) in ALL {
            let scenario = load(name).unwrap();
            assert_eq!(scenario.name, name);
            assert!(scenario.title.contains("imulated"), "{name}");
        }
        let error = load("2099").unwrap_err().to_string();
        assert!(error.contains("2021-10-04"), "{error}");
    }
}
