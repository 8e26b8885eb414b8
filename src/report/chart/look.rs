//! How a chart is to look: size, colors, zone, language, and whether it stands alone.

use chrono_tz::Tz;

use crate::report::locale::Locale;

/// Room of a chart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Size {
    /// For a row of a table: no axes and no words, 160 by 36.
    Spark,
    /// For phones, 400 by 340.
    Narrow,
    /// For screens and print, 960 by 400.
    #[default]
    Wide,
}

impl Size {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spark => "spark",
            Self::Narrow => "narrow",
            Self::Wide => "wide",
        }
    }

    /// Width and height of the chart itself, in units of its view box.
    pub(super) fn room(self) -> (f64, f64) {
        match self {
            Self::Spark => (160.0, 36.0),
            Self::Narrow => (400.0, 340.0),
            Self::Wide => (960.0, 400.0),
        }
    }
}

/// Where the colors of a chart come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// From the custom properties of the page that the chart is inlined in.
    #[default]
    Page,
    /// Its own, on white: the chart stands alone, with title, legend and font.
    Light,
    /// Its own, on near-black: likewise.
    Dark,
}

/// The colors of a theme.
#[derive(Debug, Clone, Copy)]
pub(super) struct Palette {
    /// Behind everything; `None` where the page shows through.
    pub(super) paper: Option<&'static str>,
    pub(super) text: &'static str,
    pub(super) ink: &'static str,
    pub(super) rule: &'static str,
    pub(super) observed: &'static str,
    pub(super) expected: &'static str,
    pub(super) onset: &'static str,
    pub(super) end: &'static str,
    pub(super) alarm: &'static str,
}

impl Theme {
    /// Whether the chart stands alone.
    pub fn is_alone(self) -> bool {
        self != Self::Page
    }

    pub(super) fn palette(self) -> Palette {
        match self {
            Self::Page => Palette {
                paper: None,
                text: "var(--muted, #555)",
                ink: "var(--muted, #555)",
                rule: "var(--rule, #ddd)",
                observed: "var(--observed, #2c6496)",
                expected: "var(--expected, #333)",
                onset: "var(--onset, #a8480a)",
                end: "var(--end, #1b7340)",
                alarm: "var(--alarm, #a61b3c)",
            },
            // As templates/report.css has them.
            Self::Light => Palette {
                paper: Some("#ffffff"),
                text: "#1d1f23",
                ink: "#5b6068",
                rule: "#dcdad3",
                observed: "#2c6496",
                expected: "#1d1f23",
                onset: "#a8480a",
                end: "#1b7340",
                alarm: "#a61b3c",
            },
            Self::Dark => Palette {
                paper: Some("#15171b"),
                text: "#e7e6e2",
                ink: "#a3a8b1",
                rule: "#363a43",
                observed: "#6db0ea",
                expected: "#e7e6e2",
                onset: "#f2a35c",
                end: "#6ccb91",
                alarm: "#f38a9f",
            },
        }
    }
}

/// How a chart is to look.
#[derive(Debug, Clone)]
pub struct Look {
    /// Room.
    pub size: Size,
    /// Colors; anything but [`Theme::Page`] stands alone.
    pub theme: Theme,
    /// Zone of all times on it.
    pub zone: Tz,
    /// Language of all words on it.
    pub locale: Locale,
    /// Begins every id in it: unique on its page, letters, digits and hyphens.
    pub id: String,
    /// What it shows: for screen readers, and on top where it stands alone. May be hostile.
    pub title: String,
    /// The same in a sentence or more, for screen readers. May be hostile.
    pub description: String,
    /// Whether the posts behind it are simulated, which a chart that stands alone must say.
    pub is_simulated: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            size: Size::Wide,
            theme: Theme::Page,
            zone: Tz::UTC,
            locale: Locale::En,
            id: "chart".to_owned(),
            title: String::new(),
            description: String::new(),
            is_simulated: false,
        }
    }
}
