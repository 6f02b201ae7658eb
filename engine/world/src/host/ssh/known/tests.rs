use super::*;

const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
const OTHER: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK2pr+Bfus1hvPof4Wb/plZCzSbqadHH0u+/f4ODtKnE";

fn key(text: &str) -> PublicKey {
    PublicKey::from_openssh(text).unwrap()
}

fn files(name: &str, file: &std::path::Path) -> KnownFiles {
    KnownFiles {
        name: name.to_owned(),
        own: vec![file.to_owned()],
        global: Vec::new(),
        hash_names: false,
    }
}

#[test]
fn names_stand_in_clear_by_pattern_and_hashed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("known_hosts");
    let hashed = {
        let mut known = files("hashed.test", &file);
        known.hash_names = true;
        add(&known, &key(KEY)).unwrap();
        std::fs::read_to_string(&file).unwrap()
    };
    assert!(
        hashed.starts_with("|1|") && !hashed.contains("hashed"),
        "{hashed}"
    );
    let text = format!(
        "# a comment\n{hashed}Plain,10.0.0.1 {KEY} who@where\n[port.test]:2222\t{KEY}\n*.lab,!no.lab {KEY}\nunreadable\n\
         @revoked * {OTHER}\n"
    );
    std::fs::write(&file, text).unwrap();
    for (name, standing) in [
        ("hashed.test", true),
        ("plain", true),
        ("10.0.0.1", true),
        ("[port.test]:2222", true),
        ("port.test", false),
        ("a.lab", true),
        ("no.lab", false),
    ] {
        let known = files(name, &file).lines().standing(&key(KEY));
        assert_eq!(known == Standing::Known, standing, "{name}");
        let revoked = files(name, &file).lines().standing(&key(OTHER));
        assert!(matches!(revoked, Standing::Revoked { .. }), "{name}");
    }
    let Standing::Unknown = files("new.test", &file).lines().standing(&key(KEY)) else {
        panic!("a new host has no key yet");
    };
}

#[test]
fn a_replaced_host_keeps_the_lines_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("known_hosts");
    let kept = format!("other {KEY}\n*.lab {KEY}\n@cert-authority a.lab {KEY}");
    std::fs::write(&file, format!("a.lab,10.0.0.1 {KEY}\n{kept}")).unwrap();
    let known = files("a.lab", &file);
    replace(&known, &key(OTHER)).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text, format!("{kept}\na.lab {OTHER}\n"));
    let place = format!("{}:1", file.display());
    let other = files("other", &file).lines().standing(&key(OTHER));
    assert!(matches!(other, Standing::Changed { place: at, .. } if at == place));
}
