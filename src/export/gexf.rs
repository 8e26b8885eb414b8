//! `gexf`: moves as a graph (GEXF 1.3): services, and how many go from one to another during which incident.
//!
//! Times are seconds since 1970: readers that are in use take no dates with a time of day.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event as Xml};

use super::ExportError;
use super::story::{Options, Story};
use super::telling::Telling;
use crate::report::locale::service_name;
use crate::report::text::one_line;

/// Attributes of an edge: name and type.
const ATTRIBUTES: [(&str, &str); 8] = [
    ("incident", "string"),
    ("share", "double"),
    ("share_low", "double"),
    ("share_high", "double"),
    ("num_posts", "integer"),
    ("num_authors", "integer"),
    ("p_value", "double"),
    ("simulated", "boolean"),
];

pub(super) fn write(story: &Story, options: &Options) -> Result<Vec<u8>, ExportError> {
    graph(&Telling::new(story, options)).map_err(ExportError::Io)
}

fn graph(telling: &Telling<'_>) -> std::io::Result<Vec<u8>> {
    let story = telling.story;
    let mut ids: Vec<&str> = telling.services();
    for migration in story.incidents.iter().flat_map(|told| &told.incident.migrations) {
        if !ids.contains(&migration.to.as_str()) {
            ids.push(migration.to.as_str());
        }
    }
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    xml.write_event(Xml::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let root = xml.create_element("gexf").with_attributes([("xmlns", "http://gexf.net/1.3"), ("version", "1.3")]);
    root.write_inner_content(|xml| {
        let day = story.retrieved_at.format("%Y-%m-%d").to_string();
        xml.create_element("meta").with_attribute(("lastmodifieddate", day.as_str())).write_inner_content(|xml| {
            text(xml, "creator", &one_line(&story.generated_by.name))?;
            text(xml, "description", &telling.citation())
        })?;
        let head = [
            ("mode", "dynamic"),
            ("defaultedgetype", "directed"),
            ("timeformat", "double"),
            ("timerepresentation", "interval"),
        ];
        xml.create_element("graph").with_attributes(head).write_inner_content(|xml| {
            xml.create_element("attributes")
                .with_attributes([("class", "edge"), ("mode", "static")])
                .write_inner_content(|xml| {
                    for (name, kind) in ATTRIBUTES {
                        xml.create_element("attribute")
                            .with_attributes([("id", name), ("title", name), ("type", kind)])
                            .write_empty()?;
                    }
                    Ok(())
                })?;
            xml.create_element("nodes").write_inner_content(|xml| {
                for id in &ids {
                    let name = service_name(id, telling.locale);
                    xml.create_element("node")
                        .with_attributes([("id", one_line(id).as_str()), ("label", &name)])
                        .write_empty()?;
                }
                Ok(())
            })?;
            xml.create_element("edges").write_inner_content(|xml| edges(xml, story))?;
            Ok(())
        })?;
        Ok(())
    })?;
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

fn edges(xml: &mut Writer<Vec<u8>>, story: &Story) -> std::io::Result<()> {
    let mut number = 0_u32;
    for told in &story.incidents {
        let incident = &told.incident;
        let to = incident.end.map(|end| end.at).or(story.coverage.to).unwrap_or(incident.peak.at);
        let [from, to] = [incident.onset.at, to.max(incident.onset.at)].map(|time| time.timestamp().to_string());
        for migration in &incident.migrations {
            number += 1;
            let share = &migration.share;
            let values = [
                one_line(&incident.id),
                share.mid.to_string(),
                share.low.to_string(),
                share.high.to_string(),
                migration.num_stated.to_string(),
                migration.num_authors.to_string(),
                migration.p_value.to_string(),
                story.simulated.to_string(),
            ];
            let (id, weight) = (number.to_string(), migration.num_authors.to_string());
            let edge = xml.create_element("edge").with_attributes([
                ("id", id.as_str()),
                ("source", &one_line(incident.service.as_str())),
                ("target", &one_line(migration.to.as_str())),
                ("weight", &weight),
                ("start", &from),
                ("end", &to),
            ]);
            edge.write_inner_content(|xml| {
                xml.create_element("attvalues").write_inner_content(|xml| {
                    for ((name, _), value) in ATTRIBUTES.iter().zip(&values) {
                        xml.create_element("attvalue")
                            .with_attributes([("for", *name), ("value", value)])
                            .write_empty()?;
                    }
                    Ok(())
                })?;
                Ok(())
            })?;
        }
    }
    Ok(())
}

fn text(xml: &mut Writer<Vec<u8>>, name: &str, text: &str) -> std::io::Result<()> {
    xml.create_element(name).write_text_content(BytesText::new(text)).map(|_| ())
}
