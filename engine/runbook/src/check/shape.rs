//! What of a value stands literally in a script.

use rhai::{Array, Dynamic, Expr, FnPtr, Map, Position};

/// A value as far as it's literal, with the places of its parts.
#[derive(Debug)]
pub(super) enum Shape {
    /// A map's fields.
    Map(Vec<Field>),
    /// A list's items.
    List(Vec<(Shape, Position)>),
    /// Text; without its letters if it's put together.
    Text(Option<String>),
    /// A whole number.
    Integer,
    /// Another number.
    Float,
    /// True or false.
    Flag,
    /// `()`.
    Unit,
    /// A closure.
    Closure,
    /// Something that isn't known before it runs.
    Open,
}

/// A field of a literal map.
#[derive(Debug)]
pub(super) struct Field {
    /// Its name.
    pub(super) name: String,
    /// Where its name stands.
    pub(super) position: Position,
    /// Its value.
    pub(super) value: Shape,
}

impl Shape {
    /// The shape of an expression.
    pub(super) fn of(expr: &Expr) -> Self {
        match expr {
            Expr::Map(map, _) => Self::Map(
                map.0
                    .iter()
                    .map(|(key, value)| Field {
                        name: key.name.to_string(),
                        position: key.pos,
                        value: Self::of(value),
                    })
                    .collect(),
            ),
            Expr::Array(items, _) => Self::List(
                items
                    .iter()
                    .map(|item| (Self::of(item), item.start_position()))
                    .collect(),
            ),
            Expr::StringConstant(text, _) => Self::Text(Some(text.to_string())),
            Expr::CharConstant(letter, _) => Self::Text(Some(letter.to_string())),
            Expr::InterpolatedString(..) => Self::Text(None),
            Expr::IntegerConstant(..) => Self::Integer,
            Expr::FloatConstant(..) => Self::Float,
            Expr::BoolConstant(..) => Self::Flag,
            Expr::Unit(_) => Self::Unit,
            Expr::DynamicConstant(value, position) => Self::constant(value, *position),
            _ if super::nodes::closure(expr).is_some() => Self::Closure,
            _ => Self::Open,
        }
    }

    /// The shape of a value that the compiler put together; its parts have the place of the whole.
    fn constant(value: &Dynamic, position: Position) -> Self {
        if let Some(map) = value.read_lock::<Map>() {
            return Self::Map(
                map.iter()
                    .map(|(name, value)| Field {
                        name: name.to_string(),
                        position,
                        value: Self::constant(value, position),
                    })
                    .collect(),
            );
        }
        if let Some(items) = value.read_lock::<Array>() {
            return Self::List(
                items
                    .iter()
                    .map(|item| (Self::constant(item, position), position))
                    .collect(),
            );
        }
        if let Ok(text) = value.clone().into_string() {
            return Self::Text(Some(text));
        }
        match value {
            value if value.is_int() => Self::Integer,
            value if value.is_float() => Self::Float,
            value if value.is_bool() => Self::Flag,
            value if value.is_unit() => Self::Unit,
            value if value.read_lock::<FnPtr>().is_some() => Self::Closure,
            _ => Self::Open,
        }
    }

    /// What it is, in words.
    pub(super) const fn words(&self) -> &'static str {
        match self {
            Self::Map(_) => "a map",
            Self::List(_) => "a list",
            Self::Text(_) => "text",
            Self::Integer => "a whole number",
            Self::Float => "a number with a fraction",
            Self::Flag => "true or false",
            Self::Unit => "()",
            Self::Closure => "a function",
            Self::Open => "a value",
        }
    }

    /// Whether a value of this shape may be of a type of JSON.
    pub(super) fn may_be(&self, kind: &str) -> bool {
        match self {
            Self::Map(_) => kind == "object",
            Self::List(_) => kind == "array",
            Self::Text(_) => kind == "string",
            Self::Integer => matches!(kind, "integer" | "number"),
            Self::Float => kind == "number",
            Self::Flag => kind == "boolean",
            // Where a cell is missing, a field is left out by giving it `()`.
            Self::Unit | Self::Open => true,
            Self::Closure => false,
        }
    }
}
