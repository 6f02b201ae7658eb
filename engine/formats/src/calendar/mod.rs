//! Calendar events: when a backup job runs. A subset of systemd's, as Proxmox reads it.

mod next;
mod parse;

pub use next::next;

/// Some of the values of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    /// One value.
    Single(u32),
    /// All from one to another.
    Range(u32, u32),
    /// From one on in steps, up to another if there is one.
    Steps(u32, u32, Option<u32>),
}

impl Values {
    const fn contains(self, value: u32) -> bool {
        match self {
            Self::Single(single) => value == single,
            Self::Range(first, last) => first <= value && value <= last,
            Self::Steps(first, step, last) => {
                let in_step = if step == 0 {
                    value == first
                } else {
                    value >= first && (value - first).is_multiple_of(step)
                };
                let in_range = match last {
                    Some(last) => value <= last,
                    None => true,
                };
                in_step && in_range
            }
        }
    }

    /// The nearest of the values above `value`.
    fn after(self, value: u32) -> Option<u32> {
        match self {
            Self::Single(single) => Some(single).filter(|single| *single > value),
            Self::Range(first, _) if value < first => Some(first),
            Self::Range(_, last) => Some(value + 1).filter(|next| *next <= last),
            Self::Steps(first, ..) if value < first => Some(first),
            Self::Steps(_, 0, _) => None,
            Self::Steps(first, step, last) => {
                let next = first + ((value - first) / step + 1) * step;
                Some(next).filter(|next| last.is_none_or(|last| *next <= last))
            }
        }
    }
}

/// The values of a field; empty for any value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Field(Vec<Values>);

impl Field {
    fn contains(&self, value: u32) -> bool {
        self.0.is_empty() || self.0.iter().any(|values| values.contains(value))
    }

    fn after(&self, value: u32) -> Option<u32> {
        self.0.iter().filter_map(|values| values.after(value)).min()
    }
}

impl From<u32> for Field {
    fn from(value: u32) -> Self {
        Self(vec![Values::Single(value)])
    }
}

/// A calendar event. Times are UTC: that's the time zone of the twin's nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The days of the week, Monday first; empty for any.
    days: Vec<u32>,
    year: Field,
    month: Field,
    day: Field,
    hour: Field,
    minute: Field,
    second: Field,
}

impl Event {
    /// Reads a calendar event.
    ///
    /// # Errors
    /// What can't be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse::event(text)
    }
}
