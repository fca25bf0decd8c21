//! Which images a filmstrip lists, and in which order: a small query language over facts about images, and sort keys.
//!
//! ```text
//! class:scratch area:>2 -state:done      a scratch larger than 2 mm² on an image that is not done
//! truth:ng verdict:ok | verdict:review   NG in truth, and not rejected
//! ```
//! Terms stand side by side and all must hold; `|` or `or` between two terms asks for one of them; `-` before a term turns it round.
//! All terms about a region (class, zone, area, length, width) that stand without `-` must hold on one and the same region.
//! What is not known yet (a label that is being measured) neither holds nor fails: such an image is not listed either way.

mod matching;
mod parse;
mod print;
pub mod query;
pub mod sorting;

pub use parse::Mistake;
pub use query::{Compare, Figure, FilmQuery, ImageFacts, Names, Term, Test};
pub use sorting::{FilmSort, SortKey, natural_order, sorted};
