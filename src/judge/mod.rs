//! Limits on measured regions, and the verdicts they give. Reads region tables; knows no pixels and no files but the ruleset.
//!
//! [`Ruleset`] is what people write and edit, [`CompiledRuleset`] the same for one part number's class and zone ids. [`judge_part`]
//! explains one part; [`Board`] keeps the verdicts of all parts up to date while a limit moves.

pub mod admission;
pub mod aggregate;
mod beta;
pub mod board;
pub mod claims;
pub mod compiled;
pub mod compiled_rule;
pub mod cost;
mod counts;
pub mod critical;
pub mod expression;
pub mod flips;
pub mod limit;
pub mod margin;
pub mod part;
pub mod reason;
mod rows_by_pair;
pub mod rule;
mod rule_check;
mod rule_part;
mod rule_values;
pub mod ruleset;
pub mod ruleset_diff;
mod ruleset_error;
mod ruleset_text;
pub mod suggest;
pub mod surroundings;
pub mod sweep;
pub mod tally;
mod value_index;
pub mod verdict;
mod window;

pub use admission::{Admission, Admitted, Aside};
pub use aggregate::Aggregate;
pub use board::{Board, BoardError, Change, LimitAt, PartCounts};
pub use claims::{Claim, Event};
pub use compiled::{CompiledCell, CompiledLimit, CompiledPartLimit, CompiledRuleset};
pub use compiled_rule::{CompiledGroup, CompiledRule};
pub use cost::{Cost, CostError, CostSettings, Money, cost_per_day};
pub use critical::Critical;
pub use expression::{Comparison, Expression, ExpressionError};
pub use flips::{Flip, FlipKind, flips};
pub use limit::{AtLimit, Bound, Bounds, Limit, LimitError, PartLimit, Thresholds, Worse};
pub use margin::{Margin, next_better, next_worse};
pub use part::{PartVerdict, judge_part, judge_region, judge_row, judge_table};
pub use reason::{Beyond, Cause, Reason, RegionAt, bounds_words};
pub use rule::{Between, Constant, Constants, Figure, Merge, Rule, Scope, Selection, Shape, Straddling, Tier, Treat};
pub use ruleset::{ANY, Cell, CellKey, Edit, FORMAT, Ruleset, UNZONED};
pub use ruleset_diff::{RulesetChange, ruleset_changes, settings_of};
pub use ruleset_error::RulesetError;
pub use suggest::{Suggestion, suggest};
pub use surroundings::Surroundings;
pub use sweep::{Sweep, SweepPoint, sweep, sweep_distinct};
pub use tally::{Disposition, Interval, Rate, Score, Tally, wilson_95};
pub use verdict::Verdict;

/// What serde leaves out of a file.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
