//! Tests of the configuration: what is refused, and in which words.

use super::*;

fn refusal(text: &str) -> String {
    Config::parse(text, "c.toml").map(|_| "accepted".to_owned()).unwrap_or_else(|error| error.to_string())
}

#[test]
fn mistakes_are_told_with_a_remedy() {
    for (text, told) in [
        ("", "accepted"),
        ("[index]\npaht = 'x'", "c.toml: line 2: unknown field `paht`"),
        ("[index]\npaht = 'x'", "did you mean `path`?"),
        ("[detekt]", "did you mean `detect`?"),
        ("[index]\ncommit_secs = 0", "index.commit_secs lies between 0.05 and 3600"),
        ("[index]\nkeep = 'al'", "did you mean `all`?"),
        ("[limits]\nfirst_pause_secs = 500", "first_pause_secs <= longest_pause_secs"),
        ("[[feed]]\nid = 'a'", "has no kind"),
        ("[[feed]]\nkind = 3", "write a text in quotes"),
        ("[detect]\nevery_secs = inf", "detect.every_secs lies between 0.1 and 3600"),
        ("[index", "line 1"),
        (
            "[detect.services.whatsapp]\nfalse_alarms_per_week = 0",
            "detect.services.whatsapp.false_alarms_per_week lies between",
        ),
        ("[detect.services.whatsapp]\nfalse_alarm_per_week = 1", "did you mean `false_alarms_per_week`?"),
        ("[[alert]]\nurl = 'x'", "an [[alert]] has no kind; the kinds are webhook"),
        ("[[alert]]\nkind = 'web-hook'", "did you mean \"webhook\"?"),
        ("[[alert]]\nkind = 'atom'\n[[alert]]\nkind = 'atom'", "two alerts have the id \"atom\""),
        ("[[alert]]\nkind = 'atom'\non = ['openend']", "did you mean `opened`?"),
    ] {
        let refused = refusal(text);
        assert!(refused.contains(told), "{text}: {refused}");
    }
}

#[test]
fn shipped_configurations_are_good_and_the_example_has_the_defaults() {
    assert_eq!(Config::parse(STARTER, "caiu.toml").unwrap().feeds.len(), 2);
    let example = Config::parse(EXAMPLE, "caiu.example.toml").unwrap();
    assert_eq!(example.index, IndexSettings::default());
    assert_eq!(example.detect, DetectSettings::default());
    assert_eq!(example.net, NetSettings::default());
    assert_eq!(example.limits, LimitSettings::default());
    assert_eq!(example.metrics, MetricsSettings::default());
    assert_eq!(example.log, LogSettings::default());
    assert!(example.feeds.is_empty() || example.feeds.iter().all(|feed| !feed.id.as_str().is_empty()));
}

#[test]
fn receivers_and_services_are_checked_when_they_are_opened() {
    let config = |text: &str| Config::parse(text, "c.toml").unwrap();
    let opened = |text: &str| config(text).open_alerts("c.toml").map(|_| ()).unwrap_err().to_string();
    let error = opened("[[alert]]\nkind = 'webhook'\nurll = 'http://x'");
    assert!(error.contains("c.toml: alert \"webhook\"") && error.contains("did you mean `url`?"), "{error}");
    let error = opened("[[alert]]\nkind = 'webhook'\nurl = 'http://x'\nquiet_hour = 1");
    assert!(error.contains("did you mean `quiet_hours`?"), "{error}");
    let error = opened("[[alert]]\nkind = 'telegram'\nchat = '1'\ntoken = '123:abc'");
    assert!(error.contains("env:NAME") && !error.contains("123:abc"), "{error}");
    for text in
        ["[detect.services.watsapp]\nfalse_alarms_per_week = 1", "[[alert]]\nkind = 'slack'\nservices = ['watsapp']"]
    {
        let error = config(text).check_services("c.toml", &["instagram", "whatsapp"]).unwrap_err().to_string();
        assert!(error.contains("did you mean \"whatsapp\"?"), "{error}");
    }
}
