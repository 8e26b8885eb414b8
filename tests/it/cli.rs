//! The program as a person runs it.

use crate::support::caiu;

#[test]
fn every_command_has_help() {
    for command in ["tag", "analyze", "report", "detect", "evaluate", "simulate", "lexicon", "demo", "completions"] {
        let output = caiu().args([command, "--help"]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{command} --help");
        assert!(text.contains("Examples:"), "{command} --help shows examples:\n{text}");
    }
}
