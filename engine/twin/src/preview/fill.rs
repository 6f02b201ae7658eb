//! Filling a cell: its reads against the world below become rows.

use futures_util::future::try_join_all;
use model::{CellId, Key, kind};
use serde_json::json;
use world::{Origin, proxmox::PortError};

use super::{
    caller::Credential,
    cells::{self, Cell, Row, Scope, Vantage},
    driver::Preview,
    homes::Home,
    reader::Reading,
};

impl Preview {
    /// Fills a cell, or says that it can't be known.
    pub(super) async fn fill(&self, missing: &CellId, asked: &str) -> Result<(), PortError> {
        if missing.kind == kind::PASSWORD && self.knows_password(missing) {
            return Ok(());
        }
        if missing.kind == kind::APPLIANCE && !self.facts.appliances.is_empty() {
            // Docs name them: no node has to be asked.
            let named = self.facts.appliances.iter();
            let rows = named.map(|appliance| (appliance.name.clone(), json!(appliance)));
            let rows = rows.collect();
            self.state()
                .rows
                .load(&missing.domain, kind::APPLIANCE, rows);
            return Ok(());
        }
        let Some(cell) = cells::of(&missing.kind, &missing.domain) else {
            self.give_up(missing, &[], format!("the {}s", missing.kind));
            return Ok(());
        };
        let Some((place, home)) = self.place(cell, missing, asked) else {
            let what = format!("{}, which no node of the lab can show yet", cell.what);
            self.give_up(missing, cell.kinds, what);
            return Ok(());
        };
        let credential = self.state().credential_for(&home.domain);
        let Some(credential) = credential else {
            let what = format!("{}: nobody has logged in on {}", cell.what, place.node);
            self.give_up(missing, cell.kinds, what);
            return Ok(());
        };
        if !self.sees_all(cell, &home, &credential).await? {
            let what = format!("{}, not all of which {} may see", cell.what, credential.who);
            self.give_up(missing, cell.kinds, what);
            return Ok(());
        }
        let mut answers: Vec<Reading> = Vec::new();
        loop {
            let paths = (cell.reads)(&place, &answers);
            if paths.is_empty() {
                break;
            }
            let reads = paths
                .iter()
                .map(|path| self.read(&home.address, path, &credential));
            let responses = try_join_all(reads).await?;
            answers.extend(responses.iter().map(Reading::of));
        }
        match (cell.load)(&place, &answers) {
            Ok(rows) => self.take(cell, missing, &rows),
            Err(why) => {
                let what = format!("{} on {}: {why}", cell.what, place.node);
                self.give_up(missing, cell.kinds, what);
            }
        }
        Ok(())
    }

    /// Whether somebody logged in with the password that is asked for.
    fn knows_password(&self, missing: &CellId) -> bool {
        let mut state = self.state();
        state.take_passwords();
        let id = missing.id.as_deref().unwrap_or_default();
        let key = Key::new(&*missing.domain, kind::PASSWORD, id);
        state.rows.peek(&key).is_some()
    }

    /// Where a cell is read.
    fn place(&self, cell: &Cell, missing: &CellId, asked: &str) -> Option<(Vantage, Home)> {
        let state = self.state();
        let (node, home) = match cell.scope {
            Scope::Cluster => {
                let (node, home) = state.homes.in_domain(&missing.domain)?;
                (node.to_owned(), home.clone())
            }
            Scope::Node => {
                let node = missing.domain.strip_prefix("node/")?;
                (node.to_owned(), state.homes.of(node)?.clone())
            }
            Scope::Lab => (asked.to_owned(), state.homes.of(asked)?.clone()),
        };
        let place = Vantage {
            node,
            appliances: self.facts.appliances.clone(),
        };
        Some((place, home))
    }

    /// Whether lists show a reader everything: they leave out, without a word, what it may not see.
    async fn sees_all(
        &self,
        cell: &Cell,
        home: &Home,
        credential: &Credential,
    ) -> Result<bool, PortError> {
        if credential.who == "root@pam" || cell.needs.is_empty() {
            return Ok(true);
        }
        let response = self
            .read(&home.address, "/access/permissions", credential)
            .await?;
        let held = Reading::of(&response).data;
        let is_held = |(path, privileges): &(&str, &[&str])| {
            privileges
                .iter()
                .any(|privilege| held[*path][*privilege] == 1)
        };
        Ok(cell.needs.iter().all(is_held))
    }

    fn take(&self, cell: &Cell, missing: &CellId, rows: &[Row]) {
        let mut state = self.state();
        for kind in cell.kinds {
            let own = rows.iter().filter(|row| row.kind == *kind);
            let own = own.map(|row| (row.id.clone(), row.value.clone()));
            state.rows.load(&missing.domain, kind, own.collect());
        }
    }

    fn give_up(&self, missing: &CellId, kinds: &[&str], what: String) {
        let origin = Origin {
            step: String::new(),
            what,
        };
        let mut state = self.state();
        for kind in kinds.iter().copied().chain([missing.kind.as_str()]) {
            state
                .rows
                .set_unknown(&missing.domain, kind, origin.clone());
        }
    }
}
