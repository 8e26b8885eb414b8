//! The tables and rows of `caiu evaluate`, for the terminal and for the page alike.

use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, Table};

use super::super::output::{one_line, table};
use super::Scored;
use crate::corpus::evaluation::comparison::Difference;
use crate::corpus::evaluation::{Compared, Comparison, Evaluation, FIGURES, Group, Interval};
use crate::model::{Kind, Lang, Move, Reading, ServiceId};
use crate::report::{PagePost, PageTable};

/// Figures that have their interval in the table; JSON has all.
const WITH_INTERVAL: [&str; 2] = ["complaint_f1", "down_f1"];

/// Figures whose difference is shown; JSON has all.
const COMPARED: [(&str, &str); 4] = [
    ("complaint_f1", "complaint F1"),
    ("down_f1", "down F1"),
    ("moves_to_f1", "to F1"),
    ("false_complaints", "false compl."),
];

/// All tables, in order.
pub(super) fn all(scored: &Scored) -> Vec<PageTable> {
    let mut tables = vec![scores(scored), confusion(&Evaluation::of(&scored.compared))];
    if let Some(against) = &scored.against {
        let compare = |group: &Group| Comparison::of(&scored.compared, &against.readings, group, &scored.bootstrap);
        tables.push(differences(scored, &against.lexicon, compare));
        let everything = Group { members: (0..scored.compared.len()).collect(), service: None };
        tables.push(traded(&compare(&everything)));
    }
    tables
}

/// The rows that went wrong, or were won or lost.
pub(super) fn posts(scored: &Scored) -> Vec<PagePost> {
    let before = |row: usize| scored.against.as_ref().map(|against| &against.readings[row]);
    let rows = scored.compared.iter().enumerate();
    rows.filter_map(|(row, one)| {
        let fate = match (one.is_right(), before(row).map(|before| one.label.is_met_by(before))) {
            (true, None | Some(true)) => return None,
            (true, Some(false)) => "won: ",
            (false, Some(true)) => "lost: ",
            (false, _) => "",
        };
        Some(post(one, before(row), fate))
    })
    .collect()
}

/// A table for the terminal.
pub(super) fn as_text(page: &PageTable) -> Table {
    let mut text = table(page.header.iter());
    for row in &page.rows {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let side = if column == 0 { CellAlignment::Left } else { CellAlignment::Right };
            Cell::new(one_line(cell)).set_alignment(side)
        });
        text.add_row(cells);
    }
    text
}

/// A row for the terminal.
pub(super) fn write_post(out: &mut impl Write, post: &PagePost) -> io::Result<()> {
    writeln!(out, "{} {}", one_line(&post.heading), one_line(&post.text))?;
    post.lines.iter().try_for_each(|line| writeln!(out, "  {line}"))
}

fn scores(scored: &Scored) -> PageTable {
    let heading = match scored.by.as_slice() {
        [] => "labels".to_owned(),
        by => by.iter().map(|by| by.as_str()).collect::<Vec<_>>().join(" "),
    };
    let mut header = vec![heading, "n".to_owned()];
    header.extend(FIGURES.iter().map(|figure| figure.title.to_owned()));
    let row = |(name, group, evaluation): (&str, &Group, Evaluation)| {
        let intervals = scored.bootstrap.intervals(&group.points(&scored.compared));
        let mut cells = vec![name.to_owned(), evaluation.num_labels.to_string()];
        let values = FIGURES.iter().zip(evaluation.points.figures()).zip(intervals);
        cells.extend(values.map(|((figure, value), interval)| {
            let interval = interval.filter(|_| WITH_INTERVAL.contains(&figure.name));
            shown(value) + &bracketed(interval)
        }));
        cells
    };
    PageTable { title: "Scores".to_owned(), header, rows: scored.evaluations().map(row).collect() }
}

fn confusion(all: &Evaluation) -> PageTable {
    let names = Kind::ALL.map(|kind| kind.as_str().to_owned());
    let row = |truth: Kind| {
        let row = all.confusion.get(&truth);
        let count = |said: Kind| row.and_then(|row| row.get(&said)).copied().unwrap_or_default().to_string();
        std::iter::once(truth.to_string()).chain(Kind::ALL.map(count)).collect()
    };
    PageTable {
        title: "Kinds: label against reading".to_owned(),
        header: std::iter::once("label \\ reading".to_owned()).chain(names).collect(),
        rows: Kind::ALL.map(row).into(),
    }
}

fn differences(scored: &Scored, lexicon: &str, compare: impl Fn(&Group) -> Comparison) -> PageTable {
    let mut header: Vec<String> = ["now - before", "n", "won", "lost"].map(str::to_owned).into();
    header.extend(COMPARED.map(|(_, title)| title.to_owned()));
    let row = |(name, group): (&String, &Group)| {
        let comparison = compare(group);
        let rows = comparison.rows;
        let mut cells = vec![name.clone()];
        cells.extend([rows.num_labels, rows.won, rows.lost].map(|count| count.to_string()));
        cells.extend(COMPARED.map(|(name, _)| {
            comparison.differences.get(name).map_or_else(
                || "-".to_owned(),
                |difference: &Difference| {
                    let Difference { value, interval, .. } = difference;
                    let signed = |value: f64| format!("{value:+.3}");
                    let bracket =
                        interval.map_or_else(String::new, |i| format!(" [{}, {}]", signed(i.low), signed(i.high)));
                    signed(*value) + &bracket
                },
            )
        }));
        cells
    };
    PageTable {
        title: format!("Against the lexicons {lexicon}"),
        header,
        rows: scored.groups.iter().map(row).collect(),
    }
}

fn traded(comparison: &Comparison) -> PageTable {
    let kinds = comparison.by_kind.iter().map(|(kind, traded)| (kind.to_string(), traded));
    let row = |(name, traded): (String, &crate::corpus::evaluation::comparison::Traded)| {
        let counts = [traded.num_labels, traded.right_now, traded.right_before, traded.won, traded.lost];
        std::iter::once(name).chain(counts.map(|count| count.to_string())).collect()
    };
    PageTable {
        title: "Rows that are all right, by kind of the label".to_owned(),
        header: ["label", "n", "right now", "right before", "won", "lost"].map(str::to_owned).into(),
        rows: kinds.chain([("all".to_owned(), &comparison.rows)]).map(row).collect(),
    }
}

fn post(Compared { label, reading }: &Compared, before: Option<&Reading>, fate: &str) -> PagePost {
    let terms: Vec<&str> = reading.evidence.iter().map(|evidence| evidence.term.as_str()).collect();
    let told = |reading: &Reading| {
        let lang = reading.lang.lang();
        let lang = lang.as_ref().map_or("und", Lang::as_str);
        format!("{} [{}] {} ({lang})", reading.kind, services(&reading.down), moves(&reading.moves))
    };
    let mut lines = vec![format!("label   {} [{}] {}", label.kind, services(&label.down), moves(&label.moves))];
    lines.extend(before.map(|before| format!("before  {}", told(before))));
    lines.push(format!("reading {}  {}", told(reading), terms.join(" ")));
    PagePost {
        heading: format!("{fate}{} ({})", label.id, label.why.as_deref().unwrap_or("-")),
        lang: label.lang.clone(),
        text: label.text.clone(),
        lines,
    }
}

fn services(ids: &[ServiceId]) -> String {
    ids.iter().map(ServiceId::to_string).collect::<Vec<_>>().join(",")
}

fn moves(moves: &[Move]) -> String {
    let one = |step: &Move| format!("{}>{}", step.from.as_ref().map_or("?", ServiceId::as_str), step.to);
    moves.iter().map(one).collect::<Vec<_>>().join(",")
}

fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
}

fn bracketed(interval: Option<Interval>) -> String {
    interval.map_or_else(String::new, |Interval { low, high }| format!(" [{low:.3}-{high:.3}]"))
}
