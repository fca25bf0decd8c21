//! Files that other tools wrote, held against what those tools say of them.

use std::collections::BTreeMap;
use std::path::Path;

use delimit::exchange::labels::{Content, Format, ImportOptions, ImportPlan, Shape, column_runs, compressed, decompressed, read};
use delimit::project::label_file;
use delimit::raster::{IGNORE, LabelMap, Run};

use super::{label_of, project, shared};

/// Intersection over union of the labelled pixels of one value, pixels with don't-care in `truth` left out.
fn iou(a: &LabelMap, truth: &LabelMap, value: u8) -> f64 {
    let (mut both, mut either) = (0_u64, 0_u64);
    for y in 0..truth.height() {
        for x in 0..truth.width() {
            let t = truth.get(x, y);
            if t != IGNORE {
                both += u64::from(a.get(x, y) == value && t == value);
                either += u64::from(a.get(x, y) == value || t == value);
            }
        }
    }
    both as f64 / either as f64
}

/// Pixels that differ although neither map changes within two pixels of them: what no convention of the outline explains. Pillow takes
/// points for centres of pixels (½ px), rounds them (½ px) and draws the outline over the filling (½ px).
fn unexplained(a: &LabelMap, truth: &LabelMap) -> usize {
    // Outside the image nothing is equal: older versions of labelme let no point further than the last pixel's upper left corner.
    let (w, h) = (i64::from(truth.width()), i64::from(truth.height()));
    let value = |map: &LabelMap, x: i64, y: i64| ((0..w).contains(&x) && (0..h).contains(&y)).then(|| map.get(x as u32, y as u32));
    let is_inner =
        |map: &LabelMap, x: i64, y: i64| (-2..=2).all(|dy| (-2..=2).all(|dx| value(map, x + dx, y + dy) == value(map, x, y)));
    let pixels = (0..h).flat_map(|y| (0..w).map(move |x| (x, y)));
    pixels.filter(|&(x, y)| value(a, x, y) != value(truth, x, y) && is_inner(a, x, y) && is_inner(truth, x, y)).count()
}

/// labelme's own VOC export: it draws the outline too, so pixels along it may differ, and nothing else.
#[test]
fn labelme_polygons_are_its_own_export_up_to_the_outline() {
    let Some(root) = shared("fixtures/labelme") else { return };
    let names = std::fs::read_to_string(root.join("semantic_segmentation/data_dataset_voc/class_names.txt")).unwrap();
    let names: Vec<&str> = names.lines().skip(1).collect();
    for (kind, image) in [
        ("semantic_segmentation", "2011_000003"),
        ("semantic_segmentation", "2011_000006"),
        ("instance_segmentation", "2011_000003"),
    ] {
        let set = read(&root.join(format!("{kind}/data_annotated/{image}.json")), None).unwrap();
        assert_eq!(set.format, Format::Labelme);
        let truth = label_file::read(&root.join(format!("{kind}/data_dataset_voc/SegmentationClass/{image}.png"))).unwrap();
        let project = project(Path::new("/nowhere"), &[&format!("{image}.jpg")], &names);
        let plan = ImportPlan::new(set, &project, &ImportOptions::default()).unwrap();
        let label = plan.render(&plan.images[0], (truth.width(), truth.height())).unwrap().label;
        assert_eq!(unexplained(&label, &truth), 0, "{kind} {image}");
        for value in (1..IGNORE).filter(|v| truth.histogram()[usize::from(*v)] > 1000) {
            let iou = iou(&label, &truth, value);
            println!("{kind} {image} class {value}: IoU {iou:.4}");
            assert!(iou > 0.97, "{kind} {image} class {value}: IoU {iou}");
        }
        // The VOC folder itself comes in pixel by pixel.
        let voc = read(&root.join(format!("{kind}/data_dataset_voc")), None).unwrap();
        assert_eq!(voc.format, Format::Voc);
        let plan = ImportPlan::new(voc, &project, &ImportOptions::default()).unwrap();
        let at = plan.images.iter().find(|i| i.image == 0).unwrap();
        assert_eq!(plan.render(at, (truth.width(), truth.height())).unwrap().label, truth);
    }
}

#[test]
fn labelme_tutorial_with_its_label_png() {
    let Some(root) = shared("fixtures/labelme/tutorial") else { return };
    let truth = label_file::read(&root.join("apc2016_obj3/label.png")).unwrap();
    let names = std::fs::read_to_string(root.join("apc2016_obj3/label_names.txt")).unwrap();
    let names: Vec<&str> = names.lines().skip(1).collect();
    let set = read(&root.join("apc2016_obj3.json"), None).unwrap();
    let project = project(Path::new("/nowhere"), &["apc2016_obj3.jpg"], &names);
    let plan = ImportPlan::new(set, &project, &ImportOptions::default()).unwrap();
    let label = plan.render(&plan.images[0], (truth.width(), truth.height())).unwrap().label;
    assert_eq!(unexplained(&label, &truth), 0);
    for value in 1..=4 {
        assert!(iou(&label, &truth, value) > 0.97, "class {value}");
    }
}

#[test]
fn labelme_shapes_have_the_areas_of_geometry_and_of_the_png() {
    let Some(root) = shared("fixtures/labelme/primitives") else { return };
    let set = read(&root.join("primitives.json"), None).unwrap();
    let Content::Objects(objects) = &set.images[0].content else { panic!("labelme has objects") };
    let pixels: Vec<(String, u64)> =
        objects.iter().map(|o| (set.classes[o.class].name.clone(), o.shape.pixels(560, 450).unwrap().area.pixels())).collect();
    let of = |name: &str| pixels.iter().find(|p| p.0 == name).unwrap().1;
    assert_eq!(of("rectangle"), 100 * 100);
    // r² = 30² + 41².
    let circle = std::f64::consts::PI * (30.0 * 30.0 + 41.0 * 41.0);
    assert!((of("circle") as f64 / circle - 1.0).abs() < 0.01, "{}", of("circle"));
    // Shoelace of the four points.
    assert!((of("polygon") as f64 - 10_996.0).abs() < 20.0, "{}", of("polygon"));
    // Pillow counts 7275 pixels in the mask's PNG.
    assert_eq!(of("octagon"), 7275);
    let octagon = &objects.iter().find(|o| set.classes[o.class].name == "octagon").unwrap().shape;
    let bounds = octagon.pixels(560, 450).unwrap().area.bounds();
    assert_eq!((bounds.x0, bounds.y0, bounds.x1, bounds.y1), (417, 305, 517, 405));
    let lost: Vec<&str> = set.losses.0.keys().map(String::as_str).collect();
    assert_eq!(lost, ["line without an area", "linestrip without an area", "point without an area"]);
}

#[test]
fn coco_of_datumaro_has_the_areas_it_says() {
    let Some(root) = shared("fixtures/datumaro/coco_dataset/coco") else { return };
    let set = read(&root.join("annotations/instances_val.json"), None).unwrap();
    let Content::Objects(objects) = &set.images[0].content else { panic!("COCO has objects") };
    let areas: Vec<u64> = objects.iter().map(|o| o.shape.pixels(5, 10).unwrap().area.pixels()).collect();
    assert_eq!(areas, [2, 20]);
    assert_eq!(objects.iter().map(|o| o.is_crowd).collect::<Vec<_>>(), [false, true]);
    assert_eq!(set.losses.0["attributes of an object"], 1);
    // The folder: only the instances of it are read.
    let folder = read(&root, None).unwrap();
    assert_eq!((folder.format, folder.images.len()), (Format::Coco, 2));
}

/// Masks that pycocotools encoded: the same pixels as the PNG they came from, and the same text when we encode those.
#[test]
fn coco_run_lengths_are_those_of_pycocotools_both_ways() {
    let (Some(file), Some(tiles)) = (shared("fixtures/magnetic_tile_encoded/coco_rle_pycocotools.json"), shared("magnetic_tile"))
    else {
        return;
    };
    let text = std::fs::read_to_string(&file).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let set = read(&file, None).unwrap();
    assert_eq!(set.images.len(), 10);
    for (i, image) in set.images.iter().enumerate() {
        let mask = image::open(tiles.join(&image.name).with_extension("png")).unwrap().to_luma8();
        let (w, h) = mask.dimensions();
        let Content::Objects(objects) = &image.content else { panic!("COCO has objects") };
        let area = objects[0].shape.pixels(w, h).unwrap().area;
        for (x, y, p) in mask.enumerate_pixels() {
            assert_eq!(area.contains(x, y), p.0[0] >= 128, "{} at {x}, {y}", image.name);
        }
        let annotation = &json["annotations"][i];
        assert_eq!(area.pixels() as f64, annotation["area"].as_f64().unwrap());
        let runs: Vec<Run> = area.runs(1);
        assert_eq!(compressed(&column_runs(&runs, w, h)), annotation["segmentation"]["counts"].as_str().unwrap());
    }
}

#[test]
fn every_mask_of_the_coco_results_comes_back_as_the_same_text() {
    let Some(file) = shared("fixtures/cocoapi/instances_val2014_fakesegm100_results.json") else { return };
    let json: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let results = json.as_array().unwrap();
    assert_eq!(results.len(), 734);
    for result in results {
        let size = &result["segmentation"]["size"];
        let (h, w) = (size[0].as_u64().unwrap() as u32, size[1].as_u64().unwrap() as u32);
        let text = result["segmentation"]["counts"].as_str().unwrap();
        let counts = decompressed(text, u64::from(w) * u64::from(h)).unwrap();
        let area = Shape::ColumnRuns { width: w, height: h, counts }.pixels(w, h).unwrap().area;
        assert_eq!(compressed(&column_runs(&area.runs(1), w, h)), text);
    }
}

#[test]
fn cvat_exports_of_small_and_of_18_megapixels() {
    if let Some(root) = shared("fixtures") {
        let set = read(&root.join("cvat_docs/xml_format_example_images.xml"), None).unwrap();
        let names: Vec<&str> = set.classes.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["car", "traffic_line", "wheel", "plate"]);
        let Content::Objects(objects) = &set.images[0].content else { panic!("CVAT has objects") };
        assert_eq!(objects.iter().map(|o| o.z_order).collect::<Vec<_>>(), [4, 1, 0]);
        // The box 797.33–965.52 × 870.92–928.94: centres from 797.5 to 965.5 and from 871.5 to 928.5.
        assert_eq!(objects[0].shape.pixels(1600, 1200).unwrap().area.pixels(), 169 * 58);
        assert_eq!(set.losses.0["polyline without an area"], 2);
        let set = read(&root.join("datumaro/cvat_dataset/for_images/export_task"), None).unwrap();
        assert_eq!((set.format, set.images.len(), set.losses.0["attribute of an object"]), (Format::Cvat, 2, 4));
    }
    let Some(root) = shared("urban_cvat_large") else { return };
    let set = read(&root, None).unwrap();
    let mut counts = BTreeMap::new();
    for image in &set.images {
        let Content::Objects(objects) = &image.content else { panic!("CVAT has objects") };
        let masks = objects.iter().filter(|o| matches!(o.shape, Shape::BoxRuns { .. })).count();
        counts.insert(image.size.unwrap(), (masks, objects.len() - masks));
        // The sums of the run lengths, counted without rasterising.
        let (w, h) = image.size.unwrap();
        for object in objects {
            let pixels = object.shape.pixels(w, h).unwrap();
            assert!(!pixels.is_cut);
            if let Shape::BoxRuns { counts, .. } = &object.shape {
                assert_eq!(pixels.area.pixels(), counts.iter().skip(1).step_by(2).map(|&n| u64::from(n)).sum::<u64>());
            }
        }
    }
    assert_eq!(counts, BTreeMap::from([((2807, 4364), (9, 0)), ((5184, 3456), (27, 0)), ((1972, 2958), (16, 4))]));
}

#[test]
fn yolo_polygons_lie_inside_and_empty_files_are_images_without_a_defect() {
    let Some(root) = shared("kolektorsdd_yoloseg/Datasets") else { return };
    let set = read(&root, None).unwrap();
    assert_eq!((set.format, set.images.len()), (Format::Yolo, 5));
    let labelled = set.images.iter().filter(|i| matches!(&i.content, Content::Objects(o) if !o.is_empty())).count();
    assert_eq!(labelled, 4);
    // Without a class list, number 0 is nobody's class: it must be given a name.
    let images =
        ["images/train/114.jpg", "images/train/316.jpg", "images/train/235.jpg", "images/train/220.jpg", "images/val/379.jpg"];
    let project = project(Path::new("/nowhere"), &images, &["defect"]);
    let options = ImportOptions { rename: vec![("0".into(), "defect".into())], ..ImportOptions::default() };
    let plan = ImportPlan::new(set, &project, &options).unwrap();
    assert!(plan.unmatched.is_empty(), "{:?}", plan.unmatched);
    for at in &plan.images {
        let size = image::image_dimensions(root.join(images[at.image])).unwrap();
        let rendered = plan.render(at, size).unwrap();
        assert_eq!(rendered.objects == 0, rendered.label.is_blank());
        assert!(rendered.losses.is_empty(), "{:?}", rendered.losses);
    }
}

#[test]
fn indexed_and_gray_png_of_others() {
    if let Some(root) = shared("neu_seg") {
        let set = read(&root, None).unwrap();
        assert_eq!((set.format, set.images.len()), (Format::Png, 60));
        let mut names: Vec<&str> = set.classes.iter().map(|c| c.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["1", "2", "3"]);
        assert!(set.classes.iter().all(|c| c.is_unnamed));
    }
    let Some(root) = shared("fixtures/x_anylabeling/assets/masks/gray_mask.png") else { return };
    let set = read(&root, None).unwrap();
    assert_eq!(set.images[0].size, Some((7959, 4472)));
    let label = label_of(set, "gray_mask.jpg", (7959, 4472));
    assert_eq!(label, label_file::read(&root).unwrap());
}

#[test]
fn labelme_with_embedded_photos_matches_its_images() {
    let Some(root) = shared("bsdata") else { return };
    let set = read(&root.join("label"), None).unwrap();
    let objects: usize = set.images.iter().map(|i| if let Content::Objects(o) = &i.content { o.len() } else { 0 }).sum();
    assert_eq!((set.images.len(), objects, set.classes.len()), (19, 25, 1));
    let names: Vec<String> = root.join("data").read_dir().unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let plan = ImportPlan::new(set, &project(Path::new("/nowhere"), &names, &["pitting"]), &ImportOptions::default()).unwrap();
    assert_eq!((plan.images.len(), plan.unmatched.len()), (19, 0));
}

/// Datumaro writes colours and 16-bit values: read by Pillow, the same pixels.
#[test]
fn maps_in_colours_and_in_16_bits() {
    let Some(root) = shared("fixtures/datumaro") else { return };
    let set = read(&root.join("voc_dataset/voc_dataset1"), None).unwrap();
    assert_eq!(set.format, Format::Voc);
    let Content::Map(file) = set.images[0].content.clone() else { panic!("VOC is a map") };
    let (w, h) = set.images[0].size.unwrap();
    let names: Vec<String> = set.classes.iter().map(|c| c.name.clone()).collect();
    let label = label_of(set, "2007_000001.jpg", (w, h));
    let rgb = image::open(&file.path).unwrap().to_rgb8();
    for (x, y, p) in rgb.enumerate_pixels() {
        let value = label.get(x, y);
        let bits = if value == 0 || value == IGNORE { value } else { names[usize::from(value) - 1].parse().unwrap() };
        // The development kit's colours of the lowest 8 values have 0 or 128 in each channel, by the bits of the value.
        if bits < 8 {
            assert_eq!(p.0, [0, 1, 2].map(|c| (bits >> c & 1) * 128), "{x}, {y}");
        }
    }
    assert!(!label.is_blank());
    let set = read(&root.join("common_semantic_segmentation_dataset/dataset"), Some(Format::Png)).unwrap();
    // Pixel by pixel from the colours: 0001.png.
    let colours = [[0, 0, 0], [64, 128, 64], [192, 0, 128], [0, 128, 192], [192, 128, 64], [128, 64, 128]];
    let label = label_of(set, "0001.png", (5, 1));
    let rgb = image::open(root.join("common_semantic_segmentation_dataset/dataset/masks/0001.png")).unwrap().to_rgb8();
    for (x, y, p) in rgb.enumerate_pixels() {
        // Classes by their order in the table, background left out.
        assert_eq!(colours[usize::from(label.get(x, y))], p.0);
    }
    let set = read(&root.join("kaggle_dataset/image_mask_with_labelmap"), Some(Format::Png)).unwrap();
    assert_eq!(set.classes.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["cat", "dog"]);
    let label = label_of(set, "001.png", (5, 1));
    let gray = image::open(root.join("kaggle_dataset/image_mask_with_labelmap/masks/001.png")).unwrap().to_luma16();
    assert_eq!(
        (0..5).map(|x| u16::from(label.get(x, 0))).collect::<Vec<_>>(),
        (0..5).map(|x| gray.get_pixel(x, 0).0[0]).collect::<Vec<_>>()
    );
}
