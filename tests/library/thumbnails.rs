//! Thumbnails: their pixels against means by hand, and what the cache on disk does with changed and damaged files.

use std::fs;

use delimit::project::{PartNumber, Project};
use delimit::raster::{Photo, Plane};
use delimit::workflow::thumbnails::{THUMBNAIL_PX, Thumbnail, ThumbnailCache};

fn project(root: &std::path::Path, names: &[&str]) -> Project {
    let mut project = Project::new(root, "t");
    project.part_numbers = vec![PartNumber::new("A")];
    let paths: Vec<_> = names.iter().map(|n| root.join(n)).collect();
    for (k, path) in paths.iter().enumerate() {
        image::GrayImage::from_pixel(400, 300, image::Luma([40 * k as u8 + 10])).save(path).unwrap();
    }
    project.add_images(0, &paths).unwrap();
    project
}

#[test]
fn a_thumbnail_keeps_the_shape_and_averages() {
    // Bright left half, dark right half: exactly half of the columns are bright.
    let photo = Photo::Gray8(Plane::from_fn(1600, 400, |x, _| if x < 800 { 200 } else { 100 }));
    let small = Thumbnail::of_photo(&photo);
    assert_eq!((small.width, small.height), (THUMBNAIL_PX, THUMBNAIL_PX / 4));
    for (i, rgb) in small.rgb.iter().enumerate() {
        let wanted = if i % (THUMBNAIL_PX as usize) < THUMBNAIL_PX as usize / 2 { 200 } else { 100 };
        assert_eq!(*rgb, [wanted; 3], "{i}");
    }
    // Every second pixel white: the mean is gray, no moiré.
    let fine = Photo::Gray8(Plane::from_fn(640, 640, |x, y| if (x + y) % 2 == 0 { 255 } else { 0 }));
    assert!(Thumbnail::of_photo(&fine).rgb.iter().all(|rgb| (127..=128).contains(&rgb[0])));
    // A small one stays as it is, colours too.
    let tiny = Photo::Rgb8(Plane::from_fn(3, 2, |x, y| [x as u8, y as u8, 7]));
    let same = Thumbnail::of_photo(&tiny);
    assert_eq!((same.width, same.height), (3, 2));
    assert_eq!(same.rgb, [[0, 0, 7], [1, 0, 7], [2, 0, 7], [0, 1, 7], [1, 1, 7], [2, 1, 7]]);
    // One row of a hundred thousand pixels still has a height.
    let line = Photo::Gray8(Plane::filled(100_000, 1, 9));
    assert_eq!(Thumbnail::of_photo(&line).height, 1);
    // Twelve bits in sixteen use the whole range of the screen.
    let deep = Photo::Gray16(Plane::from_fn(300, 300, |x, _| 1000 + x as u16 * 10));
    let shown = Thumbnail::of_photo(&deep);
    assert_eq!(shown.rgb[0], [0; 3]);
    assert_eq!(shown.rgb[THUMBNAIL_PX as usize - 1], [255; 3]);
}

#[test]
fn a_kept_thumbnail_is_used_until_its_image_changes_or_it_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path(), &["a.png"]);
    let cache = ThumbnailCache::new(folder.path(), true);
    let kept = folder.path().join(".delimit/thumbnails");
    let first = cache.get_or_make(&project, 0).unwrap();
    let file = fs::read_dir(&kept).unwrap().next().unwrap().unwrap().path();
    assert_eq!(fs::read_dir(&kept).unwrap().count(), 1);
    assert!(first.rgb.iter().all(|rgb| *rgb == [10; 3]));

    // It is the kept one that is given: a picture of another image under its name shows.
    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    let white = self::project(&other, &["x.png", "white.png"]);
    let of_other = ThumbnailCache::new(&other, true);
    of_other.get_or_make(&white, 1).unwrap();
    let stolen = fs::read_dir(other.join(".delimit/thumbnails")).unwrap().next().unwrap().unwrap().path();
    let bytes = fs::read(&stolen).unwrap();
    fs::write(&file, &bytes).unwrap();
    assert!(cache.get_or_make(&project, 0).unwrap().rgb.iter().all(|rgb| rgb[0].abs_diff(50) <= 1));

    // Any damage is seen, and mended.
    for damage in 0..40 {
        let mut broken = bytes.clone();
        let at = damage * broken.len() / 40;
        broken[at] ^= 0x10;
        fs::write(&file, &broken).unwrap();
        assert_eq!(cache.get_or_make(&project, 0).unwrap(), first, "byte {at}");
        fs::write(&file, &bytes[..at]).unwrap();
        assert_eq!(cache.get_or_make(&project, 0).unwrap(), first, "cut at {at}");
    }

    // Another picture in the file gets another thumbnail.
    image::GrayImage::from_pixel(200, 300, image::Luma([99])).save(folder.path().join("a.png")).unwrap();
    let changed = cache.get_or_make(&project, 0).unwrap();
    assert!(changed.height > changed.width && changed.rgb.iter().all(|rgb| rgb[0].abs_diff(99) <= 1));
    fs::remove_file(folder.path().join("a.png")).unwrap();
    assert!(cache.get_or_make(&project, 0).is_err());
}

#[test]
fn who_may_not_write_leaves_no_file_and_the_oldest_go_first() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..20).map(|k| format!("{k:02}.png")).collect();
    let project = project(folder.path(), &names.iter().map(String::as_str).collect::<Vec<_>>()[..5]);
    let looking = ThumbnailCache::new(folder.path(), false);
    looking.get_or_make(&project, 0).unwrap();
    assert!(!folder.path().join(".delimit").exists());
    assert_eq!(looking.prune(), 0);

    let cache = ThumbnailCache::new(folder.path(), true);
    let kept = folder.path().join(".delimit/thumbnails");
    let mut order = Vec::new();
    for image in 0..5 {
        cache.get_or_make(&project, image).unwrap();
        let new = fs::read_dir(&kept).unwrap().map(|e| e.unwrap().path()).find(|p| !order.contains(p)).unwrap();
        let then = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1000 + image as u64);
        fs::File::options().write(true).open(&new).unwrap().set_modified(then).unwrap();
        order.push(new);
    }
    let total: u64 = order.iter().map(|p| fs::metadata(p).unwrap().len()).sum();
    assert_eq!(cache.clone().with_max_bytes(total).prune(), 0);
    let removed = cache.with_max_bytes(total - 1).prune();
    assert!(removed >= 1);
    for (k, path) in order.iter().enumerate() {
        assert_eq!(path.exists(), k >= removed, "{k}");
    }
}
