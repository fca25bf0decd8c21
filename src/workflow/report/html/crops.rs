//! Pictures of the regions nearest to each limit, in a row from small to large with the limit between them.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{escape, verdict, with_unit};
use crate::workflow::report::value::{Borderline, Crop, SourceReport, Strip};

pub(super) fn strips(page: &mut String, s: &SourceReport) {
    if s.strips.is_empty() {
        return;
    }
    page.push_str("<h3>Nearest to each limit</h3>\n");
    for strip in &s.strips {
        let scale = match strip.side_mm {
            Some((w, h)) if w == h => format!("each picture is {} wide", with_unit(w, "mm")),
            Some((w, h)) => format!("each picture is {} × {}", with_unit(w, "mm"), with_unit(h, "mm")),
            None => format!("each picture is {} px wide", strip.side_px),
        };
        let _ = writeln!(page, "<h4>{} <span class=\"soft\">{scale}</span></h4>\n<div class=\"strip\">", escape(&strip.title));
        let mut limits = strip.limits.iter().peekable();
        for region in &strip.regions {
            while let Some(&limit) = limits.next_if(|&&limit| limit <= f64::from(region.value)) {
                divider(page, limit, &strip.unit);
            }
            borderline(page, strip, region);
        }
        for &limit in limits {
            divider(page, limit, &strip.unit);
        }
        page.push_str("</div>\n");
    }
}

fn divider(page: &mut String, limit: f64, unit: &str) {
    let _ = writeln!(page, "<div class=\"limit\">{}</div>", with_unit(limit, unit));
}

fn borderline(page: &mut String, strip: &Strip, b: &Borderline) {
    let name = format!("{} #{}", escape(&b.image), b.number);
    page.push_str("<figure class=\"crop\">");
    match &b.crop {
        Some(crop) => picture(page, crop, &name),
        None => page.push_str("<div class=\"pic none\">no picture: the photo cannot be read</div>"),
    }
    // A part of one image is often called as that image is.
    let part = if b.part == b.image { String::new() } else { format!("part {}<br/>", escape(&b.part)) };
    let _ = writeln!(
        page,
        "<figcaption><b class=\"num\">{}</b><br/>{}, truth {}<br/>{part}{name}</figcaption></figure>",
        with_unit(f64::from(b.value), &strip.unit),
        verdict(b.verdict),
        b.truth.label()
    );
}

fn picture(page: &mut String, crop: &Crop, name: &str) {
    let r = crop.rect;
    let _ = write!(
        page,
        "<div class=\"pic\"><img alt=\"{name}\" src=\"data:image/png;base64,{}\"/><svg viewBox=\"{} {} {} {}\" \
         preserveAspectRatio=\"none\">",
        STANDARD.encode(&crop.png),
        r.x0,
        r.y0,
        r.width(),
        r.height()
    );
    for ([red, green, blue], contour) in &crop.outlines {
        let mut points = String::new();
        for p in &contour.points {
            let _ = write!(points, "{},{} ", p.x, p.y);
        }
        let _ = write!(
            page,
            "<polygon fill=\"none\" stroke-width=\"1.3\" vector-effect=\"non-scaling-stroke\" stroke=\"#{red:02x}{green:02x}{blue:02x}\" points=\"{}\"/>",
            points.trim_end()
        );
    }
    page.push_str("</svg></div>");
}
