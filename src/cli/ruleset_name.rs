//! How a ruleset is named on the command line: a file, `@3` for a released version, `@saved` for the project's own.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Context as _;
use delimit::judge::Ruleset;
use delimit::project::release::path_of;
use delimit::session::Session;

/// A ruleset as it was typed. A file whose name begins with `@` is reached as `./@name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RulesetName {
    Released(u32),
    Saved,
    File(PathBuf),
}

impl FromStr for RulesetName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let named = text.strip_prefix('@').and_then(|name| match name {
            "saved" => Some(Self::Saved),
            version => version.parse().ok().map(Self::Released),
        });
        Ok(named.unwrap_or_else(|| Self::File(text.into())))
    }
}

impl fmt::Display for RulesetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Released(version) => write!(f, "@{version}"),
            Self::Saved => f.write_str("@saved"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl RulesetName {
    /// Reads it; what is not a file belongs to a part number of the project.
    pub fn read(&self, project: Option<(&Session, usize)>) -> anyhow::Result<Ruleset> {
        let of_project = || project.with_context(|| format!("{self} belongs to a project: name its folder too"));
        match self {
            Self::File(path) => Ruleset::read(path).with_context(|| path.display().to_string()),
            Self::Saved => of_project().map(|(session, pn)| session.ruleset(pn).saved().clone()),
            Self::Released(version) => {
                let (session, pn) = of_project()?;
                let releases = session.releases(pn)?;
                let name = &session.project().part_numbers[pn].name;
                let release = releases.iter().find(|r| r.version == *version).with_context(|| match releases.last() {
                    Some(last) => format!("{name} has no released version {version}; the last one is {}", last.version),
                    None => format!("nothing was released of {name} yet"),
                })?;
                Ok(release.parsed(&path_of(session.project().root(), &release.part_number, *version))?)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_files() {
        let read = |text: &str| text.parse::<RulesetName>().unwrap();
        assert_eq!([read("@3"), read("@saved")], [RulesetName::Released(3), RulesetName::Saved]);
        for file in ["3", "saved", "rules/@3", "@draft.ron", "@-1"] {
            assert_eq!(read(file), RulesetName::File(file.into()));
            assert_eq!(read(file).to_string(), file);
        }
    }
}
