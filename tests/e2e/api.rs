//! The HTTP API against its OpenAPI document, by a program that makes up requests from it: no failure of the server, no
//! answer that the document does not have.

use std::path::Path;
use std::process::Command;

use crate::support::{Serving, caiu, server};

const ADMIN: &str = "a token that forgets nothing of worth";
/// Starts the program, whichever way its package was put in its place.
const START: &str = "from schemathesis.cli import schemathesis; schemathesis()";
/// What must hold of every answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
    response_headers_conformance";
const LIVE: &str = "/api/v1/live";
const FORGET: &str = "/api/v1/admin/forget";

/// Makes up requests for the paths that `chosen` names, and holds the answers against the document.
fn check(serving: &Serving, folder: &Path, chosen: &[&str]) {
    let out = Command::new("python3")
        .args(["-c", START, "run", &format!("{}/api/v1/openapi.json", serving.base)])
        .args(["--phases", "coverage,fuzzing", "--max-examples", "5", "--seed", "1"])
        .args(["--checks", CHECKS, "-H", &format!("Authorization: Bearer {ADMIN}")])
        .args(chosen)
        .env("PYTHONPATH", server("CAIU_E2E_SCHEMATHESIS"))
        .env("NO_PROXY", "*")
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{chosen:?}: {said}\n{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
#[ignore = "needs a real server: cargo xtask e2e"]
fn the_api_does_what_its_document_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let posts = path("posts.jsonl");
    caiu(&["simulate", "--scenario", "2021-10-04", "--volume", "0.04", "--seed", "5", "--out", &posts]);
    // What may forget has an index of its own: the others see none of it.
    let [kept, forgetful] = ["kept", "forgetful"].map(|name| {
        caiu(&["index", &posts, "--index", &path(name), "--keep", "all"]);
        Serving::start(&["--index", &path(name)], &[("CAIU_ADMIN_TOKEN", ADMIN)], None)
    });
    check(&kept, folder.path(), &["--exclude-path", LIVE, "--exclude-path", FORGET, "--request-timeout", "60"]);
    // The stream has no end: each answer is read for as long as this.
    check(&kept, folder.path(), &["--include-path", LIVE, "--request-timeout", "3"]);
    check(&forgetful, folder.path(), &["--include-path", FORGET, "--request-timeout", "60"]);
}
