//! What facts must fulfil: what their schemas say, each in one place, references that lead somewhere, networks apart.

mod cells;
mod one_place;
pub(super) mod references;
mod tables;
mod values;

use super::{Docs, DocsError, Table};

/// Checks every rule; the mistakes come by document and line, warnings among them.
#[must_use]
pub fn check(docs: &Docs) -> Vec<DocsError> {
    let mut doubled = tables::check(docs);
    doubled.extend(one_place::check(docs));
    let mut errors = references::check(docs);
    errors.extend(cells::check(docs));
    errors.retain(|error| !names_doubled(docs, error, &doubled) && !names_missed(error, &doubled));
    let mut errors = references::together(docs, errors);
    errors.extend(doubled);
    errors.extend(values::check(docs));
    errors.sort_by_key(|error| {
        let place = error.place();
        place.map(|place| (place.file.clone(), place.line, place.column))
    });
    errors
}

/// Whether docs can be worked with.
///
/// # Errors
/// There are mistakes, beside warnings; all are reported.
pub fn sound(docs: &Docs) -> Result<(), Vec<DocsError>> {
    let mut errors = check(docs);
    errors.retain(|error| !error.is_warning());
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

/// Whether a reference leads nowhere because a key of its table stands twice: that is one finding, not one a reference.
fn names_doubled(docs: &Docs, error: &DocsError, doubled: &[DocsError]) -> bool {
    let DocsError::Dangling { target, .. } = error else {
        return false;
    };
    let is_target = |table: &Table| *target == *format!("{}/{}", table.document, table.title);
    docs.tables().filter(|table| is_target(table)).any(|table| {
        let places = doubled.iter().filter_map(|error| match error {
            DocsError::VlanTwice { place, .. } | DocsError::KeyTwice { place, .. } => Some(place),
            _ => None,
        });
        let mut places = places.filter(|place| place.file == table.place(table.line).file);
        places.any(|place| table.rows.iter().any(|row| row.line == place.line))
    })
}

/// Whether a column points to a table that isn't there and that every lab has: that it lacks is the finding.
fn names_missed(error: &DocsError, found: &[DocsError]) -> bool {
    let DocsError::NoTarget { target, .. } = error else {
        return false;
    };
    found.iter().any(|error| match error {
        DocsError::NoTable {
            document, title, ..
        } => *target == format!("{document}/{title}"),
        DocsError::NoDocument { document, .. } => target.starts_with(&format!("{document}/")),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code;

    fn found(text: &str) -> Vec<String> {
        let docs = Docs::parse("D", text).unwrap();
        check(&docs).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_sound_lab_has_no_mistakes() {
        let text = "## Nodes\n| Name | Address | Serial |\n|--|--|--|\n| a | 10.0.0.1/24 | S1 |\n| b | 10.0.0.2/24 | S2 |\n\
                    ## Links\n| Node → Nodes | Speed | Others → Nodes |\n|--|--|--|\n| a | 10 | a, b |\n| b | 10 | - |\n\
                    ## VLANs\n| VLAN | Network |\n|--|--|\n| 10 | 10.0.0.0/24 |\n| 20 | 10.0.1.0/24 |\n";
        assert_eq!(found(text), Vec::<String>::new());
    }

    #[test]
    fn a_gateway_is_in_its_network() {
        let text = "## VLANs\n| VLAN | Network | Gateway |\n|--|--|--|\n| 10 | 10.0.0.0/24 | 10.0.1.1 |\n| 20 | 10.0.2.0/24 | 10.0.2.1 |\n";
        let found = found(text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].contains("'10.0.1.1'") && found[0].contains("in the row's network"),
            "{found:?}"
        );
    }

    #[test]
    fn references_must_lead_somewhere() {
        let text = "## Nodes\n| Name |\n|--|\n| pve1 |\n\
                    ## Disks\n| Node → Nodes | Shelf → Shelves |\n|--|--|\n| pve1, pve11 | x |\n";
        assert_eq!(
            found(text),
            [
                "docs/D.md:6: column 'shelf' of the table 'Disks' points to D/Shelves, which isn't there",
                "docs/D.md:8: row 'pve1, pve11', column 'node': 'pve11' is no row of D/Nodes",
            ]
        );
    }

    #[test]
    fn references_name_rows_by_their_keys() {
        let text = "## Disks\n| Node | Device |\n|--|--|\n| a | sda |\n| a | sdb |\n\
                    ## Pools\n| Pool | Disks → Disks |\n|--|--|\n| x | a/sdb, a/sda |\n| y | a |\n| z | - |\n";
        assert_eq!(
            found(text),
            ["docs/D.md:10: row 'y', column 'disks': 'a' is no row of D/Disks"]
        );
        let docs = Docs::parse("D", text).unwrap();
        let pools = docs.table("D", "Pools").unwrap();
        let referred = |row: usize| docs.referred(pools, &pools.rows[row], &pools.columns[1]);
        let places = |row| -> Vec<usize> {
            let rows = referred(row).unwrap();
            rows.iter().map(|(_, index)| *index).collect()
        };
        assert_eq!((places(0), places(2)), (vec![1, 0], Vec::new()));
        assert_eq!(referred(1).unwrap_err().code(), code::docs::dangling);
        let plain = docs.referred(pools, &pools.rows[0], &pools.columns[0]);
        assert_eq!(plain.unwrap(), Vec::new());
    }

    #[test]
    fn a_fact_stands_in_one_place() {
        let text = "## Nodes\n| Name | Address | Serial | MAC |\n|--|--|--|--|\n| a | 10.0.0.1/24 | S1 | aa:bb:cc:00:00:01 |\n\
                    ## Other\n| Thing | Where | Serial | MAC |\n|--|--|--|--|\n| x | 10.0.0.1 | S1 | AA:BB:CC:00:00:01 |\n";
        assert_eq!(
            found(text),
            [
                "docs/D.md:8: row 'x', column 'where': the address 10.0.0.1 also stands at docs/D.md:4",
                "docs/D.md:8: row 'x', column 'serial': the serial S1 also stands at docs/D.md:4",
                "docs/D.md:8: row 'x', column 'mac': the MAC address aa:bb:cc:00:00:01 also stands at docs/D.md:4",
            ]
        );
    }

    #[test]
    fn host_names_and_vlans_stand_once() {
        let text = "## Nodes\n| Name | Address |\n|--|--|\n| nas | 10.0.0.1/24 |\n\
                    ## Appliances\n| Name | Address |\n|--|--|\n| NAS | 10.0.0.2 |\n\
                    ## VLANs\n| VLAN | Name |\n|--|--|\n| 10 | a |\n| 10 | b |\n| 4095 | c |\n";
        assert_eq!(
            found(text),
            [
                "docs/D.md:8: the host name 'NAS' also stands at docs/D.md:4",
                "docs/D.md:13: VLAN 10 stands there twice; the first is at line 12",
                "docs/D.md:14: row '4095/c': VLAN 4095 isn't between 1 and 4094",
            ]
        );
    }

    #[test]
    fn addresses_and_networks_are_what_they_look_like() {
        let text = "## VLANs\n| VLAN | Network | Gateway | MAC |\n|--|--|--|--|\n\
                    | 10 | 10.0.0.0/23 | 10.0.0.300 | - |\n| 20 | 10.0.1.0/24 | 10.0.1.1 | aa:bb |\n| 30 | 10.0.2.5/24 | dhcp | - |\n";
        assert_eq!(
            found(text),
            [
                "docs/D.md:4: row '10', column 'gateway': '10.0.0.300' isn't an address",
                "docs/D.md:5: row '20', column 'network': 10.0.1.0/24 overlaps 10.0.0.0/23 of line 4",
                "docs/D.md:5: row '20', column 'mac': 'aa:bb' isn't a MAC address",
                "docs/D.md:6: row '30', column 'network': '10.0.2.5/24' isn't a network",
            ]
        );
        let docs = Docs::parse("D", text).unwrap();
        assert_eq!(check(&docs)[3].help(), "did you mean '10.0.2.0/24'?");
    }
}
