//! Declarations: what the API says about an endpoint, as constant data. Validation, permission checks and
//! the comparison with Proxmox's published API read the same declaration.

use serde_json::Value;
use world::proxmox::Method;

use super::{params::Params, stop::Stop, transaction::Tx};

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `0` or `1`.
    Boolean,
    /// A list: the key is repeated, or the value is a JSON array.
    Array,
    /// Another name of a property inside a property string.
    Alias,
}

impl Type {
    /// The type's name in error texts and in the published API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Array => "array",
            Self::Alias => "alias",
        }
    }
}

/// The format of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Format {
    /// No format.
    Any,
    /// A format by its name; a name that ends in `-list` or `-opt` is a list or optional form of another.
    Named(&'static str),
    /// A property string with these properties.
    Properties(&'static [Param]),
}

/// One parameter, or one property of a property string.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Param {
    /// Its name; `net[n]` stands for `net0`, `net1` …
    pub name: &'static str,
    /// Its type.
    pub kind: Type,
    /// Its format.
    pub format: Format,
    /// The pattern that the whole value has to match.
    pub pattern: Option<&'static str>,
    /// The values that are allowed, if they are listed.
    pub values: &'static [&'static str],
    /// The least value of a number.
    pub minimum: Option<f64>,
    /// The greatest value of a number.
    pub maximum: Option<f64>,
    /// The least length.
    pub min_length: Option<usize>,
    /// The greatest length.
    pub max_length: Option<usize>,
    /// What is assumed where it's not sent.
    pub default: Option<&'static str>,
    /// Whether it may be left out.
    pub optional: bool,
    /// The parameter that has to be sent with it.
    pub requires: Option<&'static str>,
    /// What each item of a list is.
    pub items: Option<&'static Self>,
    /// Whether its name may be left out in a property string.
    pub default_key: bool,
    /// The property for which this one is another name.
    pub alias: Option<&'static str>,
    /// The property whose value is this property's name (`virtio=MAC` is `model=virtio,macaddr=MAC`).
    pub key_alias: Option<&'static str>,
}

macro_rules! field {
    ($(#[$doc:meta])* $name:ident: $type:ty) => {
        $(#[$doc])*
        #[must_use]
        pub const fn $name(mut self, value: $type) -> Self {
            self.$name = Some(value);
            self
        }
    };
}

impl Param {
    const fn new(name: &'static str, kind: Type) -> Self {
        Self {
            name,
            kind,
            format: Format::Any,
            pattern: None,
            values: &[],
            minimum: None,
            maximum: None,
            min_length: None,
            max_length: None,
            default: None,
            optional: false,
            requires: None,
            items: None,
            default_key: false,
            alias: None,
            key_alias: None,
        }
    }

    /// A text.
    #[must_use]
    pub const fn string(name: &'static str) -> Self {
        Self::new(name, Type::String)
    }

    /// A whole number.
    #[must_use]
    pub const fn integer(name: &'static str) -> Self {
        Self::new(name, Type::Integer)
    }

    /// A number.
    #[must_use]
    pub const fn number(name: &'static str) -> Self {
        Self::new(name, Type::Number)
    }

    /// A boolean.
    #[must_use]
    pub const fn boolean(name: &'static str) -> Self {
        Self::new(name, Type::Boolean)
    }

    /// A list.
    #[must_use]
    pub const fn array(name: &'static str) -> Self {
        Self::new(name, Type::Array)
    }

    /// Another name of property `of`.
    #[must_use]
    pub const fn alias(name: &'static str, of: &'static str) -> Self {
        let mut param = Self::new(name, Type::Alias);
        param.alias = Some(of);
        param.optional = true;
        param
    }

    /// Sets the format by name.
    #[must_use]
    pub const fn format(mut self, name: &'static str) -> Self {
        self.format = Format::Named(name);
        self
    }

    /// Makes it a property string.
    #[must_use]
    pub const fn properties(mut self, properties: &'static [Self]) -> Self {
        self.format = Format::Properties(properties);
        self
    }

    /// Lists the values that are allowed.
    #[must_use]
    pub const fn values(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self
    }

    /// Says that it may be left out.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Says that its name may be left out in a property string.
    #[must_use]
    pub const fn default_key(mut self) -> Self {
        self.default_key = true;
        self
    }

    field!(/// Sets the pattern.
        pattern: &'static str);
    field!(/// Sets the least value.
        minimum: f64);
    field!(/// Sets the greatest value.
        maximum: f64);
    field!(/// Sets the least length.
        min_length: usize);
    field!(/// Sets the greatest length.
        max_length: usize);
    field!(/// Sets what is assumed where it's not sent.
        default: &'static str);
    field!(/// Sets the parameter that has to be sent with it.
        requires: &'static str);
    field!(/// Sets what each item is.
        items: &'static Self);
    field!(/// Sets the property whose value is this property's name.
        key_alias: &'static str);
}

/// Which groups of a user a check of `userid-group` asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Groups {
    /// The user's present groups.
    None,
    /// The groups that a new user is to be in.
    Create,
    /// The user's present groups and those in the parameter.
    Update,
}

/// A condition on the caller's rights. `{param}` in a path stands for a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// All of the privileges on the path.
    Perm(&'static str, &'static [&'static str]),
    /// Any of the privileges on the path.
    Any(&'static str, &'static [&'static str]),
    /// The privileges on the path, if the parameter is sent; else not fulfilled.
    PermIf(&'static str, &'static [&'static str], &'static str),
    /// All of the checks.
    And(&'static [Check]),
    /// Any of the checks.
    Or(&'static [Check]),
    /// The caller is the user in parameter `userid`.
    UserSelf,
    /// The privilege on the realm of the user in parameter `userid`.
    UserRealm(&'static str),
    /// Any of the privileges on the groups of the user in parameter `userid`.
    UserGroup(&'static [&'static str], Groups),
    /// The right to change rights on the path.
    Modify(&'static str),
}

/// Who may call an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Anyone, without a login.
    World,
    /// Anyone who is logged in.
    All,
    /// The literal `root@pam` alone.
    Root,
    /// Those who fulfil a check.
    Check(Check),
}

/// What the API says about an endpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Declaration {
    /// The HTTP method.
    pub method: Method,
    /// The path below `/api2/json`; `{name}` stands for a parameter.
    pub path: &'static str,
    /// Its parameters, those in the path too.
    pub params: &'static [Param],
    /// Who may call it.
    pub permission: Permission,
    /// Whether an API token may call it.
    pub token_allowed: bool,
    /// Whether it runs with root's rights on the node.
    pub protected: bool,
    /// Whether it's answered by the node in parameter `node`.
    pub proxied: bool,
    /// Whether it takes parameters that aren't declared.
    pub open: bool,
}

impl Declaration {
    /// A declaration that a token may call, unprotected, answered by any node.
    #[must_use]
    pub const fn new(
        method: Method,
        path: &'static str,
        params: &'static [Param],
        permission: Permission,
    ) -> Self {
        Self {
            method,
            path,
            params,
            permission,
            token_allowed: true,
            protected: false,
            proxied: false,
            open: false,
        }
    }

    /// Says that no API token may call it.
    #[must_use]
    pub const fn ticket_only(mut self) -> Self {
        self.token_allowed = false;
        self
    }

    /// Says that it runs with root's rights.
    #[must_use]
    pub const fn protected(mut self) -> Self {
        self.protected = true;
        self
    }

    /// Says that the node in parameter `node` answers.
    #[must_use]
    pub const fn proxied(mut self) -> Self {
        self.proxied = true;
        self
    }

    /// Says that it takes parameters that aren't declared.
    #[must_use]
    pub const fn open(mut self) -> Self {
        self.open = true;
        self
    }
}

/// Answers a call that is known to be allowed and well-formed.
pub type Handler = fn(&mut Tx<'_>, &Params) -> Result<Value, Stop>;

/// A declaration and what answers it.
#[derive(Clone, Copy)]
pub struct Endpoint {
    /// What the API says about it.
    pub declaration: &'static Declaration,
    /// What answers it.
    pub handler: Handler,
}

impl Endpoint {
    /// The endpoint of a declaration.
    #[must_use]
    pub const fn new(declaration: &'static Declaration, handler: Handler) -> Self {
        Self {
            declaration,
            handler,
        }
    }
}
