//! What the exit code says, in one place.

use std::process::ExitCode;

/// How a command ended. The numbers are part of the interface; scripts and stations read them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, and there is nothing to complain about.
    #[default]
    Fine = 0,
    /// Done, and something was found: a label that fails the check, a part that is NG.
    Found = 1,
    /// Wrong usage, or the project, bundle, model or ruleset cannot be used. Nothing was judged.
    Refused = 2,
    /// Done and nothing is NG, but a person must look: a part is review, or it could not be judged yet.
    Review = 3,
    /// Some input could not be processed; the rest was.
    Incomplete = 4,
}

/// The list at the end of every `--help`.
macro_rules! exit_codes {
    () => {
        "Exit codes:
  0  done, nothing to complain about
  1  done, something was found: a label fails the check, a part is NG
  2  wrong usage, or project, bundle, model or ruleset cannot be used; nothing was judged
  3  done and nothing is NG, but a person must look: review, or not judged yet
  4  some input could not be processed; the rest was (takes precedence over 1 and 3)"
    };
}

impl Exit {
    /// What both together amount to: input that could not be processed outweighs what was found, and that a review.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let weight = |exit: Self| match exit {
            Self::Fine => 0,
            Self::Review => 1,
            Self::Found => 2,
            Self::Incomplete => 3,
            Self::Refused => 4,
        };
        if weight(other) > weight(self) { other } else { self }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_read_outweighs_ng_and_ng_outweighs_review() {
        assert_eq!(Exit::Fine.and(Exit::Review), Exit::Review);
        assert_eq!(Exit::Found.and(Exit::Review), Exit::Found);
        assert_eq!(Exit::Found.and(Exit::Incomplete), Exit::Incomplete);
        assert_eq!(Exit::Incomplete.and(Exit::Fine), Exit::Incomplete);
    }

    #[test]
    fn the_help_lists_every_code() {
        let help = exit_codes!();
        for exit in [Exit::Fine, Exit::Found, Exit::Refused, Exit::Review, Exit::Incomplete] {
            assert!(help.contains(&format!("\n  {}  ", exit as u8)), "{exit:?}");
        }
    }
}
