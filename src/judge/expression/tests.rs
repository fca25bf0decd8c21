use proptest::prelude::*;

use super::*;
use crate::measure::Feature;

fn constant(name: &str) -> Option<(f64, Option<Unit>)> {
    match name {
        "T" => Some((10.0, Some(Unit::MM))),
        "S" => Some((3.0, None)),
        _ => None,
    }
}

const CONSTANTS: [&str; 2] = ["T", "S"];

fn with_names<T>(f: impl FnOnce(&Names<'_>) -> T) -> T {
    let constants = CONSTANTS.map(str::to_owned);
    f(&Names { features: true, constant: &constant, constants: &constants, extras: &[("larger", Some(Unit::MM))] })
}

fn feature(f: Feature) -> f32 {
    match f {
        Feature::Area => 0.5,
        Feature::Length => 4.0,
        Feature::Width => 0.1,
        Feature::Aspect => 0.3,
        Feature::AreaPx => 200.0,
        _ => f32::NAN,
    }
}

fn value(text: &str) -> f64 {
    let expression = Expression::parse(text).unwrap();
    with_names(|names| {
        let program = Program::new(&expression.tree, names).unwrap_or_else(|f| panic!("{}", f.in_text(text))).0;
        program.value(feature, &[2.0])
    })
}

fn error(text: &str) -> ExpressionError {
    match Expression::parse(text) {
        Err(error) => error,
        Ok(e) => with_names(|names| e.program(names)).map(|_| ()).unwrap_err(),
    }
}

#[test]
fn arithmetic_and_precedence_are_those_of_school() {
    let table = [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("2 ^ 3 ^ 2", 512.0),
        ("-2 ^ 2", -4.0),
        ("2 ^ -1", 0.5),
        ("7 - 3 - 2", 2.0),
        ("16 / 4 / 2", 2.0),
        ("min(3, 1, 2) + max(S, 2)", 4.0),
        ("sqrt(16) + abs(-2) + ceil(1.2) + floor(1.8)", 9.0),
        ("if length > 3 then 1 else 2", 1.0),
        ("if width > 3 then 1 else if width > 0.05 then 2 else 3", 2.0),
        ("2 if_", f64::NAN),
    ];
    for (text, expected) in &table[..11] {
        assert_eq!(value(text), *expected, "{text}");
    }
    assert!(Expression::parse(table[11].0).is_err());
}

#[test]
fn comparisons_chain_and_read_numbers_as_the_measured_values_do() {
    // 0.3 and 0.1 have no exact f32: what reads the same is the same.
    for (text, expected) in [
        ("0.1 <= aspect <= 0.3", 1.0),
        ("0.1 <= aspect < 0.3", 0.0),
        ("aspect == 0.3 and width >= 0.1", 1.0),
        ("1 < 2 < 3 < 4 <= 4 != 5", 1.0),
        ("1 < 2 < 3 < 4 <= 4 != 4", 0.0),
        ("not area > 1 or area > 2 and length > 100", 1.0),
        ("area ≥ 0.5 and area ≤ 0.5", 1.0),
        ("larger == 2", 1.0),
        ("length <= T / 2", 1.0),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn unmeasured_is_unmeasured_unless_it_cannot_matter() {
    for text in [
        "linearity > 0.9",
        "not linearity > 0.9",
        "linearity > 0.9 and area > 0.1",
        "linearity > 0.9 or area > 1",
        "linearity != 1",
        "linearity ^ 0",
        "max(linearity, 1)",
        "min(1, linearity)",
        "if linearity > 0.5 then 1 else 1",
        "0 <= linearity <= 1",
        "sqrt(0 - 1)",
        "0 / 0",
    ] {
        assert!(value(text).is_nan(), "{text}");
    }
    assert_eq!(value("linearity > 0.9 and area > 1"), 0.0, "false whatever the linearity is");
    assert_eq!(value("linearity > 0.9 or area > 0.1"), 1.0, "true whatever the linearity is");
    assert_eq!(value("if area > 0.1 then length else feret_max"), 4.0);
}

#[test]
fn units_that_do_not_fit_are_shown_in_their_place() {
    for (text, column, words) in [
        ("area > length", 1, "mm² cannot be compared with mm"),
        ("width < 3 and length > area_px", 15, "mm cannot be compared with px"),
        ("length + area > 3", 1, "mm cannot be added to or taken from mm²"),
        ("aspect > T", 1, "a ratio cannot be compared with mm"),
        ("max(length, area)", 1, "mm cannot be held against mm²"),
        ("if area > 1 then length else area", 1, "mm cannot be chosen instead of mm²"),
    ] {
        let error = error(text);
        assert_eq!((error.column, &*error.what), (column, words), "{error}");
    }
    for text in [
        "sqrt(area) > length",
        "length * width >= area",
        "area / length < T",
        "length ^ 2 > area",
        "length / width > 3",
        "2 * area > 0.5",
    ] {
        let expression = Expression::parse(text).unwrap();
        with_names(|names| expression.condition_program(names)).unwrap_or_else(|e| panic!("{e}"));
    }
    let unit = |text| with_names(|names| Expression::parse(text).unwrap().number_program(names).unwrap().unit());
    assert_eq!(unit("length * width").unwrap().to_string(), "mm²");
    assert_eq!(unit("1 / length").unwrap().to_string(), "1/mm");
    assert_eq!(unit("area / length ^ 2"), Some(Unit::NONE));
    assert_eq!(unit("3 * 4"), None);
}

#[test]
fn mistakes_show_the_text_the_place_and_what_was_expected() {
    for (text, column, words) in [
        ("area >", 7, "a feature, a constant, a number or `(`"),
        ("area > 0.5 length", 12, "an operator or the end"),
        ("(area > 1", 10, "`)`"),
        ("areo > 1", 1, "area"),
        ("area > 0.5 & 1", 12, "and"),
        ("if area > 1 else 2", 13, "`then`"),
        ("sqr(area)", 1, "sqrt"),
        ("min(1)", 1, "two or more"),
        ("sqrt(1, 2)", 1, "one number"),
        ("area and 1", 1, "a comparison"),
        ("1 + (area > 1)", 6, "a number"),
        ("1.2.3", 4, "an operator or the end"),
        ("", 1, "a feature"),
        ("and", 1, "a feature"),
    ] {
        let error = error(text);
        assert!(error.column == column && error.expected.contains(words), "{text}: {error}");
        assert!(error.to_string().contains(&format!("\"{text}\"")), "{error}");
    }
    let error = error("width <  areo");
    assert!(error.to_string().ends_with("    width < areo\n            ^^^^"), "{error}");
    let deep = "(".repeat(100_000);
    assert!(Expression::parse(&deep).is_err());
    assert!(Expression::parse(&"-(".repeat(1000)).is_err());
    assert!(Expression::parse(&format!("{}1", "not ".repeat(900))).is_err());
}

/// A tree with its value by plain recursion, sharing nothing with the parser or the steps.
fn any_tree() -> impl Strategy<Value = (String, f64)> {
    let leaf = prop_oneof![
        (0..40_u32).prop_map(|n| (format!("{}", f64::from(n) / 4.0), f64::from(n) / 4.0)),
        Just(("area_px".to_owned(), 200.0)),
        Just(("linearity".to_owned(), f64::NAN)),
        Just(("S".to_owned(), 3.0)),
    ];
    let truth = |a: f64, b: f64, f: fn(f32, f32) -> bool| if a.is_nan() || b.is_nan() { None } else { Some(f(a as f32, b as f32)) };
    leaf.prop_recursive(5, 40, 3, move |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            two.clone().prop_map(|((a, x), (b, y))| (format!("({a} + {b})"), x + y)),
            two.clone().prop_map(|((a, x), (b, y))| (format!("({a}) - ({b})"), x - y)).prop_map(|(t, v)| (format!("({t})"), v)),
            two.clone().prop_map(|((a, x), (b, y))| (format!("({a} * {b})"), x * y)),
            two.clone().prop_map(|((a, x), (b, y))| (format!("({a} / {b})"), x / y)),
            inner.clone().prop_map(|(a, x)| (format!("(-{a})"), -x)),
            two.clone().prop_map(|((a, x), (b, y))| (
                format!("min({a}, {b})"),
                if x.is_nan() || y.is_nan() { f64::NAN } else { x.min(y) }
            )),
            (inner.clone(), inner.clone(), inner.clone(), inner.clone()).prop_map(move |((a, x), (b, y), (c, z), (d, w))| {
                let (first, second) = (truth(x, y, |a, b| a < b), truth(y, z, |a, b| a <= b));
                let both = match (first, second) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                };
                let value = both.map_or(f64::NAN, |both| if both { z } else { w });
                (format!("(if {a} < {b} <= {c} then {c} else {d})"), value)
            }),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(move |((a, x), (b, y), (c, z))| {
                let (first, second) = (truth(x, y, |a, b| a > b), truth(y, z, |a, b| a >= b).map(|t| !t));
                let either = match (first, second) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                };
                let value = either.map_or(f64::NAN, |either| if either { x } else { y });
                (format!("(if {a} > {b} or not {b} >= {c} then {a} else {b})"), value)
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_are_those_of_plain_recursion_and_the_text_reads_back((text, expected) in any_tree()) {
        let Ok(expression) = Expression::parse(&text) else { return Ok(()) };
        let (again, program) = with_names(|names| {
            (Expression::parse(expression.text()).unwrap(), expression.program(names).map(|p| p.0))
        });
        prop_assert_eq!(again.text(), expression.text());
        // Mixing px with ratios is refused in some of them.
        let Ok(program) = program else { return Ok(()) };
        let value = program.value(feature, &[]);
        prop_assert!(value == expected || (value.is_nan() && expected.is_nan()), "{} = {}, not {}", text, value, expected);
    }

    #[test]
    fn no_text_panics(text in "[a-z0-9.()<>=+*/^, -]{0,60}|.{0,40}") {
        if let Ok(expression) = Expression::parse(&text) {
            let again = Expression::parse(expression.text()).unwrap();
            prop_assert_eq!(&again, &expression);
            let _ = with_names(|names| expression.program(names).map(|p| p.0.value(feature, &[])));
        }
    }

    #[test]
    fn no_jumble_of_words_panics(words in prop::collection::vec(prop::sample::select(&[
        "area", "length", "S", "larger", "1", "0.5", "+", "-", "*", "/", "^", "<", "<=", "==", "and", "or", "not", "if", "then", "else",
        "(", ")", "min(", "sqrt(", ",", "unknown",
    ][..]), 0..30)) {
        let text = words.join(" ");
        if let Ok(expression) = Expression::parse(&text) {
            prop_assert_eq!(&Expression::parse(expression.text()).unwrap(), &expression);
            let _ = with_names(|names| expression.program(names).map(|p| p.0.value(feature, &[])));
        }
    }
}
