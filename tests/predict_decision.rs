//! The decision per pixel against the same rules written down pixel by pixel: every bit, for every card, with NaN, infinities and ties.

#![expect(clippy::unwrap_used, reason = "a test may end where its ground is missing")]

use std::path::Path;

use delimit::predict::postprocess::{Decision, Seen};
use delimit::predict::{Activation, ModelCard};
use proptest::prelude::*;

fn card(activation: Activation, names: &[String], threshold: Option<f32>) -> ModelCard {
    let text = r#"(format: 1, name: "d", input: (channels: 1, layout: nchw, size: dynamic(multiple_of: 1), scale: 1.0, mean: [0.0],
        std: [1.0], colour: gray), output: (activation: softmax, classes: ["a"]))"#;
    let mut card = ModelCard::parse(text, Path::new("d.ron")).unwrap();
    card.output.activation = activation;
    card.output.classes = names.to_vec();
    card.output.threshold = threshold;
    card
}

/// One pixel by the book: the class, the byte of its probability, and the value that won before any activation.
fn pixel(activation: Activation, ids: &[u8], threshold: Option<f32>, values: &[f32]) -> (u8, u8, f32) {
    let best_of = |wanted: &dyn Fn(u8) -> bool| {
        let mut best = (f32::NEG_INFINITY, ids[0]);
        for (&value, &id) in values.iter().zip(ids) {
            if wanted(id) && value > best.0 {
                best = (value, id);
            }
        }
        best
    };
    let has_background = ids.contains(&0);
    let probability = |value: f32| {
        if activation != Activation::Logits {
            return value;
        }
        if !has_background {
            return 1.0 / (1.0 + (-value).exp());
        }
        let largest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = values.iter().map(|v| (v - largest).exp()).sum();
        (value - largest).exp() / sum
    };
    let byte = |p: f32| (p * 255.0 + 0.5) as u8;
    if threshold.is_none() && has_background {
        let (value, id) = best_of(&|_| true);
        return (id, byte(probability(value)), value);
    }
    let (value, id) = best_of(&|id| id != 0);
    let (background, _) = best_of(&|id| id == 0);
    let seen = if has_background { value.max(background) } else { value };
    let p = probability(value);
    if p >= threshold.unwrap_or(0.5) {
        (id, byte(p), seen)
    } else {
        (0, byte(if has_background { probability(background) } else { 1.0 - p }), seen)
    }
}

fn value() -> impl Strategy<Value = f32> {
    let odd =
        vec![0.0, -0.0, 0.25, 0.5, 0.50196, 1.0, 0.3, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -3.5, 88.0, 1e-40, f32::MAX];
    prop_oneof![4 => 0.0_f32..1.0, 2 => prop::sample::select(odd), 1 => -20.0_f32..20.0, 1 => any::<f32>()]
}

proptest! {
    #[test]
    fn every_bit_is_that_of_the_rules_pixel_by_pixel(
        channels in 1_usize..15,
        background in prop::option::of(any::<prop::sample::Index>()),
        activation in prop::sample::select(vec![Activation::Softmax, Activation::Sigmoid, Activation::Logits]),
        threshold in prop::option::of(prop::sample::select(vec![0.3_f32, 0.5, 1.0, f32::MIN_POSITIVE])),
        count in 1_usize..400,
        seed in prop::collection::vec(value(), 97),
    ) {
        let background = background.map(|index| index.index(channels));
        let names: Vec<String> = (0..channels).map(|c| if Some(c) == background { "background".into() } else { format!("c{c}") }).collect();
        // Ids are not positions.
        let ids: Vec<u8> = (0..channels).map(|c| if Some(c) == background { 0 } else { 250 - 7 * c as u8 }).collect();
        let planes: Vec<Vec<f32>> = (0..channels).map(|c| (0..count).map(|i| seed[(i * i + 31 * c + i / 7) % seed.len()]).collect()).collect();
        let slices: Vec<&[f32]> = planes.iter().map(Vec::as_slice).collect();
        let (mut class, mut probability) = (vec![99; count], vec![99; count]);
        let seen = Decision::new(&card(activation, &names, threshold), &ids).decide(&slices, &mut class, &mut probability);
        let not_a_number = planes.iter().flatten().filter(|v| v.is_nan()).count();
        let mut expected = Seen { not_a_number, ..Seen::default() };
        for i in 0..count {
            let values: Vec<f32> = planes.iter().map(|plane| plane[i]).collect();
            let (id, byte, won) = pixel(activation, &ids, threshold, &values);
            prop_assert_eq!((class[i], probability[i]), (id, byte), "pixel {} {:?} {:?}", i, &values, &ids);
            if won < expected.lowest { expected.lowest = won; }
            if won > expected.highest { expected.highest = won; }
        }
        prop_assert_eq!(seen, expected);
    }
}
