//! judge
pub const FORMAT: u32 = 1;
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Ruleset {
    pub format: u32,
}
