//! The query language of the filmstrip: what is listed, what is told of a mistake, and that a printed query is the same query.

use delimit::judge::{Disposition, Verdict};
use delimit::measure::region::ZoneShare;
use delimit::measure::{Feature, Region};
use delimit::project::{LabelState, Moment};
use delimit::raster::{PixelRect, Point};
use delimit::workflow::film::{
    Compare, Figure, FilmQuery, FilmSort, ImageFacts, Names, SortKey, Term, Test, natural_order, sorted,
};
use proptest::prelude::*;

fn classes() -> Vec<(u8, String)> {
    vec![(1, "scratch".into()), (2, "Pit".into()), (3, "deep dent".into())]
}

fn zones() -> Vec<(u8, String)> {
    vec![(0, "unzoned".into()), (1, "seal".into()), (2, "rim".into())]
}

fn parse(text: &str) -> Result<FilmQuery, delimit::workflow::film::Mistake> {
    FilmQuery::parse(text, &Names { classes: &classes(), zones: &zones() })
}

fn region(class: u8, zone: u8, area: f32, length: f32) -> Region {
    let mut features = [f32::NAN; Feature::COUNT];
    features[Feature::Area.index()] = area;
    features[Feature::Length.index()] = length;
    features[Feature::Width.index()] = 0.5;
    Region {
        number: None,
        class,
        pixels: 10,
        bounds: PixelRect::new(0, 0, 5, 5),
        centroid: Point::new(2.0, 2.0),
        anchor: (0, 0),
        is_clipped: false,
        zones: vec![ZoneShare::new(zone, 10)],
        features,
    }
}

/// Whether an image with a small scratch on the seal and a large pit in no zone is listed.
fn lists(text: &str) -> Option<bool> {
    let regions = [region(1, 1, 1.0, 3.0), region(2, 0, 4.0, 2.0)];
    let facts = ImageFacts {
        id: "day-2/0007_left",
        part: "0007",
        path: "images/day-2/0007_left.png",
        state: LabelState::Done,
        truth: Disposition::Ng,
        verdict: Some(Verdict::Review),
        is_flipped: true,
        regions: Some(&regions),
        last_by: Some("Kim Lee"),
        changed: Some(Moment::from_unix_seconds(1_000)),
        notes: 2,
        open_notes: 0,
        has_conflict: false,
        is_duplicate: true,
        disagreement: Some(12),
    };
    parse(text).unwrap().matches(&facts)
}

#[test]
fn each_term_lists_what_it_says() {
    let table = [
        ("", true),
        ("   ", true),
        ("class:scratch", true),
        ("CLASS:Scratch", true),
        ("class:\"deep dent\"", false),
        ("-class:\"deep dent\"", true),
        ("-class:pit", false),
        // One region, not one here and one there.
        ("class:scratch area:>2", false),
        ("class:pit area:>2", true),
        ("area:>2", true),
        ("area:>4", false),
        ("area:>=4", true),
        ("area:≥4mm²", true),
        ("area:4", true),
        ("area:=4", true),
        ("area:3..5", true),
        ("area:1.5..3.5", false),
        ("length:<2", false),
        ("length:<=2mm", true),
        ("width:<0.3", false),
        ("width:0.5", true),
        ("class:scratch zone:seal", true),
        ("class:pit zone:seal", false),
        ("class:pit zone:unzoned", true),
        ("zone:rim", false),
        // One of both, on one region.
        ("class:scratch | class:pit area:>2", true),
        ("class:scratch | class:\"deep dent\" area:>2", false),
        // With the opposite of a term the images are asked, not one region.
        ("class:scratch -area:>2", false),
        ("class:scratch -area:>5", true),
        ("regions:0", false),
        ("regions:2", true),
        ("-regions:0", true),
        ("regions:>1", true),
        ("state:done", true),
        ("state:todo", false),
        ("state:todo | state:done", true),
        ("state:todo or state:done", true),
        ("state:todo|state:progress", false),
        ("state:\"in progress\"", false),
        ("-state:done", false),
        ("truth:ng", true),
        ("truth:ok", false),
        ("truth:unknown", false),
        ("verdict:review", true),
        ("verdict:ng", false),
        ("flipped", true),
        ("-flipped", false),
        ("note", true),
        ("note:open", false),
        ("conflict", false),
        ("duplicate", true),
        ("by:kim", true),
        ("by:\"kim lee\"", true),
        ("by:robin", false),
        ("part:0007", true),
        ("part:0008", false),
        ("0007", true),
        ("LEFT", true),
        ("day-2", true),
        ("\"or\"", false),
        ("right | left", true),
        ("right|left 0007", true),
        ("left -right state:done", true),
        ("truth:ng verdict:ok | verdict:review", true),
    ];
    for (text, wanted) in table {
        assert_eq!(lists(text), Some(wanted), "{text}");
    }
}

#[test]
fn what_is_not_known_neither_holds_nor_fails() {
    let facts = ImageFacts { id: "a", state: LabelState::Todo, ..ImageFacts::default() };
    let asked = |text: &str| parse(text).unwrap().matches(&facts);
    for text in ["class:pit", "-class:pit", "regions:0", "-regions:0", "verdict:ok", "-verdict:ok", "state:todo area:>1"] {
        assert_eq!(asked(text), None, "{text}");
    }
    // Whatever the regions turn out to be.
    assert_eq!(asked("class:pit state:done"), Some(false));
    assert_eq!(asked("regions:0 | state:todo"), Some(true));
    assert_eq!(asked("-state:done"), Some(true));
    // A region without a calibration has no area: it is not larger than anything.
    let blank = [region(1, 0, f32::NAN, f32::NAN)];
    let facts = ImageFacts { regions: Some(&blank), ..facts };
    assert_eq!(parse("area:>0 | area:<=0").unwrap().matches(&facts), Some(false));
}

#[test]
fn a_mistake_is_told_with_its_place() {
    let table: [(&str, &str, &str); 18] = [
        ("state:done clas:pit", "clas", "no field 'clas'; did you mean class?"),
        ("colour:red", "colour", "fields are class, zone"),
        ("class:scrtch", "scrtch", "did you mean scratch?"),
        ("class:rust", "rust", "there are scratch, Pit, deep dent"),
        ("zone:sael", "sael", "did you mean seal?"),
        ("class:", "class:", "class: needs a value, as class:scratch"),
        ("area:big", "big", "area needs a number, as area:>2"),
        ("area:>", ">", "area needs a number"),
        ("area:1..", "1..", "area needs a number"),
        ("area:>inf", ">inf", "area needs a number"),
        ("state:doen", "doen", "did you mean done?"),
        ("verdict:bad", "bad", "verdict is ok, review, ng, not 'bad'"),
        ("truth:no", "no", "did you mean ng?"),
        ("note:closed", "closed", "note is open"),
        ("flipped:yes", "flipped", "flipped stands alone"),
        ("| left", "|", "missing before it"),
        ("left or", "or", "missing after it"),
        ("left \"ri ght", "\"ri ght", "never closed"),
    ];
    for (text, place, words) in table {
        let mistake = parse(text).unwrap_err();
        assert!(mistake.message.contains(words), "{text}: {mistake}");
        assert_eq!(&text[mistake.span.clone()], place, "{text}: {mistake}");
    }
    assert!(parse("left - right").unwrap_err().message.contains("needs a term"));
    assert!(parse("\"\"").is_err());
}

fn texts() -> impl Strategy<Value = String> {
    "[a-zäß0-9:|_ .#/<>=-]{1,8}".prop_filter("not blank", |t| !t.trim().is_empty())
}

fn numbers() -> impl Strategy<Value = f64> {
    prop_oneof![-10.0..1e4_f64, (0..40_u8).prop_map(f64::from), any::<f64>().prop_filter("finite", |x| x.is_finite())]
}

fn compares() -> impl Strategy<Value = Compare> {
    (0..6_u8, numbers(), numbers()).prop_map(|(kind, a, b)| match kind {
        0 => Compare::Above(a),
        1 => Compare::AtLeast(a),
        2 => Compare::Below(a),
        3 => Compare::AtMost(a),
        4 => Compare::Is(a),
        _ => Compare::Within(a, b),
    })
}

fn tests() -> impl Strategy<Value = Test> {
    let named = |(id, name): &(u8, String)| (*id, name.to_lowercase());
    let classes: Vec<_> = classes().iter().map(named).collect();
    let zones: Vec<_> = zones().iter().map(named).collect();
    prop_oneof![
        proptest::sample::select(classes).prop_map(|(id, name)| Test::Class { id, name }),
        proptest::sample::select(zones).prop_map(|(id, name)| Test::Zone { id, name }),
        (proptest::sample::select(Figure::ALL.to_vec()), compares()).prop_map(|(f, c)| Test::Figure(f, c)),
        proptest::sample::select(LabelState::ALL.to_vec()).prop_map(Test::State),
        proptest::sample::select(vec![Disposition::Ok, Disposition::Ng, Disposition::Unknown]).prop_map(Test::Truth),
        proptest::sample::select(Verdict::ALL.to_vec()).prop_map(Test::Verdict),
        proptest::sample::select(vec![Test::Flipped, Test::Note, Test::OpenNote, Test::Conflict, Test::Duplicate]),
        texts().prop_map(Test::By),
        texts().prop_map(Test::Part),
        prop_oneof![texts(), Just("or".to_owned()), Just("note".to_owned())].prop_map(Test::Word),
    ]
}

fn queries() -> impl Strategy<Value = FilmQuery> {
    let term = (any::<bool>(), tests()).prop_map(|(is_negated, test)| Term { is_negated, test });
    let clause = proptest::collection::vec(term, 1..4);
    proptest::collection::vec(clause, 0..5).prop_map(|clauses| FilmQuery { clauses })
}

proptest! {
    #[test]
    fn a_printed_query_is_read_as_the_same(query in queries()) {
        let text = query.to_string();
        prop_assert_eq!(parse(&text), Ok(query), "{}", text);
    }

    #[test]
    fn no_text_makes_it_panic_and_a_place_is_in_the_text(text in "\\PC{0,40}") {
        if let Err(mistake) = parse(&text) {
            prop_assert!(text.get(mistake.span.clone()).is_some(), "{mistake:?}");
            prop_assert!(!mistake.message.is_empty());
        }
    }

    #[test]
    fn nearly_right_texts_neither(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("class:"), Just("scratch"), Just("-"), Just("|"), Just(" "), Just("or"), Just("\""), Just("area"), Just(":"),
                Just(">"), Just(">="), Just(".."), Just("1e9"), Just("mm²"), Just("note"), Just("state:done"), Just("ß")
            ],
            0..14,
        )
    ) {
        let text: String = pieces.concat();
        match parse(&text) {
            Ok(query) => prop_assert_eq!(parse(&query.to_string()), Ok(query)),
            Err(mistake) => prop_assert!(text.get(mistake.span).is_some()),
        }
    }

    #[test]
    fn a_term_and_its_opposite_share_the_images_between_them(query in queries(), state in 0..6_usize, count in 0..4_usize) {
        let regions: Vec<Region> = (0..count).map(|i| region(1 + i as u8 % 3, i as u8 % 3, i as f32, 2.0)).collect();
        let facts = ImageFacts {
            id: "a1",
            part: "7",
            state: LabelState::ALL[state],
            verdict: Some(Verdict::Ok),
            regions: Some(&regions),
            ..ImageFacts::default()
        };
        for term in query.clauses.into_iter().flatten() {
            let opposite = Term { is_negated: !term.is_negated, test: term.test.clone() };
            let asked = |t: Term| FilmQuery { clauses: vec![vec![t]] }.matches(&facts);
            prop_assert_eq!(asked(term).map(|b| !b), asked(opposite));
        }
    }

    #[test]
    fn names_have_one_order(a in "[a-b0-2]{0,5}", b in "[a-b0-2]{0,5}", c in "[a-b0-2]{0,5}") {
        prop_assert_eq!(natural_order(&a, &b), natural_order(&b, &a).reverse());
        prop_assert_eq!(natural_order(&a, &b).is_eq(), a == b);
        if natural_order(&a, &b).is_le() && natural_order(&b, &c).is_le() {
            prop_assert!(natural_order(&a, &c).is_le());
        }
    }
}

#[test]
fn images_come_in_the_order_asked_for_and_unknown_ones_last() {
    let names = ["part 10", "Part 9", "part 9b", "a"];
    let states = [LabelState::Done, LabelState::Todo, LabelState::Approved, LabelState::Todo];
    let large = [region(1, 0, 5.0, 1.0)];
    let small = [region(1, 0, 1.0, 1.0), region(1, 0, 2.0, 1.0)];
    let regions: [Option<&[Region]>; 4] = [Some(&small), None, Some(&large), Some(&[])];
    let facts = |i: usize| ImageFacts {
        id: names[i],
        state: states[i],
        regions: regions[i],
        verdict: [Some(Verdict::Ok), Some(Verdict::Ng), None, Some(Verdict::Review)][i],
        changed: [None, Some(Moment::from_unix_seconds(5)), Some(Moment::from_unix_seconds(9)), None][i],
        disagreement: [Some(3), Some(7), None, Some(0)][i],
        ..ImageFacts::default()
    };
    let order = |key, is_descending| sorted(vec![0, 1, 2, 3], FilmSort { key, is_descending }, facts);
    assert_eq!(order(SortKey::Project, false), [0, 1, 2, 3]);
    assert_eq!(order(SortKey::Project, true), [3, 2, 1, 0]);
    assert_eq!(order(SortKey::Name, false), [3, 1, 2, 0]);
    assert_eq!(order(SortKey::Name, true), [0, 2, 1, 3]);
    assert_eq!(order(SortKey::State, false), [1, 3, 0, 2]);
    assert_eq!(order(SortKey::State, true), [2, 0, 1, 3]);
    assert_eq!(order(SortKey::Verdict, true), [1, 3, 0, 2]);
    assert_eq!(order(SortKey::LargestRegion, true), [2, 0, 3, 1]);
    assert_eq!(order(SortKey::LargestRegion, false), [3, 0, 2, 1]);
    assert_eq!(order(SortKey::RegionCount, true), [0, 2, 3, 1]);
    assert_eq!(order(SortKey::Change, true), [2, 1, 0, 3]);
    assert_eq!(order(SortKey::Disagreement, true), [1, 0, 3, 2]);
    assert!(FilmSort::by(SortKey::Change).is_descending && !FilmSort::by(SortKey::Name).is_descending);
}
