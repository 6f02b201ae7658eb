//! Which environment names scripts need, and where: found in their text, before anything runs.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, Engine};
use runbook::{
    failure::{self, Failure},
    literal,
    script::Library,
};
use world::{Place, code};

use crate::exit::refused;

/// A name that scripts read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Needed {
    /// The name.
    pub(crate) name: String,
    /// Whether it's asked for with `secret`.
    pub(crate) secret: bool,
    /// Whether only some labs need it, by what their docs say.
    pub(crate) optional: bool,
    /// Where it's read, in order.
    pub(crate) places: Vec<Place>,
}

/// The names that a set of scripts reads and keeps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    needed: BTreeMap<String, Needed>,
    /// Names that a script writes to `.envrc`.
    pub(crate) kept: BTreeSet<String>,
    /// Arguments that are asked for.
    pub(crate) arguments: BTreeSet<String>,
    /// Functions that are called, by full name.
    pub(crate) called: BTreeSet<String>,
    /// The scripts' sources by file.
    pub(crate) sources: BTreeMap<String, String>,
}

impl Names {
    /// Adds a script and every module that it imports by name.
    ///
    /// # Errors
    /// The script can't be parsed. A module that can't be is reported when its import runs.
    pub(crate) fn add(
        &mut self,
        engine: &Engine,
        library: &Library,
        file: &str,
        source: &str,
    ) -> Result<(), Failure> {
        if self.sources.contains_key(file) {
            return Ok(());
        }
        self.sources.insert(file.to_owned(), source.to_owned());
        let ast = engine.compile(source).map_err(|error| {
            let text = format!("{file} can't be read: {}", error.err_type());
            let mut failure = refused(code::runbook::syntax, text);
            failure.place = failure::place(file, error.position());
            failure
        })?;
        self.read(file, &ast);
        for import in literal::imports(&ast) {
            let Ok((source, _)) = library.module(&import) else {
                continue;
            };
            // Reported with its place when the import runs.
            drop(self.add(engine, library, &format!("{import}.rhai"), &source));
        }
        Ok(())
    }

    fn read(&mut self, file: &str, ast: &AST) {
        self.kept.extend(literal::kept(ast));
        literal::calls(ast, |name, _, _| {
            self.called.insert(name.to_owned());
        });
        let arguments = literal::literals(ast, &["arg"]).into_iter();
        self.arguments.extend(arguments.map(|found| found.text));
        for found in literal::literals(ast, &["env", "secret"]) {
            let secret = found.function == "secret";
            let needed = self.needed.entry(found.text.clone()).or_insert(Needed {
                name: found.text,
                secret,
                optional: true,
                places: Vec::new(),
            });
            needed.secret |= secret;
            needed.optional &= found.has_more;
            needed.places.extend(failure::place(file, found.position));
            // Functions of a script come in no order of their own.
            needed.places.sort();
        }
    }

    /// These names and those of another set; where both have one, the other set's places count.
    pub(crate) fn with(mut self, other: Self) -> Self {
        for (name, mut needed) in other.needed {
            needed.secret |= self.needed.get(&name).is_some_and(|mine| mine.secret);
            self.needed.insert(name, needed);
        }
        self.kept.extend(other.kept);
        self.arguments.extend(other.arguments);
        self.called.extend(other.called);
        self.sources.extend(other.sources);
        self
    }

    /// Every name that is read, by name.
    pub(crate) fn needed(&self) -> impl Iterator<Item = &Needed> {
        self.needed.values()
    }

    /// The names that the user has to give: those that are read in every lab and that no script keeps.
    pub(crate) fn demanded(&self) -> impl Iterator<Item = &Needed> {
        self.needed()
            .filter(|needed| !needed.optional && !self.kept.contains(&needed.name))
    }

    /// Whether a name is asked for with `secret`, or asked for with a name that isn't literal.
    pub(crate) fn is_secret(&self, name: &str) -> bool {
        self.needed.get(name).is_none_or(|needed| needed.secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "import \"stdlib/more\" as more;\nlet a = env(\"A\");\nlet b = secret(\"B\");\n\
                          let c = || make(#{ keep: \"K\" });\nsecret(\"A\"); env(\"K\"); secret(\"O\", 1 > 2);";

    #[test]
    fn finds_names_through_imports_with_their_places() {
        let library = Library {
            lab: "/nowhere".into(),
            embedded: &[("stdlib/more", "fn x() { env(\"M\") }")],
        };
        let mut names = Names::default();
        names
            .add(&Engine::new(), &library, "r.rhai", SOURCE)
            .unwrap();
        let demanded: Vec<(&str, bool, usize)> = names
            .demanded()
            .map(|needed| (needed.name.as_str(), needed.secret, needed.places.len()))
            .collect();
        assert_eq!(demanded, [("A", true, 2), ("B", true, 1), ("M", false, 1)]);
        assert_eq!(names.needed["B"].places[0].to_string(), "r.rhai:3:9");
        let error = names
            .add(&Engine::new(), &library, "bad.rhai", "let = 1;")
            .unwrap_err();
        assert_eq!(error.place.unwrap().file, "bad.rhai");
    }
}
