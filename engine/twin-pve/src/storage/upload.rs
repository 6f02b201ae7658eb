//! Files that a caller sends, or lets the node fetch.

use model::{
    Effect, Params, Stop, Tx, Work, fault,
    node::{
        activate::activate,
        plugin::Plugin,
        storages::{self, Storage},
    },
    transaction::unknown_node,
    upload::FILE,
};
use regex::Regex;
use serde_json::{Value, json};
use std::sync::LazyLock;

use super::{content, url};

/// A file's name with nothing in it that a storage doesn't take.
fn normalise(name: &str) -> String {
    let last = name
        .trim_end()
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default();
    last.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect()
}

/// Where a file of a type of content lies below its storage, with the format that lists show.
fn place(kind: &str, name: &str) -> Result<(String, String), Stop> {
    static ISO: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i)^.+\.(?:iso|img)$").expect("the pattern is constant"));
    static TEMPLATE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^.+\.tar(?:\.(gz|xz|zst|bz2))?$").expect("the pattern is constant")
    });
    static IMPORT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^[a-zA-Z0-9_.+=:\-]+\.(ova|qcow2|raw|vmdk)$").expect("the pattern is constant")
    });
    let wrong = |words: &str| Stop::invalid_one("filename", words);
    match kind {
        "iso" if ISO.is_match(name) => Ok((format!("iso/{name}"), "iso".to_owned())),
        "vztmpl" => {
            let found = TEMPLATE
                .captures(name)
                .ok_or_else(|| wrong("wrong file extension"))?;
            let packed = found.get(1).map_or("ar", |packed| packed.as_str());
            Ok((format!("vztmpl/{name}"), format!("t{packed}")))
        }
        "import" => {
            let found = IMPORT
                .captures(name)
                .ok_or_else(|| wrong("invalid filename or wrong extension"))?;
            Ok((format!("import/{name}"), found[1].to_owned()))
        }
        _ => Err(wrong("wrong file extension")),
    }
}

fn has_path(storage: &Storage) -> bool {
    storages::plugin_of(storage).is_some_and(Plugin::has_path)
}

/// The row of a file that is to lie on a storage, with its key.
fn file(
    tx: &mut Tx<'_>,
    id: &str,
    storage: &Storage,
    (kind, place, format): (&str, &str, &str),
    size: u64,
    sums: Value,
) -> Result<Effect, Stop> {
    let volid = format!("{id}:{place}");
    let key = content::key(tx, storage, &volid)?;
    let row = json!({
        "volid": volid, "content": kind, "format": format, "size": size,
        "ctime": tx.now.seconds(), "sums": sums,
    });
    Ok(Effect::Rows {
        rows: vec![(key, Some(row))],
    })
}

pub(super) fn upload(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (id, kind) = (params.required("storage"), params.required("content"));
    let caller_node = target(tx, &params.required("node"))?;
    let storage = storages::known(tx, &id)?;
    storages::check_enabled(tx, &id, &storage)?;
    if !has_path(&storage) {
        let kind = storages::property(&storage, "type");
        return Err(Stop::fail(format!("can't upload to storage type '{kind}'")));
    }
    let Some(sent) = params.0.get(FILE) else {
        return Err(Stop::fail("missing temporary file name"));
    };
    let name = normalise(&params.required("filename"));
    let (place, format) = place(&kind, &name)?;
    if !storages::holds(&storage, &kind) {
        return Err(Stop::fail(format!(
            "storage '{id}' does not support '{kind}' content"
        )));
    }
    activate(tx, &id, &storage)?;
    let algorithm = params.text("checksum-algorithm").unwrap_or_default();
    let expected = params.text("checksum").unwrap_or_default();
    let got = sent["sums"][&algorithm].as_str().unwrap_or_default();
    let size = sent["size"].as_u64().unwrap_or_default();
    let work = Work::new("imgcopy", "");
    let work = if !algorithm.is_empty() && !got.eq_ignore_ascii_case(&expected) {
        work.logging(["calculating checksum...".to_owned()])
            .failing(format!(
                "checksum mismatch: got '{got}' != expect '{expected}'"
            ))
    } else if fault::is_full(tx.rows, &id)? {
        work.failing(format!(
            "import failed: command 'cp -- {name} {place}' failed: exit code 1"
        ))
    } else {
        let node = tx.node.clone();
        let log = [
            format!("target node: {node}"),
            format!("file size is: {size}"),
            "finished file import successfully".to_owned(),
        ];
        let effect = file(
            tx,
            &id,
            &storage,
            (&kind, &place, &format),
            size,
            sent["sums"].clone(),
        )?;
        work.logging(log).doing(effect)
    };
    // The node that was asked does the work, whichever node the file is for.
    tx.node = caller_node;
    tx.start_task(work).map(Value::from)
}

/// Goes on as the node that the path names; the node that was asked.
fn target(tx: &mut Tx<'_>, node: &str) -> Result<String, Stop> {
    let asked = tx.node.clone();
    if node != "localhost" && node != asked {
        if !tx.members()?.iter().any(|member| member == node) {
            return Err(unknown_node(node));
        }
        node.clone_into(&mut tx.node);
    }
    Ok(asked)
}

pub(super) fn download(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (id, kind) = (params.required("storage"), params.required("content"));
    let storage = storages::known(tx, &id)?;
    storages::check_enabled(tx, &id, &storage)?;
    if !has_path(&storage) {
        let kind = storages::property(&storage, "type");
        return Err(Stop::fail(format!(
            "can't upload to storage type '{kind}', not a file based storage!"
        )));
    }
    if !storages::holds(&storage, &kind) {
        return Err(Stop::fail(format!(
            "storage '{id}' is not configured for content-type '{kind}'"
        )));
    }
    let name = normalise(&params.required("filename"));
    let (place, format) = place(&kind, &name)?;
    activate(tx, &id, &storage)?;
    let work = fetched(tx, &id, &storage, params, (&kind, &place, &format))?;
    let worker: String = url::encode(&name);
    tx.start_task(work.named(&worker)).map(Value::from)
}

fn fetched(
    tx: &mut Tx<'_>,
    id: &str,
    storage: &Storage,
    params: &Params,
    (kind, place, format): (&str, &str, &str),
) -> Result<Work, Stop> {
    let address = params.required("url");
    let root = storages::property(storage, "path");
    let work = Work::new("download", "").logging([format!("downloading {address} to {root}")]);
    if params.has("compression") && kind != "iso" {
        return Ok(work.failing(format!("decompression not supported for {kind}")));
    }
    let there = content::key(tx, storage, &format!("{id}:{place}"))?;
    let row = tx.read::<Value>(&there)?.unwrap_or_default();
    let wanted = params.text("checksum").unwrap_or_default();
    let algorithm = params.text("checksum-algorithm").unwrap_or_default();
    let known = row["sums"][&algorithm].as_str();
    let is_kept = known.is_some_and(|sum| sum.eq_ignore_ascii_case(&wanted));
    if is_kept {
        let words = "OK, got correct file already, no need to download";
        return Ok(work.logging([words.to_owned()]));
    }
    let failed = |code: u8| {
        format!(
            "download failed: command '/usr/bin/wget --progress=dot:giga -O {root}/{place} {address}' failed: exit code {code}"
        )
    };
    // wget's 4 is a failure of the network, its 3 one of writing the file.
    let Ok(source) = url::fetch(tx, &address) else {
        return Ok(work.failing(failed(4)));
    };
    if fault::is_full(tx.rows, id)? {
        return Ok(work.failing(failed(3)));
    }
    // The file's sum can't be known here: the one that is expected is taken to be right.
    let sums = if algorithm.is_empty() {
        json!({})
    } else {
        json!({ algorithm: wanted })
    };
    let effect = file(tx, id, storage, (kind, place, format), source.size, sums)?;
    Ok(work
        .logging([format!("download of '{address}' to '{root}' finished")])
        .doing(effect))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_files_by_content() {
        for (kind, name, wanted) in [
            ("iso", "a b.ISO", Some("iso/a_b.ISO")),
            ("iso", "../../x.img", Some("iso/x.img")),
            ("iso", "x.txt", None),
            ("vztmpl", "x.tar.zst", Some("vztmpl/x.tar.zst")),
            ("vztmpl", "x.zip", None),
            ("import", "x.qcow2", Some("import/x.qcow2")),
            ("import", "x.img", None),
        ] {
            let place = place(kind, &normalise(name)).ok().map(|(place, _)| place);
            assert_eq!(place.as_deref(), wanted, "{kind} {name}");
        }
    }
}
