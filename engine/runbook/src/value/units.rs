//! Sizes and durations in scripts: `size("64 GiB") / 2`, `duration("30 s") * 4`.

use std::time::Duration;

use rhai::{
    Dynamic, Engine, EvalAltResult, FuncRegistration, INT, Module, RhaiNativeFunc, plugin::*,
};
use world::units::{Bytes, Timespan};

type Failed = Box<EvalAltResult>;

/// A type whose values are amounts of a smallest unit.
trait Measure: Copy + PartialOrd + ToString + Send + Sync + 'static {
    /// Its name in sentences.
    const KIND: &str;
    /// The amount: bytes or milliseconds.
    fn amount(self) -> u64;
    /// The value of an amount.
    fn of(amount: u64) -> Self;
}

impl Measure for Bytes {
    const KIND: &str = "size";
    fn amount(self) -> u64 {
        self.0
    }
    fn of(amount: u64) -> Self {
        Self(amount)
    }
}

impl Measure for Timespan {
    const KIND: &str = "duration";
    fn amount(self) -> u64 {
        u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX)
    }
    fn of(amount: u64) -> Self {
        Self(Duration::from_millis(amount))
    }
}

/// Registers the two types and their functions.
pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Bytes>("Size");
    engine.register_type_with_name::<Timespan>("Duration");
    let mut module = exported_module!(functions);
    arithmetic::<Bytes>(&mut module, "Size");
    arithmetic::<Timespan>(&mut module, "Duration");
    engine.register_global_module(module.into());
}

fn checked<M: Measure>(amount: Option<u64>) -> Result<M, Failed> {
    amount
        .map(M::of)
        .ok_or_else(|| format!("the {} that comes out is below zero or too large", M::KIND).into())
}

fn whole<M: Measure>(number: INT) -> Result<u64, Failed> {
    u64::try_from(number).map_err(|_| {
        format!(
            "a {} can't be multiplied or divided by a negative number",
            M::KIND
        )
        .into()
    })
}

fn ratio<M: Measure>(left: M, right: M) -> Result<INT, Failed> {
    left.amount()
        .checked_div(right.amount())
        .and_then(|ratio| INT::try_from(ratio).ok())
        .ok_or_else(|| format!("a {} can't be divided by zero", M::KIND).into())
}

/// Registers one function with its documentation: parameters, what comes out, one sentence.
fn add<
    A: 'static,
    const N: usize,
    const X: bool,
    R: Clone + Send + Sync + 'static,
    const F: bool,
>(
    module: &mut Module,
    name: &str,
    documented: (&[&str], &str),
    function: impl RhaiNativeFunc<A, N, X, R, F> + Send + Sync + 'static,
) {
    FuncRegistration::new(name)
        .in_global_namespace()
        .with_params_info(documented.0)
        .with_comments([format!("/// {}", documented.1)])
        .set_into_module(module, function);
}

fn arithmetic<M: Measure>(module: &mut Module, name: &str) {
    let (left, right) = (format!("left: {name}"), format!("right: {name}"));
    let both: &[&str] = &[&left, &right, name];
    add(module, "+", (both, "Returns the sum."), |a: M, b: M| {
        checked::<M>(a.amount().checked_add(b.amount()))
    });
    add(
        module,
        "-",
        (
            both,
            "Returns the difference, which must not be below zero.",
        ),
        |a: M, b: M| checked::<M>(a.amount().checked_sub(b.amount())),
    );
    let by = &[left.as_str(), "right: int", name];
    add(module, "*", (by, "Returns a multiple."), |a: M, b: INT| {
        checked::<M>(a.amount().checked_mul(whole::<M>(b)?))
    });
    add(
        module,
        "*",
        (&["left: int", &right, name], "Returns a multiple."),
        |a: INT, b: M| checked::<M>(b.amount().checked_mul(whole::<M>(a)?)),
    );
    add(
        module,
        "/",
        (by, "Returns a part, rounded down."),
        |a: M, b: INT| checked::<M>(a.amount().checked_div(whole::<M>(b)?)),
    );
    let fits = (
        &[left.as_str(), &right, "int"][..],
        "Returns how many times the right one fits into the left one.",
    );
    add(module, "/", fits, ratio::<M>);
    comparison::<M>(module, &[&left, &right, "bool"]);
    for text in ["to_string", "to_debug"] {
        let what = (
            &[left.as_str(), "string"][..],
            "Returns the amount with its unit.",
        );
        add(module, text, what, |a: M| a.to_string());
    }
}

fn comparison<M: Measure>(module: &mut Module, both: &[&str]) {
    type Compare<M> = fn(&M, &M) -> bool;
    let operators: [(&str, &str, Compare<M>); 6] = [
        ("==", "Returns whether both are the same amount.", M::eq),
        ("!=", "Returns whether they are different amounts.", M::ne),
        ("<", "Returns whether the left one is smaller.", M::lt),
        ("<=", "Returns whether the left one isn't larger.", M::le),
        (">", "Returns whether the left one is larger.", M::gt),
        (">=", "Returns whether the left one isn't smaller.", M::ge),
    ];
    for (name, comment, compare) in operators {
        add(module, name, (both, comment), move |a: M, b: M| {
            Dynamic::from(compare(&a, &b))
        });
    }
}

#[expect(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "Rhai exports public functions, and unwraps in what it generates"
)]
#[export_module]
mod functions {
    use super::{Failed, Measure};

    fn in_units<M: Measure>(value: M, unit: u64) -> INT {
        INT::try_from(value.amount() / unit).unwrap_or(INT::MAX)
    }

    /// Reads a size with its unit: `size("64 GiB")`.
    #[rhai_fn(return_raw)]
    pub fn size(text: &str) -> Result<Bytes, Failed> {
        text.parse::<Bytes>()
            .map_err(|error| error.to_string().into())
    }

    /// Reads a duration with its unit: `duration("30 s")`.
    #[rhai_fn(return_raw)]
    pub fn duration(text: &str) -> Result<Timespan, Failed> {
        text.parse::<Timespan>()
            .map_err(|error| error.to_string().into())
    }

    /// Returns the number of bytes.
    #[rhai_fn(get = "bytes", pure)]
    pub fn bytes(size: &mut Bytes) -> INT {
        in_units(*size, 1)
    }

    /// Returns the number of whole MiB.
    #[rhai_fn(get = "mib", pure)]
    pub fn mib(size: &mut Bytes) -> INT {
        in_units(*size, 1 << 20)
    }

    /// Returns the number of whole GiB.
    #[rhai_fn(get = "gib", pure)]
    pub fn gib(size: &mut Bytes) -> INT {
        in_units(*size, 1 << 30)
    }

    /// Returns the number of milliseconds.
    #[rhai_fn(get = "milliseconds", pure)]
    pub fn milliseconds(duration: &mut Timespan) -> INT {
        in_units(*duration, 1)
    }

    /// Returns the number of whole seconds.
    #[rhai_fn(get = "seconds", pure)]
    pub fn seconds(duration: &mut Timespan) -> INT {
        in_units(*duration, 1000)
    }
}

#[cfg(test)]
mod tests {
    use crate::script::rewrite;

    #[test]
    fn computes_and_compares_with_units() {
        let (engine, _) = rewrite::engine();
        let cases = [
            (r#"`${size("64 GiB") / 2}`"#, "32 GiB"),
            (r#"`${2 * size("1 GiB") + size("512 MiB")}`"#, "2560 MiB"),
            (r#"`${size("1 TiB").gib}`"#, "1024"),
            (r#"`${size("1 GiB") > size("1 GB")}`"#, "true"),
            (r#"`${size("4 GiB") / size("1 GiB")}`"#, "4"),
            (r#"`${duration("30 s") * 4}`"#, "2 min"),
            (r#"`${duration("1 h").seconds}`"#, "3600"),
            (r#"`${size("1 GiB") == size("1024 MiB")}`"#, "true"),
            (r#"`${[size("1 GiB")]}`"#, "[1 GiB]"),
        ];
        for (script, expected) in cases {
            let value = rewrite::run(&engine, script).unwrap();
            assert_eq!(value.into_string().unwrap(), expected, "{script}");
        }
        for script in [
            r#"size("1 GiB") - size("2 GiB")"#,
            r#"size("1 GiB") * -1"#,
            r#"size("1")"#,
        ] {
            assert!(rewrite::run(&engine, script).is_err(), "{script}");
        }
    }
}
