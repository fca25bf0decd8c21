//! Limits on measured regions, and the verdicts they give. Reads region tables; knows no pixels and no files but the ruleset.
//!
//! [`Ruleset`] is what people write and edit, [`CompiledRuleset`] the same for one part number's class and zone ids. [`judge_part`]
//! explains one part; [`Board`] keeps the verdicts of all parts up to date while a limit moves.

pub mod aggregate;
pub mod board;
pub mod compiled;
mod counts;
pub mod flips;
pub mod judge;
pub mod limit;
pub mod reason;
mod rows_by_pair;
pub mod ruleset;
pub mod tally;
mod value_index;
pub mod verdict;

pub use aggregate::Aggregate;
pub use board::{Board, BoardError, Change, LimitAt};
pub use compiled::{CompiledCell, CompiledLimit, CompiledPartLimit, CompiledRuleset};
pub use flips::{Flip, FlipKind, flips};
pub use judge::{PartVerdict, judge_part, judge_row, judge_table};
pub use limit::{AtLimit, Bound, Bounds, Limit, LimitError, PartLimit, Thresholds};
pub use reason::{Cause, Reason};
pub use ruleset::{Cell, CellKey, Edit, Ruleset, RulesetError};
pub use tally::{Disposition, Interval, Rate, Score, Tally, wilson_95};
pub use verdict::Verdict;
