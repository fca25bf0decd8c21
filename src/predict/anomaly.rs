//! From the answer's values to what is kept of them: a class per pixel for a segmentation model, a probability for anomaly scores.

use super::card::{ModelCard, ModelKind};
use super::postprocess::{Decision, Seen};

/// How the values of one model are read, row by row.
pub(super) enum Reading {
    Classes(Decision),
    Scores(ScoreScale),
}

/// Scores to probabilities: `(score − low) / (high − low)`, clamped to 0–1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ScoreScale {
    low: f32,
    gain: f32,
}

impl Reading {
    /// Of a card that passed its check.
    pub(super) fn new(card: &ModelCard, class_ids: &[u8]) -> Self {
        match (card.kind, card.output.score_range) {
            (ModelKind::Anomaly, Some((low, high))) => Self::Scores(ScoreScale { low, gain: 1.0 / (high - low) }),
            _ => Self::Classes(Decision::new(card, class_ids)),
        }
    }

    /// As [`Decision::decide`]; for scores `class` is left as it is, and `probability` is `round(255 · p)` of an anomaly.
    pub(super) fn decide(&mut self, planes: &[&[f32]], class: &mut [u8], probability: &mut [u8]) -> Seen {
        match self {
            Self::Classes(decision) => decision.decide(planes, class, probability),
            Self::Scores(scale) => scale.apply(planes[0], probability),
        }
    }
}

impl ScoreScale {
    fn apply(self, scores: &[f32], probability: &mut [u8]) -> Seen {
        let mut seen = Seen::default();
        for (&score, out) in scores.iter().zip(probability) {
            seen.not_a_number += usize::from(score.is_nan());
            seen.lowest = if score < seen.lowest { score } else { seen.lowest };
            seen.highest = if score > seen.highest { score } else { seen.highest };
            // The cast clamps, and rounds because of the half.
            *out = (((score - self.low) * self.gain).clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
        }
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_become_probabilities_linearly_and_clamped() {
        let scale = ScoreScale { low: 2.0, gain: 1.0 / (6.0 - 2.0) };
        let mut out = [9; 6];
        let seen = scale.apply(&[1.0, 2.0, 3.0, 4.0, 6.0, 100.0], &mut out);
        // 0, 0, ¼, ½, 1, 1
        assert_eq!(out, [0, 0, 64, 128, 255, 255]);
        assert_eq!(seen, Seen { not_a_number: 0, lowest: 1.0, highest: 100.0 });
        assert_eq!(scale.apply(&[f32::NAN], &mut out[..1]).not_a_number, 1);
    }
}
