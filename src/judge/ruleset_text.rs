//! The ruleset as a file: RON that people read and write, one limit a line and a rule a few lines.

use std::fmt::{self, Write};
use std::path::Path;

use ron::extensions::Extensions;
use ron::ser::PrettyConfig;
use serde::{Deserialize, Serialize};

use super::rule::{Rule, Scope, Selection};
use super::ruleset::{Cell, FORMAT, Ruleset};
use super::ruleset_error::RulesetError;
use super::verdict::Verdict;

fn dialect() -> ron::Options {
    ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME)
}

impl Ruleset {
    /// Reads a RON file and checks it.
    pub fn read(path: &Path) -> Result<Self, RulesetError> {
        let text = std::fs::read_to_string(path).map_err(|source| RulesetError::Read { path: path.to_owned(), source })?;
        Self::from_ron(&text, path)
    }

    /// Parses RON text and checks it; `path` appears in error messages only.
    pub fn from_ron(text: &str, path: &Path) -> Result<Self, RulesetError> {
        /// The one field that every format has.
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        // A newer file may hold fields unknown here: ask for its format before complaining about them.
        if let Ok(Head { format }) = dialect().from_str::<Head>(text)
            && format > FORMAT
        {
            return Err(RulesetError::Newer { path: path.to_owned(), format });
        }
        let ruleset: Self = dialect().from_str(text).map_err(|error| RulesetError::Syntax {
            path: path.to_owned(),
            line: error.span.start.line,
            column: error.span.start.col,
            message: error.code.to_string(),
        })?;
        ruleset.validate()?;
        Ok(ruleset)
    }

    /// The text of the file: RON that people can read, one limit per line, so that moving a limit changes one line.
    pub fn to_ron(&self) -> Result<String, RulesetError> {
        Ok(self.text()?)
    }

    fn text(&self) -> Result<String, ron::Error> {
        let mut out = format!("(\n    format: {},\n    name: {},\n", self.format.max(self.least_format()), one_line(&self.name)?);
        if !self.note.is_empty() {
            put(&mut out, format_args!("    note: {},\n", one_line(&self.note)?));
        }
        block(&mut out, "certainty", &self.certainty)?;
        if !self.constants.is_empty() {
            out += "    constants: {\n";
            for (name, constant) in &self.constants {
                put(&mut out, format_args!("        {}: {},\n", one_line(name)?, one_line(constant)?));
            }
            out += "    },\n";
        }
        if self.otherwise != Verdict::Review {
            put(&mut out, format_args!("    otherwise: {},\n", one_line(&self.otherwise)?));
        }
        if let Some(ignore) = &self.ignore {
            put(&mut out, format_args!("    ignore: {},\n", one_line(ignore)?));
        }
        block(&mut out, "treat", &self.treat)?;
        block(&mut out, "merge", &self.merge)?;
        if !super::is_default(&self.straddling) {
            put(&mut out, format_args!("    straddling: {},\n", one_line(&self.straddling)?));
        }
        if !self.straddling_in.is_empty() {
            put(&mut out, format_args!("    straddling_in: {},\n", one_line(&self.straddling_in)?));
        }
        if !self.rules.is_empty() {
            out += "    rules: [\n";
            for rule in &self.rules {
                put(&mut out, format_args!("        {},\n", rule_text(rule, 8)?));
            }
            out += "    ],\n";
        }
        out += "    cells: [\n";
        for cell in &self.cells {
            out += &cell.to_ron()?;
        }
        Ok(out + "    ],\n)\n")
    }
}

/// Appends a text; memory is all that could fail.
fn put(out: &mut String, text: fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

/// A list with one entry a line; nothing when it is empty.
fn block<T: Serialize>(out: &mut String, field: &str, entries: &[T]) -> Result<(), ron::Error> {
    if entries.is_empty() {
        return Ok(());
    }
    put(out, format_args!("    {field}: [\n"));
    for entry in entries {
        put(out, format_args!("        {},\n", one_line(entry)?));
    }
    *out += "    ],\n";
    Ok(())
}

/// A rule on a few lines: name, note, selection, guards, what is worked out, limits.
fn rule_text(rule: &Rule, indent: usize) -> Result<String, ron::Error> {
    let start = format!("\n{}", " ".repeat(indent + 4));
    let mut out = format!("({start}name: {},", one_line(&rule.name)?);
    if !rule.note.is_empty() {
        put(&mut out, format_args!("{start}note: {},", one_line(&rule.note)?));
    }
    let own = selection_text(&rule.selection())?;
    if !own.is_empty() {
        put(&mut out, format_args!("{start}{},", own.join(", ")));
    }
    for (word, selection) in [("when", &rule.when), ("unless", &rule.unless)] {
        if let Some(selection) = selection {
            put(&mut out, format_args!("{start}{word}: ({}),", selection_text(selection)?.join(", ")));
        }
    }
    if let Scope::All(members) = &rule.scope {
        let inside = " ".repeat(indent + 8);
        let members = members
            .iter()
            .map(|m| Ok(format!("{inside}{},\n", rule_text(m, indent + 8)?)))
            .collect::<Result<String, ron::Error>>()?;
        put(&mut out, format_args!("{start}scope: all([\n{members}{}]),", " ".repeat(indent + 4)));
    } else {
        put(&mut out, format_args!("{start}scope: {},", one_line(&rule.scope)?));
    }
    let tiers = [("accept", &rule.accept), ("reject", &rule.reject)];
    let mut last = tiers
        .into_iter()
        .filter_map(|(word, tier)| tier.as_ref().map(|t| Ok(format!("{word}: {},", one_line(t)?))))
        .collect::<Result<Vec<String>, ron::Error>>()?;
    if let Some(gate) = rule.gate {
        last.push(format!("gate: {},", one_line(&gate)?));
    }
    if !last.is_empty() {
        put(&mut out, format_args!("{start}{}", last.join(" ")));
    }
    Ok(format!("{out}\n{})", " ".repeat(indent)))
}

fn selection_text(selection: &Selection) -> Result<Vec<String>, ron::Error> {
    let mut fields = Vec::new();
    for (word, names) in [("classes", &selection.classes), ("zones", &selection.zones)] {
        if !names.is_empty() {
            fields.push(format!("{word}: {}", one_line(names)?));
        }
    }
    if let Some(condition) = &selection.condition {
        fields.push(format!("where: {}", one_line(condition)?));
    }
    Ok(fields)
}

impl Cell {
    fn to_ron(&self) -> Result<String, ron::Error> {
        let (class, zone) = (one_line(&self.class)?, one_line(&self.zone)?);
        let accept = if self.accept { ", accept: true" } else { "" };
        let (limits, per_part) = (list("limits", &self.limits)?, list("per_part", &self.per_part)?);
        Ok(format!("        (class: {class}, zone: {zone}{accept}{limits}{per_part}),\n"))
    }
}

fn one_line<T: Serialize + ?Sized>(value: &T) -> Result<String, ron::Error> {
    let config = PrettyConfig::new().compact_structs(true).compact_arrays(true).compact_maps(true);
    dialect().to_string_pretty(value, config)
}

/// A field with a list of limits, nothing when there are none.
fn list<T: Serialize>(field: &str, limits: &[T]) -> Result<String, ron::Error> {
    if limits.is_empty() {
        return Ok(String::new());
    }
    let lines =
        limits.iter().map(|limit| Ok(format!("            {},\n", one_line(limit)?))).collect::<Result<String, ron::Error>>()?;
    Ok(format!(", {field}: [\n{lines}        ]"))
}
