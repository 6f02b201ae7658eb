//! What every script function finds in the engine's tag: the state of the step that calls it.

use std::{any::Any, sync::Arc};

use rhai::{Dynamic, EvalAltResult, NativeCallContext};
use world::docs::Docs;

use super::{
    hidden::Hidden,
    poison::{Diagnostic, Poison},
    reads::Recorder,
};

/// The state that an engine carries for its script functions; cheap to clone.
#[derive(Clone, Default)]
pub struct Tag {
    /// Remembers which facts were read.
    pub recorder: Recorder,
    /// Is set when an unknown or a secret is used where it must not be.
    pub poison: Poison,
    /// The lab's facts, in which a row finds those that it refers to.
    pub docs: Arc<Docs>,
    /// What the runner of steps adds for itself.
    pub body: Option<Arc<dyn Any + Send + Sync>>,
}

impl Tag {
    /// The tag of the engine that makes this call, if it has one.
    #[must_use]
    pub fn of(context: &NativeCallContext) -> Option<Self> {
        let tag = context.tag()?.read_lock::<Self>()?;
        Some(tag.clone())
    }
}

/// Stops the script: sets the poison of the calling engine and gives the error to return.
#[must_use]
pub fn stop(
    context: &NativeCallContext,
    hidden: Hidden,
    used: impl Into<String>,
) -> Box<EvalAltResult> {
    let position = context.call_position();
    let diagnostic = Diagnostic {
        hidden,
        used: used.into(),
        position,
        source: context.call_source().map(str::to_owned),
    };
    if let Some(tag) = Tag::of(context) {
        tag.poison.set(diagnostic.clone());
    }
    Box::new(EvalAltResult::ErrorRuntime(
        Dynamic::from(diagnostic),
        position,
    ))
}

/// The recorder of the engine that makes this call.
#[must_use]
pub fn recorder(context: &NativeCallContext) -> Option<Recorder> {
    Tag::of(context).map(|tag| tag.recorder)
}
