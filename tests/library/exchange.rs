//! Bundles: the same content gives the same bytes, comes back as it went, and nothing altered is taken.

use std::path::Path;

use delimit::exchange::{Bundle, BundledModel, GoldenPart};
use delimit::judge::{Disposition, Ruleset, Verdict};
use delimit::measure::Calibration;
use delimit::predict::ModelCard;
use delimit::project::{Class, PartNumber};
use delimit::raster::LabelMap;

const CARD: &str = r#"(
    format: 1,
    name: "m",
    input: (channels: 1, layout: nchw, size: dynamic(multiple_of: 8), scale: 1.0, mean: [0.0], std: [1.0], colour: gray),
    output: (activation: softmax, classes: ["background", "scratch"]),
)"#;

fn bundle() -> Bundle {
    let mut zones = LabelMap::new(300, 40);
    zones.fill_span(7, 3, 290, 1);
    Bundle {
        classes: vec![Class::new(1, "scratch")],
        part_number: PartNumber { calibration: Some(Calibration::square(0.05)), ..PartNumber::new("4711") },
        zones: Some(zones),
        ruleset: Ruleset::new("limits"),
        models: vec![BundledModel {
            name: "m".into(),
            roi: Vec::new(),
            onnx: (0..5000_u32).map(|i| (i * 7 % 251) as u8).collect(),
            card: ModelCard::parse(CARD, Path::new("m.ron")).unwrap(),
        }],
        golden: vec![GoldenPart {
            part: "S1".into(),
            image: "0001.png".into(),
            truth: Disposition::Ng,
            expected: Verdict::Ng,
            bytes: vec![1, 2, 3],
        }],
        note: "line 3".into(),
    }
}

#[test]
fn a_bundle_comes_back_as_it_went_and_its_bytes_are_determined() {
    let path = Path::new("x.delimit");
    let bytes = bundle().to_bytes(path).unwrap();
    assert_eq!(bytes, bundle().to_bytes(path).unwrap());
    assert_eq!(Bundle::from_bytes(&bytes, path).unwrap(), bundle());
}

/// Damage anywhere is refused, or it touched nothing that counts; it never gives other content and never panics.
#[test]
fn an_altered_or_cut_bundle_never_gives_other_content() {
    let path = Path::new("x.delimit");
    let bytes = bundle().to_bytes(path).unwrap();
    let mut refused = 0;
    for at in (0..bytes.len()).step_by(7) {
        let mut broken = bytes.clone();
        broken[at] ^= 0x55;
        match Bundle::from_bytes(&broken, path) {
            Ok(read) => assert_eq!(read.ruleset, bundle().ruleset),
            Err(e) => {
                assert!(e.to_string().contains("x.delimit"), "{e}");
                refused += 1;
            }
        }
        assert!(Bundle::from_bytes(&bytes[..at], path).is_err());
    }
    assert!(refused > bytes.len() / 7 / 2, "only {refused} were noticed");
}

#[test]
fn content_that_differs_from_the_manifest_is_refused_by_name() {
    use std::io::{Read as _, Write as _};
    let path = Path::new("x.delimit");
    let bytes = bundle().to_bytes(path).unwrap();
    let mut from = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut to = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for i in 0..from.len() {
        let mut file = from.by_index(i).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        if name == "ruleset.ron" {
            content.extend_from_slice(b"// looser\n");
        }
        to.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        to.write_all(&content).unwrap();
    }
    let error = Bundle::from_bytes(&to.finish().unwrap().into_inner(), path).unwrap_err().to_string();
    assert!(error.contains("ruleset.ron") && error.contains("x.delimit"), "{error}");
}
