//! Probes of hosts: what verbs tell, as types.

use std::time::Duration;

use world::host::{Ask, verb};

use super::{
    Operation,
    told::{told, untold},
};
use crate::operation::halt::Halt;

impl Operation {
    /// A probe of a host.
    ///
    /// # Errors
    /// No reply came, the verb failed or printed what isn't understood, or the run was interrupted.
    pub async fn ask<A: Ask>(&self, host: &str, ask: A) -> Result<A::Reply, Halt> {
        let reply = self.call(host, ask.call()).await?;
        Ok(told::<A>(host, &reply)?)
    }

    /// The same with another limit of time.
    ///
    /// # Errors
    /// See [`ask`](Self::ask).
    pub async fn ask_within<A: Ask>(
        &self,
        limit: Duration,
        host: &str,
        ask: A,
    ) -> Result<A::Reply, Halt> {
        let reply = self.call(host, ask.call().within(limit)).await?;
        Ok(told::<A>(host, &reply)?)
    }

    /// Several probes of one verb, in one call. What is told has their order.
    ///
    /// # Errors
    /// See [`ask`](Self::ask).
    pub async fn ask_each<A: Ask>(&self, host: &str, asks: &[A]) -> Result<Vec<A::Reply>, Halt> {
        if asks.is_empty() {
            return Ok(Vec::new());
        }
        let reply = self.call(host, verb::together(asks)).await?;
        let told = verb::parts::<A>(&reply, asks.len());
        Ok(told.map_err(|why| untold(host, A::VERB, &reply, why))?)
    }
}
