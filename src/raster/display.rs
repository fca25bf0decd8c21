//! From raw pixels to the screen: window, gamma, inversion, false colours and the choice of a channel. Looking only, no value changes.
//!
//! A [`Display`] says how; [`Shading`] is the same as tables, made once per change and then read once per pixel.

use super::geometry::PixelRect;
use super::photo::Photo;
use super::plane::Plane;
use super::pyramid::Window;

/// The smallest and the largest gamma.
pub const GAMMA: std::ops::RangeInclusive<f32> = 0.2..=5.0;

/// From gray to colours. All but the first show small differences that the eye cannot tell as grays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lut {
    #[default]
    Gray,
    /// Lightness rises evenly from violet to yellow.
    Viridis,
    /// Lightness rises evenly from black over red to pale yellow.
    Inferno,
    /// All hues, for the largest contrast between neighbouring values; not even in lightness.
    Turbo,
    /// Blue below the middle, red above it, gray at it.
    Diverging,
}

impl Lut {
    pub const ALL: [Self; 5] = [Self::Gray, Self::Viridis, Self::Inferno, Self::Turbo, Self::Diverging];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Gray => "Gray",
            Self::Viridis => "Viridis",
            Self::Inferno => "Inferno",
            Self::Turbo => "Turbo",
            Self::Diverging => "Blue to red",
        }
    }

    /// The colour of `t`; what lies outside of 0..=1 gets the colour of the end, what is no number that of 0.
    ///
    /// Viridis and inferno are the polynomials of degree 6 that Matt Zucker fitted to matplotlib's tables (shadertoy.com/view/WlfXRN,
    /// public domain); turbo is the polynomial that Anton Mikhailov published with it (Google, 2019); blue to red joins the three
    /// control points of Moreland's "cool to warm" (2009) by straight lines.
    #[must_use]
    pub fn colour(self, t: f32) -> [u8; 3] {
        let t = if t.is_nan() { 0.0 } else { t.clamp(0.0, 1.0) };
        let byte = |v: f32| (v * 255.0).round().clamp(0.0, 255.0) as u8;
        match self {
            Self::Gray => [byte(t); 3],
            Self::Viridis => VIRIDIS.map(|c| byte(polynomial(&c, t))),
            Self::Inferno => INFERNO.map(|c| byte(polynomial(&c, t))),
            Self::Turbo => TURBO.map(|c| byte(polynomial(&c, t))),
            Self::Diverging => {
                const POINTS: [[f32; 3]; 3] = [[59.0, 76.0, 192.0], [221.0, 221.0, 221.0], [180.0, 4.0, 38.0]];
                let (from, to, part) =
                    if t < 0.5 { (POINTS[0], POINTS[1], t * 2.0) } else { (POINTS[1], POINTS[2], t * 2.0 - 1.0) };
                std::array::from_fn(|i| byte((from[i] + (to[i] - from[i]) * part) / 255.0))
            }
        }
    }
}

/// Coefficients of red, green and blue, the constant first.
type Polynomials<const N: usize> = [[f32; N]; 3];

fn polynomial(coefficients: &[f32], t: f32) -> f32 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * t + c)
}

const VIRIDIS: Polynomials<7> = [
    [0.277_727_33, 0.105_093_04, -0.330_861_83, -4.634_230_5, 6.228_27, 4.776_385, -5.435_456],
    [0.005_407_344_5, 1.404_613_5, 0.214_847_56, -5.799_101, 14.179_933, -13.745_145, 4.645_852_6],
    [0.334_099_8, 1.384_590_2, 0.095_095_16, -19.332_441, 56.690_55, -65.353_03, 26.312_435],
];

const INFERNO: Polynomials<7> = [
    [0.000_218_940_37, 0.106_513_42, 11.602_493, -41.703_996, 77.162_94, -71.319_43, 25.131_126],
    [0.001_651_004_6, 0.563_956_44, -3.972_854, 17.436_4, -33.402_36, 32.626_064, -12.242_669],
    [-0.019_480_898, 3.932_712_4, -15.942_394, 44.354_145, -81.807_31, 73.209_52, -23.070_325],
];

const TURBO: Polynomials<6> = [
    [0.135_721_38, 4.615_392_6, -42.660_323, 132.131_08, -152.942_4, 59.286_38],
    [0.091_402_61, 2.194_188_4, 4.842_966_6, -14.185_033, 4.277_298_6, 2.829_566],
    [0.106_673_3, 12.641_946, -60.582_047, 110.362_77, -89.903_11, 27.348_25],
];

/// Which part of a colour photo is shown; a gray photo has only one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Red, green and blue together.
    #[default]
    Colour,
    Red,
    Green,
    Blue,
    /// Rec. 601 luma.
    Luma,
    /// Saturation of the HSV model, (max − min) / max, times the full scale of the photo.
    Saturation,
}

impl Channel {
    pub const ALL: [Self; 6] = [Self::Colour, Self::Red, Self::Green, Self::Blue, Self::Luma, Self::Saturation];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Colour => "RGB",
            Self::Red => "Red",
            Self::Green => "Green",
            Self::Blue => "Blue",
            Self::Luma => "Luma",
            Self::Saturation => "Saturation",
        }
    }

    /// The value that a window and a histogram are about, in raw units. `rgb` are raw channels; luma stands for all three together.
    #[must_use]
    pub fn value(self, rgb: [f32; 3], full_scale: f32) -> f32 {
        let [r, g, b] = rgb;
        match self {
            Self::Red => r,
            Self::Green => g,
            Self::Blue => b,
            Self::Colour | Self::Luma => 0.299 * r + 0.587 * g + 0.114 * b,
            Self::Saturation => {
                let (most, least) = (r.max(g).max(b), r.min(g).min(b));
                if most > 0.0 { (most - least) / most * full_scale } else { 0.0 }
            }
        }
    }
}

/// How raw values are shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Display {
    pub window: Window,
    /// The middle of the window is shown as 0.5^(1/gamma): above 1 lighter, below 1 darker. Kept within [`GAMMA`] when it is used.
    pub gamma: f32,
    pub is_inverted: bool,
    /// For gray photos and single channels; colour keeps its colours.
    pub lut: Lut,
    pub channel: Channel,
}

impl Display {
    /// Straight gray or colour through a window.
    #[must_use]
    pub const fn new(window: Window) -> Self {
        Self { window, gamma: 1.0, is_inverted: false, lut: Lut::Gray, channel: Channel::Colour }
    }

    /// A raw value on the scale of the screen, 0..=1, with window, gamma and inversion; what is no number is 0.
    #[must_use]
    pub fn level(&self, raw: f32) -> f32 {
        let span = self.window.white - self.window.black;
        let t = if span.abs() > f32::EPSILON { (raw - self.window.black) / span } else { 0.0 };
        if t.is_nan() {
            return 0.0;
        }
        let t = t.clamp(0.0, 1.0);
        let gamma = self.gamma.clamp(*GAMMA.start(), *GAMMA.end());
        // Most of the time there is no gamma, and powers are dear.
        let t = if gamma == 1.0 { t } else { t.powf(1.0 / gamma) };
        if self.is_inverted { 1.0 - t } else { t }
    }
}

/// Steps of the ramp for values that are no whole numbers: 32 for each of the 255 of the screen, so that it shows what
/// [`Display::level`] says to one step of the screen.
const RAMP: usize = 255 * 32;

/// A display as tables for photos of one depth.
#[derive(Clone, Debug)]
pub struct Shading {
    display: Display,
    /// The colour of each whole raw value; empty for float photos.
    exact: Vec<[u8; 4]>,
    /// The colours between black and white of the window in even steps.
    ramp: Vec<[u8; 4]>,
    full_scale: f32,
}

/// Shown for what is no number.
const NO_NUMBER: [u8; 4] = [0, 0, 0, 255];

impl Shading {
    /// Tables for photos of the depth of `photo`; some 70 thousand powers for 16 bits.
    #[must_use]
    pub fn new(display: Display, photo: &Photo) -> Self {
        let is_colour = photo.channels() == 3 && display.channel == Channel::Colour;
        let lut = if is_colour { Lut::Gray } else { display.lut };
        let colours: Vec<[u8; 4]> = (0..=RAMP)
            .map(|i| {
                let [r, g, b] = lut.colour(i as f32 / RAMP as f32);
                [r, g, b, 255]
            })
            .collect();
        let colour = |t: f32| colours[(t * RAMP as f32).round() as usize];
        let count = match photo {
            Photo::Gray8(_) | Photo::Rgb8(_) => 256,
            Photo::Gray16(_) | Photo::Rgb16(_) => 65536,
            Photo::GrayF32(_) => 0,
        };
        let exact = (0..count)
            .map(|raw| {
                let t = display.level(raw as f32);
                // Gray is exact; the ramp is fine enough for colours.
                if lut == Lut::Gray { [(t * 255.0).round() as u8; 4] } else { colour(t) }
            })
            .map(|[r, g, b, _]| [r, g, b, 255])
            .collect();
        // The ramp is over the place inside the window, before gamma and inversion: one multiplication per pixel.
        let straight = Display { window: Window { black: 0.0, white: 1.0 }, ..display };
        let ramp = (0..=RAMP).map(|i| colour(straight.level(i as f32 / RAMP as f32))).collect();
        Self { display, exact, ramp, full_scale: photo.full_scale() }
    }

    #[must_use]
    pub const fn display(&self) -> Display {
        self.display
    }

    /// Pixels `rect` (cut to the photo) as opaque RGBA. The photo must have the depth that the tables were made for.
    #[must_use]
    pub fn rgba(&self, photo: &Photo, rect: PixelRect) -> Plane<[u8; 4]> {
        let r = rect.intersection(photo.rect());
        let mut out = Vec::with_capacity(r.area() as usize);
        let span = r.x0 as usize..r.x1 as usize;
        let is_matching = self.exact.len() == table_size(photo);
        for y in r.y0..r.y1 {
            match photo {
                Photo::Gray8(p) if is_matching => {
                    out.extend(p.row(y)[span.clone()].iter().map(|&v| self.exact[usize::from(v)]));
                }
                Photo::Gray16(p) if is_matching => {
                    out.extend(p.row(y)[span.clone()].iter().map(|&v| self.exact[usize::from(v)]));
                }
                Photo::GrayF32(p) => self.extend_ramp(&mut out, p.row(y)[span.clone()].iter().copied()),
                Photo::Rgb8(p) if is_matching => self.extend_rgb(&mut out, &p.row(y)[span.clone()], usize::from),
                Photo::Rgb16(p) if is_matching => self.extend_rgb(&mut out, &p.row(y)[span.clone()], usize::from),
                // Tables for another depth: right all the same, only slower.
                _ => self
                    .extend_ramp(&mut out, (r.x0..r.x1).map(|x| self.display.channel.value(photo.rgb_at(x, y), self.full_scale))),
            }
        }
        Plane::from_vec(r.width(), r.height(), out)
    }

    fn extend_rgb<T: Copy>(&self, out: &mut Vec<[u8; 4]>, row: &[[T; 3]], index: impl Fn(T) -> usize) {
        let channel = self.display.channel;
        match channel {
            Channel::Colour => out.extend(
                row.iter().map(|&[r, g, b]| [self.exact[index(r)][0], self.exact[index(g)][0], self.exact[index(b)][0], 255]),
            ),
            Channel::Red => out.extend(row.iter().map(|v| self.exact[index(v[0])])),
            Channel::Green => out.extend(row.iter().map(|v| self.exact[index(v[1])])),
            Channel::Blue => out.extend(row.iter().map(|v| self.exact[index(v[2])])),
            Channel::Luma | Channel::Saturation => {
                self.extend_ramp(out, row.iter().map(|v| channel.value(v.map(|c| index(c) as f32), self.full_scale)));
            }
        }
    }

    fn extend_ramp(&self, out: &mut Vec<[u8; 4]>, values: impl Iterator<Item = f32>) {
        let Window { black, white } = self.display.window;
        let scale = if (white - black).abs() > f32::EPSILON { RAMP as f32 / (white - black) } else { 0.0 };
        out.extend(values.map(|v| {
            let at = (v - black) * scale + 0.5;
            if at.is_nan() { NO_NUMBER } else { self.ramp[at.clamp(0.0, RAMP as f32) as usize] }
        }));
    }
}

const fn table_size(photo: &Photo) -> usize {
    match photo {
        Photo::Gray8(_) | Photo::Rgb8(_) => 256,
        Photo::Gray16(_) | Photo::Rgb16(_) => 65536,
        Photo::GrayF32(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: [u8; 3], b: [u8; 3], by: u8) -> bool {
        a.iter().zip(b).all(|(x, y)| x.abs_diff(y) <= by)
    }

    #[test]
    fn false_colours_are_those_that_people_know() {
        // First, middle and last entries of matplotlib's tables (`cm.viridis(0)`, `(127)`, `(255)`, and so on).
        for (lut, [first, middle, last]) in [
            (Lut::Viridis, [[68, 1, 84], [33, 145, 140], [253, 231, 37]]),
            (Lut::Inferno, [[0, 0, 4], [187, 55, 84], [252, 255, 164]]),
            (Lut::Turbo, [[48, 18, 59], [164, 252, 60], [122, 4, 3]]),
            (Lut::Diverging, [[59, 76, 192], [221, 221, 221], [180, 4, 38]]),
        ] {
            for (t, known) in [(0.0, first), (0.5, middle), (1.0, last)] {
                let seen = lut.colour(t);
                // Turbo's polynomial is known to leave its table at the dark end.
                let tolerance = if lut == Lut::Turbo { 34 } else { 9 };
                assert!(near(seen, known, tolerance), "{} at {t}: {seen:?}, known {known:?}", lut.label());
            }
        }
    }

    #[test]
    fn the_even_maps_get_lighter_all_the_way() {
        for lut in [Lut::Viridis, Lut::Inferno] {
            let luma = |t: f32| Channel::Luma.value(lut.colour(t).map(f32::from), 255.0);
            assert!((1..=50_u8).all(|i| luma(f32::from(i) / 50.0) > luma(f32::from(i - 1) / 50.0)), "{}", lut.label());
        }
    }

    #[test]
    fn gamma_lifts_the_middle_by_its_power_and_leaves_the_ends() {
        let display = Display { gamma: 2.0, ..Display::new(Window { black: 100.0, white: 300.0 }) };
        assert_eq!((display.level(100.0), display.level(300.0)), (0.0, 1.0));
        assert!((display.level(150.0) - 0.5).abs() < 1e-6, "(1/4)^(1/2) = 1/2");
        let inverted = Display { is_inverted: true, ..display };
        assert!((inverted.level(150.0) - 0.5).abs() < 1e-6);
        assert_eq!((inverted.level(0.0), inverted.level(999.0)), (1.0, 0.0));
    }

    #[test]
    fn tables_show_what_the_formula_says_at_every_depth() {
        let displays = [
            Display::new(Window { black: 0.0, white: 255.0 }),
            Display { gamma: 2.2, ..Display::new(Window { black: 40.0, white: 190.0 }) },
            Display { is_inverted: true, gamma: 0.5, ..Display::new(Window { black: 10.0, white: 250.0 }) },
        ];
        let whole = |i: u32| (i * 37 + 11) % 256;
        for display in displays {
            let photos = [
                Photo::Gray8(Plane::from_fn(16, 16, |x, y| whole(x + 16 * y) as u8)),
                Photo::Gray16(Plane::from_fn(16, 16, |x, y| whole(x + 16 * y) as u16)),
                Photo::GrayF32(Plane::from_fn(16, 16, |x, y| whole(x + 16 * y) as f32)),
                Photo::Rgb8(Plane::from_fn(16, 16, |x, y| [whole(x + 16 * y) as u8; 3])),
                Photo::Rgb16(Plane::from_fn(16, 16, |x, y| [whole(x + 16 * y) as u16; 3])),
            ];
            for photo in photos {
                let tolerance = u8::from(matches!(photo, Photo::GrayF32(_)));
                let shown = Shading::new(display, &photo).rgba(&photo, photo.rect());
                for y in 0..16 {
                    for x in 0..16 {
                        let expected = (display.level(photo.gray_at(x, y).round()) * 255.0).round() as u8;
                        let [r, g, b, a] = shown.at(x, y);
                        assert!(r == g && g == b && a == 255);
                        assert!(
                            r.abs_diff(expected) <= tolerance,
                            "{display:?}: {} shows {r}, not {expected}",
                            photo.gray_at(x, y)
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn channels_are_shown_alone() {
        let photo = Photo::Rgb8(Plane::filled(1, 1, [200, 100, 50]));
        let show = |channel| {
            let display = Display { channel, ..Display::new(Window { black: 0.0, white: 255.0 }) };
            Shading::new(display, &photo).rgba(&photo, photo.rect()).at(0, 0)
        };
        assert_eq!(show(Channel::Colour), [200, 100, 50, 255]);
        assert_eq!(show(Channel::Red), [200, 200, 200, 255]);
        assert_eq!(show(Channel::Green), [100, 100, 100, 255]);
        assert_eq!(show(Channel::Blue), [50, 50, 50, 255]);
        // 0.299 · 200 + 0.587 · 100 + 0.114 · 50 = 124.2.
        assert_eq!(show(Channel::Luma)[0], 124);
        // (200 − 50) / 200 · 255 = 191.25.
        assert_eq!(show(Channel::Saturation)[0], 191);
    }

    #[test]
    fn what_is_no_number_is_black_and_an_empty_window_does_no_harm() {
        let photo = Photo::GrayF32(Plane::from_vec(3, 1, vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY]));
        for is_inverted in [false, true] {
            let display = Display { is_inverted, ..Display::new(Window { black: 0.0, white: 1.0 }) };
            let shown = Shading::new(display, &photo).rgba(&photo, photo.rect());
            assert_eq!(shown.at(0, 0), [0, 0, 0, 255]);
            assert_eq!(shown.at(1, 0)[0], if is_inverted { 0 } else { 255 });
            assert_eq!(shown.at(2, 0)[0], if is_inverted { 255 } else { 0 });
        }
        let flat = Display::new(Window { black: 5.0, white: 5.0 });
        let photo = Photo::Gray8(Plane::filled(1, 1, 9));
        assert_eq!(Shading::new(flat, &photo).rgba(&photo, photo.rect()).at(0, 0), [0, 0, 0, 255]);
    }

    /// Prints what a tile of the canvas costs; run with `--ignored --nocapture`, best with `--release`.
    #[test]
    #[ignore = "a measurement"]
    fn time_of_a_tile() {
        let photos = [
            ("gray 8", Photo::Gray8(Plane::from_fn(514, 514, |x, y| (x * y) as u8))),
            ("gray 16", Photo::Gray16(Plane::from_fn(514, 514, |x, y| (x * y * 7) as u16))),
            ("float", Photo::GrayF32(Plane::from_fn(514, 514, |x, y| (x * y) as f32))),
            ("rgb 8", Photo::Rgb8(Plane::from_fn(514, 514, |x, y| [x as u8, y as u8, (x * y) as u8]))),
            ("rgb 16", Photo::Rgb16(Plane::from_fn(514, 514, |x, y| [x as u16, y as u16, (x * y) as u16]))),
        ];
        for (name, photo) in photos {
            for channel in [Channel::Colour, Channel::Luma, Channel::Saturation] {
                let display =
                    Display { gamma: 1.8, channel, lut: Lut::Viridis, ..Display::new(Window { black: 3.0, white: 60_000.0 }) };
                let start = std::time::Instant::now();
                let shading = Shading::new(display, &photo);
                let tables = start.elapsed();
                let start = std::time::Instant::now();
                let mut sum = 0_u64;
                for _ in 0..20 {
                    sum += u64::from(shading.rgba(&photo, photo.rect()).at(9, 9)[0]);
                }
                println!("{name} {}: tables {tables:?}, a tile {:?} ({sum})", channel.label(), start.elapsed() / 20);
            }
        }
    }
}
