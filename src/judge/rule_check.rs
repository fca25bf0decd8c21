//! What can be wrong with constants and rules without knowing classes and zones.

use super::expression::{Expression, Unit};
use super::rule::{Figure, Rule, Scope, Selection, Shape};
use super::ruleset::Ruleset;
use super::ruleset_error::RulesetError;
use crate::measure::Feature;

/// Names that scopes add to expressions.
const RESERVED: [&str; 4] = ["larger", "smaller", "zone_area", "image_mpx"];

impl Ruleset {
    pub(super) fn check_constants(&self) -> Result<(), RulesetError> {
        for (name, constant) in &self.constants {
            let refused = |problem: String| Err(RulesetError::Constant { name: name.clone(), problem });
            let is_word = Expression::parse(name).is_ok_and(|e| e.names() == [name.as_str()]);
            if !is_word {
                return refused("a name is one word of letters, digits and _".to_owned());
            }
            if Feature::from_name(name).is_some() || RESERVED.contains(&name.as_str()) {
                return refused("the name has another meaning in rules; choose another one".to_owned());
            }
            if !constant.value.is_finite() {
                return refused(format!("{} is not a finite number", constant.value));
            }
            if let Some(unit) = constant.unit.as_deref().filter(|u| Unit::parse(u).is_none()) {
                return refused(format!("{unit:?} is no unit; write one of {}", Unit::WORDS[..7].join(", ")));
            }
        }
        for (i, merge) in self.merge.iter().enumerate() {
            let refused = |problem: &str| Err(RulesetError::Merge { class: merge.class.clone(), problem: problem.to_owned() });
            if !(merge.gap_mm.is_finite() && merge.gap_mm >= 0.0) {
                return refused("the gap must be 0 mm or more");
            }
            if self.merge[..i].iter().any(|m| m.class == merge.class) {
                return refused("it has two gaps; keep one of them");
            }
        }
        Ok(())
    }

    pub(super) fn check_rules(&self) -> Result<(), RulesetError> {
        let mut names: Vec<&str> = Vec::new();
        for rule in self.all_rules() {
            let refused = |problem: &str| Err(RulesetError::Rule { rule: rule.name.clone(), problem: problem.to_owned() });
            if rule.name.trim().is_empty() {
                return refused("a rule needs a name, which verdicts quote");
            }
            if names.contains(&rule.name.as_str()) {
                return refused("two rules have this name; rename one of them");
            }
            names.push(&rule.name);
            check_rule(rule)?;
        }
        Ok(())
    }
}

/// What can be wrong with one rule by itself.
fn check_rule(rule: &Rule) -> Result<(), RulesetError> {
    let refused = |problem: &str| Err(RulesetError::Rule { rule: rule.name.clone(), problem: problem.to_owned() });
    if let Some(gate) = rule.gate {
        if !(0.0..=1.0).contains(&gate) {
            return refused("the gate is a probability between 0 and 1");
        }
        if !matches!(rule.scope, Scope::Region(_)) {
            return refused("a gate asks how sure the model is of one region; it belongs to the scope region");
        }
    }
    let positive = |numbers: &[f64]| numbers.iter().all(|v| v.is_finite() && *v > 0.0);
    match &rule.scope {
        Scope::Window { shape, of } => {
            if !matches!(of, Figure::Count | Figure::Sum(_)) {
                return refused("a window can be asked for count or sum");
            }
            let is_positive = match shape {
                Shape::Circle { d } => positive(&[*d]),
                Shape::Rect { w, h } => positive(&[*w, *h]),
            };
            if !is_positive {
                return refused("the size of a window must be above 0 mm");
            }
        }
        Scope::All(members) => {
            let is_bare = rule.selection() == Selection::default()
                && rule.when.is_none()
                && rule.unless.is_none()
                && rule.accept.is_none()
                && rule.reject.is_none();
            if !is_bare {
                return refused("a group has no limits and no selection of its own; write them into its members");
            }
            if members.len() < 2 {
                return refused("a group needs two rules or more");
            }
            if members.iter().any(|m| matches!(m.scope, Scope::All(_))) {
                return refused("a group cannot hold another group");
            }
            return Ok(());
        }
        Scope::Region(_) | Scope::Total { .. } | Scope::Pair(_) => {}
    }
    check_tiers(rule)
}

pub(super) fn check_tiers(rule: &Rule) -> Result<(), RulesetError> {
    let refused = |problem: String| Err(RulesetError::Rule { rule: rule.name.clone(), problem });
    match (&rule.accept, &rule.reject) {
        (None, None) => refused("it has no limit; give accept or reject or both".to_owned()),
        (Some(accept), Some(reject)) => {
            let is_facing = accept.is_upward() != reject.is_upward();
            let (a, r) = (accept.limit.as_number(), reject.limit.as_number());
            let is_crossed = a.zip(r).is_some_and(|(a, r)| if accept.is_upward() { a < r } else { a > r });
            if !is_facing || is_crossed {
                return refused(format!("accept \"{accept}\" and reject \"{reject}\" overlap; they must leave each other room"));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
