//! Serves the lab whose docs are in the folder given as argument, as the recorded nodes stood. A connection to
//! the side port resets it. Prints the URLs, the password and the side port.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    path::Path,
};

use homelab_twin::{LabFacts, Options, Start, Twin, serve};
use serde_json::json;
use world::docs::Docs;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args()
        .nth(1)
        .ok_or("usage: serve_recorded DOCS")?;
    let docs = Docs::load(Path::new(&folder)).map_err(|errors| format!("{errors:?}"))?;
    let start: Start = serde_json::from_value(json!({
        "storage": { "local": {
            "type": "dir", "path": "/var/lib/vz",
            "content": "iso,vztmpl,backup,images,rootdir,import,snippets",
        } },
        "options": { "keyboard": "en-us" },
        "users": { "root@pam": { "email": "root@example.test" } },
    }))?;
    let twin = Twin::open(None, LabFacts::from_docs(&docs)?, start, Options::default())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let served = runtime.block_on(serve::serve(&twin, None, None))?;
    let side = TcpListener::bind("127.0.0.1:0")?;
    let urls: Vec<&str> = served.nodes.iter().map(|node| node.api.as_str()).collect();
    let reset = format!("http://{}/", side.local_addr()?);
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} {} {reset}", urls.join(","), served.password)?;
    out.flush()?;
    for connection in side.incoming() {
        let mut connection = connection?;
        let mut head = [0; 1024];
        let _ = connection.read(&mut head)?;
        twin.reset()?;
        connection
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    }
    Ok(())
}
