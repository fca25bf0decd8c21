//! Baseline gray JPEG with the integer inverse DCT that most programs use.
//!
//! The reference figures were made from photos that such a decoder read. Decoders may differ by one gray level, and near-ties of a network
//! turn that into a few hundred pixels of another class; with equal pixels the figures can be compared exactly. Only what the test
//! photos need: one component, 8 bits, no restart markers.

/// Width, height and pixels; None for anything but a plain baseline gray file.
pub fn decode(bytes: &[u8]) -> Option<(u32, u32, Vec<u8>)> {
    let mut quantisation = [[0_i32; 64]; 4];
    let mut huffman: [Option<Huffman>; 8] = Default::default();
    let (mut width, mut height, mut table) = (0, 0, 0);
    let mut at = 2;
    loop {
        let (marker, length) = (*bytes.get(at + 1)?, usize::from(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?])));
        let body = bytes.get(at + 4..at + 2 + length)?;
        at += 2 + length;
        match marker {
            0xdb => {
                for part in body.chunks_exact(65).filter(|part| part[0] < 4) {
                    for (target, &value) in quantisation[usize::from(part[0])].iter_mut().zip(&part[1..]) {
                        *target = i32::from(value);
                    }
                }
            }
            0xc4 => {
                let mut rest = body;
                while rest.len() >= 17 {
                    let count: usize = rest[1..17].iter().map(|&n| usize::from(n)).sum();
                    huffman[usize::from(rest[0] >> 4 & 1) * 4 + usize::from(rest[0] & 3)] =
                        Some(Huffman::new(&rest[1..17], rest.get(17..17 + count)?));
                    rest = &rest[17 + count..];
                }
            }
            0xc0 => {
                if body[0] != 8 || body[5] != 1 {
                    return None;
                }
                height = usize::from(u16::from_be_bytes([body[1], body[2]]));
                width = usize::from(u16::from_be_bytes([body[3], body[4]]));
                table = usize::from(body[8] & 3);
            }
            0xc1..=0xcf | 0xdd => return None,
            0xda => {
                let (dc, ac) = (huffman[usize::from(body[2] >> 4 & 3)].as_ref()?, huffman[4 + usize::from(body[2] & 3)].as_ref()?);
                let pixels = scan(&bytes[at..], width, height, &quantisation[table], dc, ac);
                return Some((width as u32, height as u32, pixels));
            }
            _ => {}
        }
    }
}

fn scan(bytes: &[u8], width: usize, height: usize, quantisation: &[i32; 64], dc: &Huffman, ac: &Huffman) -> Vec<u8> {
    let mut bits = Bits { bytes, at: 0, held: 0, count: 0 };
    let mut pixels = vec![0; width * height];
    let mut previous = 0;
    for block_y in 0..height.div_ceil(8) {
        for block_x in 0..width.div_ceil(8) {
            let mut block = [0_i32; 64];
            let size = dc.read(&mut bits);
            previous += bits.signed(size);
            block[0] = previous * quantisation[0];
            let mut k = 1;
            while k < 64 {
                let symbol = ac.read(&mut bits);
                let (zeros, size) = (usize::from(symbol >> 4), symbol & 15);
                if size == 0 && zeros < 15 {
                    break;
                }
                k += zeros;
                if size > 0 && k < 64 {
                    block[natural(k)] = bits.signed(size) * quantisation[k];
                }
                k += 1;
            }
            let samples = inverse_dct(&block);
            for y in 0..(height - block_y * 8).min(8) {
                for x in 0..(width - block_x * 8).min(8) {
                    pixels[(block_y * 8 + y) * width + block_x * 8 + x] = samples[y * 8 + x];
                }
            }
        }
    }
    pixels
}

/// Where the k-th coefficient of the zigzag lies: along the antidiagonals, up first.
fn natural(k: usize) -> usize {
    let mut before = 0;
    for sum in 0..15_usize {
        let (first, last) = (sum.saturating_sub(7), sum.min(7));
        let length = last - first + 1;
        if k < before + length {
            let along = first + k - before;
            let (row, column) = if sum % 2 == 1 { (along, sum - along) } else { (sum - along, along) };
            return row * 8 + column;
        }
        before += length;
    }
    63
}

struct Huffman {
    /// Per code length: first code, how many, and where their symbols start.
    lengths: [(u32, u32, usize); 17],
    symbols: Vec<u8>,
}

impl Huffman {
    fn new(counts: &[u8], symbols: &[u8]) -> Self {
        let mut lengths = [(0, 0, 0); 17];
        let (mut code, mut start) = (0, 0);
        for (length, &count) in (1..).zip(counts) {
            lengths[length] = (code, u32::from(count), start);
            code = (code + u32::from(count)) << 1;
            start += usize::from(count);
        }
        Self { lengths, symbols: symbols.to_vec() }
    }

    fn read(&self, bits: &mut Bits<'_>) -> u8 {
        let mut code = 0;
        for &(first, count, start) in &self.lengths[1..] {
            code = code << 1 | bits.take(1);
            if code >= first && code < first + count {
                return self.symbols[start + (code - first) as usize];
            }
        }
        0
    }
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    held: u32,
    count: u8,
}

impl Bits<'_> {
    fn take(&mut self, n: u8) -> u32 {
        let mut value = 0;
        for _ in 0..n {
            if self.count == 0 {
                self.held = u32::from(self.bytes.get(self.at).copied().unwrap_or(0));
                // A zero is stuffed behind every 0xff.
                self.at += if self.held == 0xff { 2 } else { 1 };
                self.count = 8;
            }
            self.count -= 1;
            value = value << 1 | (self.held >> self.count & 1);
        }
        value
    }

    /// A value of `size` bits; those with a leading zero are negative.
    fn signed(&mut self, size: u8) -> i32 {
        if size == 0 {
            return 0;
        }
        let value = self.take(size) as i32;
        if value < 1 << (size - 1) { value - (1 << size) + 1 } else { value }
    }
}

/// Columns, then rows; 2 extra bits between the passes.
fn inverse_dct(block: &[i32; 64]) -> [u8; 64] {
    let mut between = [0_i32; 64];
    for x in 0..8 {
        let column = eight(std::array::from_fn(|y| block[y * 8 + x]), 13 - 2);
        (0..8).for_each(|y| between[y * 8 + x] = column[y]);
    }
    let mut out = [0_u8; 64];
    for y in 0..8 {
        let row = eight(std::array::from_fn(|x| between[y * 8 + x]), 13 + 2 + 3);
        (0..8).for_each(|x| out[y * 8 + x] = (row[x] + 128).clamp(0, 255) as u8);
    }
    out
}

/// The one-dimensional inverse transform of Loeffler, Ligtenberg and Moschytz (1989) with 13 fractional bits, rounded by `shift`.
fn eight(c: [i32; 8], shift: u32) -> [i32; 8] {
    let times = |value: i32, factor: f64| value * (factor * 8192.0).round() as i32;
    let turned = times(c[2] + c[6], 0.541_196_100);
    let (low, high) = (turned - times(c[6], 1.847_759_065), turned + times(c[2], 0.765_366_865));
    let (sum, difference) = ((c[0] + c[4]) << 13, (c[0] - c[4]) << 13);
    let even = [sum + high, difference + low, difference - low, sum - high];

    let shared = times(c[7] + c[3] + c[5] + c[1], 1.175_875_602);
    let a = -times(c[7] + c[1], 0.899_976_223);
    let b = -times(c[5] + c[3], 2.562_915_447);
    let d = shared - times(c[7] + c[3], 1.961_570_560);
    let e = shared - times(c[5] + c[1], 0.390_180_644);
    let odd = [
        times(c[1], 1.501_321_110) + a + e,
        times(c[3], 3.072_711_026) + b + d,
        times(c[5], 2.053_119_869) + b + e,
        times(c[7], 0.298_631_336) + a + d,
    ];
    let round = |value: i32| (value + (1 << (shift - 1))) >> shift;
    std::array::from_fn(|i| if i < 4 { round(even[i] + odd[i]) } else { round(even[7 - i] - odd[7 - i]) })
}
