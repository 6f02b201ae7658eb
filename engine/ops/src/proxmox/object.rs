//! What Proxmox keeps as configuration: found, compared, made or changed, and proved in one way.

use runbook::{
    action::{Change, Condition},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use world::proxmox::{Identity, Method, Param, Request, lenient};

use crate::{
    difference::{Difference, text},
    field::Names,
    info::{Effect, Sent},
    operate::Operate,
    proxmox::first_node,
};

/// An object that is kept as configuration, as a script wants it; each is an operation, `ensure`.
pub(crate) trait Object: DeserializeOwned + JsonSchema {
    /// The operation's name in scripts: `proxmox::group::ensure`.
    const NAME: &'static str;
    /// What one is called: `backup job`.
    const NOUN: &'static str;
    /// The field that holds its id, which is the first argument in scripts, and answered.
    const ID: &'static str;
    /// Where it is in the API.
    const AT: At;
    /// How a field is emptied.
    const EMPTIED: Emptied = Emptied::ByText;
    /// Whether a digest sees that a change is made to what was read.
    const GUARDED: bool = false;
    /// Calls that are sent besides those to the object itself.
    const BESIDES: &'static [Sent] = &[];

    /// The id.
    fn id(&self) -> &str;

    /// Says field by field what is wanted.
    ///
    /// # Errors
    /// It can't be wanted, or not of what is there.
    fn want(&self, wanted: &mut Wanted<'_>) -> Result<(), Failure>;

    /// Refuses fields that don't go together, before anything is read.
    fn check(&self) -> Result<(), Failure> {
        Ok(())
    }

    /// Looks at what else has to be known, once the object was looked for.
    async fn look(&mut self, _operation: &Operation, _there: Option<&Value>) -> Result<(), Halt> {
        Ok(())
    }

    /// Waits for what follows, and adds to what is answered.
    async fn follow(&self, _operation: &Operation, _answer: &mut Fields) -> Result<(), Halt> {
        Ok(())
    }
}

/// Where the objects of a kind are. The word in braces is the parameter that names a new one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At {
    /// Each at its own path, made at the path above: `/access/groups/{groupid}`.
    Path(&'static str),
    /// The same, but found in the list of all.
    List(&'static str),
    /// All at one path, where the parameter names one in a change, too.
    Parameter(&'static str),
}

impl At {
    /// The path of all, and the name of the parameter that names one.
    fn parts(self) -> (&'static str, &'static str) {
        let (Self::Path(path) | Self::List(path) | Self::Parameter(path)) = self;
        let (all, key) = path.rsplit_once('/').unwrap_or((path, "id"));
        (all, key.trim_matches(['{', '}']))
    }

    fn requests(self) -> [Sent; 3] {
        let (all, _) = self.parts();
        let (read, change) = match self {
            Self::Path(path) => (path, path),
            Self::List(path) => (all, path),
            Self::Parameter(_) => (all, all),
        };
        [
            (Method::Get, read),
            (Method::Post, all),
            (Method::Put, change),
        ]
    }

    /// The path of one.
    fn of(self, id: &str) -> String {
        format!("{}{}", self.parts().0, Request::path(&[id]))
    }

    fn read(self, id: &str) -> Request {
        match self {
            Self::Path(_) => Request::get(self.of(id)),
            Self::List(_) | Self::Parameter(_) => Request::get(self.parts().0),
        }
    }

    fn change(self, id: &str) -> Request {
        let (all, key) = self.parts();
        match self {
            Self::Path(_) | Self::List(_) => Request::put(self.of(id)),
            Self::Parameter(_) => Request::put(all).with(key, id),
        }
    }

    async fn find(
        self,
        operation: &Operation,
        node: &str,
        id: &str,
    ) -> Result<Option<Value>, Halt> {
        let read = self.read(id);
        if let Self::Path(_) = self {
            return operation.find(&Identity::Root, node, &read).await;
        }
        let all = operation.read(&Identity::Root, node, &read).await?;
        Ok(all.item(self.parts().1, id).cloned())
    }

    /// What shows that an object is there, with these fields.
    fn proof(self, id: &str, mut fields: Map<String, Value>) -> Condition {
        match self {
            Self::Path(_) => Condition::Matches(fields.into()),
            Self::List(_) | Self::Parameter(_) => {
                fields.insert(self.parts().1.to_owned(), id.into());
                Condition::Contains(fields.into())
            }
        }
    }
}

/// How a field of an object is emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Emptied {
    /// By empty text.
    ByText,
    /// By its name after `delete`.
    ByDelete,
}

/// What is wanted of an object, against what is there.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    there: Option<&'a Value>,
    difference: Difference,
    /// Parameters that aren't sent as the change shows them.
    sent: Vec<(&'static str, Option<Param>)>,
    /// Fields that aren't read back as the change shows them.
    proved: Vec<(String, Option<Value>)>,
}

impl<'a> Wanted<'a> {
    /// Nothing is wanted yet of what is there.
    pub(crate) fn of(there: Option<&'a Value>) -> Self {
        Self {
            there,
            difference: Difference::default(),
            sent: Vec::new(),
            proved: Vec::new(),
        }
    }

    /// Whether there's no such object yet.
    pub(crate) const fn is_new(&self) -> bool {
        self.there.is_none()
    }

    /// What is there; null if it's new.
    pub(crate) fn there(&self) -> &'a Value {
        self.there.unwrap_or(&Value::Null)
    }

    /// Whether a field differs.
    pub(crate) fn differs(&self, name: &str) -> bool {
        self.difference.after.contains_key(name)
    }

    /// Wants a text; none leaves it as it is.
    pub(crate) fn text(&mut self, name: &str, wanted: Option<&str>) {
        self.difference.text(self.there(), name, wanted);
    }

    /// Wants a comment; none leaves it as it is.
    pub(crate) fn comment(&mut self, wanted: Option<&str>) {
        self.difference.comment(self.there(), wanted);
    }

    /// Wants a list without order; none leaves it as it is.
    pub(crate) fn names(&mut self, name: &str, wanted: Option<&Names>) {
        self.difference.names(self.there(), name, wanted);
    }

    /// Wants a flag, which is `default` where it isn't shown; none leaves it as it is.
    pub(crate) fn flag(&mut self, name: &str, wanted: Option<bool>, default: bool) {
        self.difference.flag(self.there(), name, wanted, default);
    }

    /// Wants a value in place of another one.
    pub(crate) fn set(&mut self, name: &str, before: Option<&Value>, after: impl Into<Value>) {
        self.difference.add(name, before, after);
    }

    /// Sends a parameter, whether its field differs or not.
    pub(crate) fn send(&mut self, name: &'static str, value: impl Into<Param>) {
        self.sent.push((name, Some(value.into())));
    }

    /// Sends no parameter for a field: it follows from another one, or has another name.
    pub(crate) fn send_nothing(&mut self, name: &'static str) {
        self.sent.push((name, None));
    }

    /// Takes another value of a field, or a field of another name, for the proof.
    pub(crate) fn prove(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.proved.push((name.into(), Some(value.into())));
    }

    /// Leaves a field out of the proof: it isn't read back as it was sent.
    pub(crate) fn prove_nothing(&mut self, name: &str) {
        self.proved.push((name.to_owned(), None));
    }

    /// The request with all parameters.
    fn sends(&self, request: Request, emptied: Emptied) -> Request {
        let is_own = |name: &str| self.sent.iter().any(|(own, _)| *own == name);
        let fields = self
            .difference
            .after
            .iter()
            .filter(|(name, _)| !is_own(name));
        let request = fields.fold(request, |request, (name, value)| match value {
            Value::Null if emptied == Emptied::ByDelete => request.with("delete", name),
            other => request.with(name, lenient::text(other).unwrap_or_default()),
        });
        self.sent.iter().fold(request, |request, (name, value)| {
            request.with_some(name, value.clone())
        })
    }

    /// The fields that are read back.
    fn proves(&self) -> Map<String, Value> {
        let mut fields = self.difference.after.clone();
        for (name, value) in &self.proved {
            match value {
                Some(value) => fields.insert(name.clone(), value.clone()),
                None => fields.shift_remove(name),
            };
        }
        fields
    }
}

impl<T: Object> Operate for T {
    const NAME: &'static str = <T as Object>::NAME;
    const EFFECT: Effect = Effect::Change;
    const POSITIONAL: &'static [&'static str] = &[T::ID];

    fn requests() -> Vec<Sent> {
        [T::AT.requests().as_slice(), T::BESIDES].concat()
    }

    fn resource(&self) -> String {
        format!("{} {}", T::NOUN, self.id())
    }

    async fn run(mut self, operation: &Operation) -> Result<Fields, Halt> {
        self.check()?;
        let node = first_node(operation)?;
        let there = T::AT.find(operation, &node, self.id()).await?;
        self.look(operation, there.as_ref()).await?;
        if let Some(write) = write(&self, &node, there.as_ref())? {
            operation.write(write).await?;
        }
        let mut answer = Fields::new();
        answer.insert(T::ID.to_owned(), self.id().into());
        self.follow(operation, &mut answer).await?;
        Ok(answer)
    }
}

/// The write that makes an object, or makes it what is wanted; nothing if it already is.
pub(crate) fn write<T: Object>(
    object: &T,
    node: &str,
    there: Option<&Value>,
) -> Result<Option<Write>, Failure> {
    let mut wanted = Wanted::of(there);
    object.want(&mut wanted)?;
    let id = object.id();
    let (change, request, proof) = match there {
        None => {
            wanted.difference.after.retain(|_, value| !value.is_null());
            let change = Change::create(object.resource(), wanted.difference.after.clone().into());
            let (all, key) = T::AT.parts();
            let proof = match T::AT {
                At::Path(_) => Condition::Exists,
                at => at.proof(id, wanted.proves()),
            };
            (change, Request::post(all).with(key, id), proof)
        }
        Some(_) if wanted.difference.is_empty() => return Ok(None),
        Some(_) => {
            let Difference { before, after } = wanted.difference.clone();
            let change = Change::update(object.resource(), before.into(), after.into());
            (change, T::AT.change(id), T::AT.proof(id, wanted.proves()))
        }
    };
    let digest =
        Some(text(wanted.there(), "digest")).filter(|digest| T::GUARDED && !digest.is_empty());
    let request = wanted
        .sends(request, T::EMPTIED)
        .with_some("digest", digest);
    let proof = (T::AT.read(id), proof);
    Ok(Some(Write::request(
        change,
        &Identity::Root,
        node,
        request,
        proof,
    )))
}
