"""Reads exports as programs of others do, and says as JSON what they made of them: python3 read.py FOLDER."""

import csv
import hashlib
import json
import pathlib
import sys
import tempfile
import zipfile

import icalendar
import networkx
import openpyxl
import pyarrow.parquet
import requests
import rocrate
from rocrate.rocrate import ROCrate
from rocrate_validator import models, services
from rocrate_validator.utils.http import HttpRequester

CONTEXT = "https://w3id.org/ro/crate/1.1/context"


def calendar(path):
    entries = icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")
    return [
        {
            "uid": str(entry["UID"]),
            "sequence": int(entry["SEQUENCE"]),
            "start": entry["DTSTART"].dt.isoformat(),
            "end": entry["DTEND"].dt.isoformat(),
            "status": str(entry["STATUS"]),
            "summary": str(entry["SUMMARY"]),
            "description": str(entry["DESCRIPTION"]),
            "errors": [str(error) for error in entry.errors],
        }
        for entry in entries
    ]


def workbook(path):
    book = openpyxl.load_workbook(path)
    return {
        sheet.title: {
            "right_to_left": bool(sheet.sheet_view.rightToLeft),
            "rows": [
                [cell.value.isoformat() if hasattr(cell.value, "isoformat") else cell.value for cell in row]
                for row in sheet.iter_rows(max_row=2000)
            ],
            "types": sorted({cell.data_type for row in sheet.iter_rows() for cell in row}),
        }
        for sheet in book
    }


def table(path):
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines))


def series(path):
    table = pyarrow.parquet.read_table(path)
    return {
        "rows": table.num_rows,
        "columns": {field.name: str(field.type) for field in table.schema},
        "complaints": sum(value or 0 for value in table["complaints"].to_pylist()),
        "missing": table["complaints"].null_count,
        "simulated": pyarrow.parquet.read_metadata(path).metadata[b"caiu.simulated"].decode(),
    }


def graph(path):
    graph = networkx.read_gexf(path, version="1.3")
    return {
        "labels": {node: data["label"] for node, data in graph.nodes(data=True)},
        "edges": [[source, target, data] for source, target, data in graph.edges(data=True)],
    }


def kept(_requester, url, **_options):
    """The context of crates from the package that reads them (a later one, of more terms), so that nobody is asked for it."""
    answer = requests.Response()
    answer.status_code = 200 if url == CONTEXT else 404
    answer.headers["Content-Type"] = "application/ld+json"
    answer._content = (pathlib.Path(rocrate.__file__).parent / "data/ro-crate.jsonld").read_bytes()
    return answer


def faults(folder):
    """What a crate must hold by RO-Crate 1.1 and does not."""
    HttpRequester.get = kept
    settings = services.ValidationSettings(
        rocrate_uri=folder, profile_identifier="ro-crate-1.1", requirement_severity=models.Severity.REQUIRED
    )
    result = services.validate(settings)
    return [issue.message for issue in result.get_issues()] + ([] if result.passed() else ["not passed"])


def crate(path):
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(path) as packed:
            packed.extractall(folder)
        root = pathlib.Path(folder)
        manifest = [line.split("  ", 1) for line in (root / "manifest-sha256.txt").read_text().splitlines()]
        wrong = [name for hash, name in manifest if hashlib.sha256((root / name).read_bytes()).hexdigest() != hash]
        read = ROCrate(folder)
        files = [entity.id for entity in read.data_entities if entity.type == "File"]
        (root / "broken").mkdir()
        metadata = (root / "ro-crate-metadata.json").read_text()
        (root / "broken/ro-crate-metadata.json").write_text(metadata.replace("datePublished", "dateOfNothing"))
        return {
            "faults": faults(root),
            "faults_of_broken": faults(root / "broken"),
            "name": read.name,
            "description": read.description,
            "files": files,
            "absent": [name for name in files if not (root / name).exists()],
            "hashed": len(manifest),
            "wrong": wrong,
            "actions": [entity.get("name") for entity in read.contextual_entities if entity.type == "CreateAction"],
        }


READERS = {
    ".ics": calendar,
    ".xlsx": workbook,
    ".csv": table,
    ".parquet": series,
    ".gexf": graph,
    ".zip": crate,
}

print(
    json.dumps(
        {
            path.name: READERS[path.suffix](path)
            for path in sorted(pathlib.Path(sys.argv[1]).iterdir())
            # TimelineJS's table is for TimelineJS.
            if path.suffix in READERS and not path.name.endswith(".timelinejs.csv")
        },
        ensure_ascii=False,
        default=str,
    )
)
