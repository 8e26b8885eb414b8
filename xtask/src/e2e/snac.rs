//! snac, a small server of the Mastodon API, unpacked from its Debian package.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::process::{folder, free_port, run, said, serve, write};
use super::{Part, Running};

/// Takes the machine's own mirror, with the release that has the package.
const FETCH: &str = r#"set -e
mirror=$(apt-get indextargets --format '$(REPO_URI)' | head -1)
echo "deb [trusted=yes] $mirror trixie main" > trixie.list
mkdir -p lists/partial
options="-oDir::Etc::SourceList=$PWD/trixie.list -oDir::Etc::SourceParts=/dev/null -oDir::State::Lists=$PWD/lists"
apt-get $options update
apt-get $options download snac2
dpkg -x snac2_*.deb root
rm -r lists"#;

pub(super) const PART: Part =
    Part { name: "snac", about: "a server of the Mastodon API: kind mastodon", tests: &["mastodon"], start };

fn start(home: &Path) -> Result<Running, String> {
    let place = home.join("snac");
    let program = place.join("root/usr/bin/snac");
    if !program.exists() {
        folder(&place, true)?;
        run(Command::new("sh").args(["-c", FETCH]), &place, "fetch.log")?;
    }
    let (data, port) = (place.join("data"), free_port()?);
    if data.exists() {
        fs::remove_dir_all(&data).map_err(|error| error.to_string())?;
    }
    // Address, port, host, prefix, mail address: it asks for them one by one.
    write(&place.join("answers"), &format!("127.0.0.1\n{port}\n127.0.0.1:{port}\n\nadmin@x.test\n"))?;
    let init = format!("'{}' init '{}' < answers", program.display(), data.display());
    run(Command::new("sh").args(["-c", &init]), &place, "init.log")?;
    let settings = fs::read_to_string(data.join("server.json")).map_err(|error| error.to_string())?;
    write(&data.join("server.json"), &settings.replace("\"https\"", "\"http\""))?;
    said(Command::new(&program).arg("adduser").arg(&data).arg("alice")).ok_or("adduser failed")?;
    let server = serve(Command::new(&program).arg("httpd").arg(&data), &place, "server.log", port)?;
    let env = [
        ("CAIU_E2E_SNAC", format!("http://127.0.0.1:{port}")),
        ("CAIU_E2E_SNAC_PROGRAM", program.to_string_lossy().into_owned()),
        ("CAIU_E2E_SNAC_DATA", data.to_string_lossy().into_owned()),
    ];
    Ok(Running { servers: vec![server], env: env.map(|(name, value)| (name.to_owned(), value)).to_vec() })
}
