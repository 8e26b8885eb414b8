//! The page: a shell, styles and modules that the server hands out as they are. No build step, nothing from elsewhere.
//!
//! A view is one file in `views/` and a line in `router.js`; a language is one file in `locale/` and a line each in
//! `settings.js`, `i18n.js` and `parts/header.js`. Every file stands in [`FILES`].

/// `index.html`, in which `@ASSETS@` stands for the folder of the assets.
pub(super) const INDEX: &str = include_str!("index.html");

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! files {
    ($($name:literal: $kind:expr,)*) => {
        [$(($name, $kind, include_str!($name))),*]
    };
}

/// Name, content type and body of every asset. Modules import each other by relative addresses, so that all of them
/// lie in one folder whose name changes with any of them.
pub(super) const FILES: &[(&str, &str, &str)] = &files! {
    "icon.svg": SVG,
    "style.css": CSS,
    "parts.css": CSS,
    "theme.js": JS,
    "app.js": JS,
    "api.js": JS,
    "dom.js": JS,
    "format.js": JS,
    "i18n.js": JS,
    "live.js": JS,
    "names.js": JS,
    "router.js": JS,
    "settings.js": JS,
    "zones.js": JS,
    "locale/ar.js": JS,
    "locale/en.js": JS,
    "locale/pt.js": JS,
    "parts/bars.js": JS,
    "parts/cells.js": JS,
    "parts/chart.js": JS,
    "parts/course.js": JS,
    "parts/coverage.js": JS,
    "parts/downloads.js": JS,
    "parts/drawing.js": JS,
    "parts/estimates.js": JS,
    "parts/exports.js": JS,
    "parts/header.js": JS,
    "parts/moves.js": JS,
    "parts/picture.js": JS,
    "parts/posts.js": JS,
    "parts/queryform.js": JS,
    "parts/revisions.js": JS,
    "parts/service_row.js": JS,
    "parts/services.js": JS,
    "parts/states.js": JS,
    "parts/table.js": JS,
    "parts/table_picture.js": JS,
    "parts/terms.js": JS,
    "views/about.js": JS,
    "views/feeds.js": JS,
    "views/incident.js": JS,
    "views/incidents.js": JS,
    "views/missing.js": JS,
    "views/overview.js": JS,
    "views/query.js": JS,
    "views/token.js": JS,
};

#[cfg(test)]
mod tests;
