//! The HTTP API against its OpenAPI document, by a program that makes up requests from it: no failure of the server, no
//! answer that the document does not have.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::server;

const ADMIN: &str = "a token that forgets nothing here";
/// Starts the program, whichever way its package was put in its place.
const START: &str = "from schemathesis.cli import schemathesis; schemathesis()";
/// What must hold of every answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
    response_headers_conformance";

struct Serving {
    child: Child,
    address: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(index: &Path) -> Serving {
    let mut child = Command::new(env!("CARGO_BIN_EXE_caiu"))
        .args(["serve", "--listen", "127.0.0.1:0", "--index"])
        .arg(index)
        .env("CAIU_ADMIN_TOKEN", ADMIN)
        .env_remove("CAIU_TOKEN")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let told = lines.find_map(|line| line.unwrap().strip_prefix("caiu: ").map(ToOwned::to_owned));
    std::thread::spawn(move || lines.for_each(drop));
    Serving { child, address: told.unwrap() }
}

fn caiu(args: &[&str]) {
    let status = Command::new(env!("CARGO_BIN_EXE_caiu")).args(args).stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "{args:?}");
}

#[test]
#[ignore = "needs a real server: cargo xtask e2e"]
fn the_api_does_what_its_document_says() {
    let packages = server("CAIU_E2E_SCHEMATHESIS");
    let folder = tempfile::tempdir().unwrap();
    let (posts, index) = (folder.path().join("posts.jsonl"), folder.path().join("index"));
    let (posts_name, index_name) = (posts.to_str().unwrap(), index.to_str().unwrap());
    caiu(&["simulate", "--scenario", "2021-10-04", "--volume", "0.04", "--seed", "5", "--out", posts_name]);
    caiu(&["index", posts_name, "--index", index_name, "--keep", "all"]);
    let serving = serve(&index);
    let out = Command::new("python3")
        .args(["-c", START, "run", &format!("{}api/v1/openapi.json", serving.address)])
        // The stream has no end, the admin's requests would change what the others see, and pictures are charts drawn slowly.
        .args(["--exclude-path", "/api/v1/live", "--exclude-path", "/api/v1/admin/forget"])
        .args(["--exclude-path-regex", "png$"])
        .args(["--phases", "coverage,fuzzing", "--max-examples", "5", "--seed", "1", "--request-timeout", "60"])
        .args(["--checks", CHECKS, "-H", &format!("Authorization: Bearer {ADMIN}")])
        .env("PYTHONPATH", packages)
        .env("NO_PROXY", "*")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{said}\n{}", String::from_utf8_lossy(&out.stderr));
}
