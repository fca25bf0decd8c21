//! Textures of what is in view: squares of pyramid levels, made when they are first seen, uploaded in part when they change.
//!
//! A texture is allocated once and then only written in part, always with the same options (a new `set` would allocate again).
//! Every tile carries a border of one pixel from its neighbours, so that smooth scaling shows no seams. A frame makes only a few
//! tiles; until the rest is there, a coarser or finer tile stands in for it.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use delimit::raster::label_map::Tile as LabelTile;
use delimit::raster::pyramid::Pyramid;
use delimit::raster::pyramid::{label_level, level_size};
use delimit::raster::{Display, LabelMap, MaxPyramid, PixelRect, Point, Shading};
use egui::{
    Color32, ColorImage, Context, Mesh, Painter, Pos2, Rect, Shape, TextureFilter, TextureHandle, TextureOptions, TextureWrapMode,
};

use super::palette::Palette;
use super::view::CanvasView;

/// Side of a tile without its border, in pixels of its level.
pub const TILE_SIDE: u32 = 512;

const BORDER: u32 = 1;

/// How many tiles one frame may make or re-read in full.
pub const TILES_PER_FRAME: u32 = 8;

/// After this time in one frame no further tile is begun.
const TIME_PER_FRAME: Duration = Duration::from_millis(4);

/// Texture memory kept by default, in bytes.
pub const BYTE_BUDGET: usize = 256 << 20;

/// A layer of one image; layer 0 is the photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LayerKey {
    pub image: u64,
    pub layer: u64,
}

impl LayerKey {
    #[must_use]
    pub const fn photo(image: u64) -> Self {
        Self { image, layer: 0 }
    }

    /// Layer `key` over image `image`.
    #[must_use]
    pub const fn overlay(image: u64, key: u64) -> Self {
        Self { image, layer: key.wrapping_add(1) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct TileKey {
    layer: LayerKey,
    level: u32,
    column: u32,
    row: u32,
}

struct Tile {
    /// None for a tile of an overlay in which nothing is to be seen.
    texture: Option<TextureHandle>,
    /// Pixels of the level that the texture holds, border included.
    rect: PixelRect,
    /// Pixels of the level whose source changed since they were read.
    stale: PixelRect,
    last_used: u64,
}

impl Tile {
    fn bytes(&self) -> usize {
        if self.texture.is_some() { self.rect.area() as usize * 4 } else { 0 }
    }
}

/// What a layer was last read with.
#[derive(Clone, PartialEq)]
enum LayerState {
    Photo(Display),
    Labels { revision: u64, palette: Box<Palette>, is_outline: bool },
}

/// Where the pixels of a layer come from.
pub enum Source<'a> {
    Photo {
        pyramid: &'a Pyramid,
        shading: &'a Shading,
    },
    Labels {
        map: &'a LabelMap,
        palette: &'a Palette,
        /// Only pixels with a neighbour of another id.
        is_outline: bool,
        /// The same map with its coarser copies, where values have an order: zoomed out the largest counts.
        pooled: Option<&'a MaxPyramid>,
    },
}

impl Source<'_> {
    fn size(&self) -> (u32, u32) {
        match self {
            Self::Photo { pyramid, .. } => pyramid.level_size(0),
            Self::Labels { map, .. } => (map.width(), map.height()),
        }
    }

    /// True when it is certain, without reading pixels, that `rect` shows nothing.
    fn is_surely_clear(&self, level: u32, rect: PixelRect) -> bool {
        let Self::Labels { map, palette, .. } = self else { return false };
        let full = PixelRect::new(rect.x0 << level, rect.y0 << level, rect.x1 << level, rect.y1 << level).intersection(map.rect());
        if full.is_empty() {
            return true;
        }
        let (first, last) = (map.tile_index(full.x0, full.y0) as u32, map.tile_index(full.x1 - 1, full.y1 - 1) as u32);
        let columns = map.tile_columns();
        (first / columns..=last / columns).all(|row| {
            (first % columns..=last % columns).all(|column| {
                matches!(map.tile((row * columns + column) as usize), LabelTile::Uniform(v) if palette.0[*v as usize] == Color32::TRANSPARENT)
            })
        })
    }

    fn read(&self, level: u32, rect: PixelRect) -> Vec<Color32> {
        match self {
            Self::Photo { pyramid, shading } => {
                let pixels = pyramid.shown(level, rect, shading).into_vec();
                pixels.into_iter().map(|[r, g, b, _]| Color32::from_rgb(r, g, b)).collect()
            }
            Self::Labels { map, palette, is_outline: false, pooled } => {
                let values = match pooled.and_then(|p| p.level(level)) {
                    Some(coarse) => coarse.crop(rect),
                    None => label_level(map, level, rect),
                };
                values.as_slice().iter().map(|&id| palette.0[id as usize]).collect()
            }
            Self::Labels { map, palette, is_outline: true, .. } => super::outline::rims(map, level, rect, palette),
        }
    }

    fn options(&self, level: u32) -> TextureOptions {
        // Photos below 100 % are scaled smoothly; labels never are: an id between two ids is no id.
        let is_smooth = level > 0 && matches!(self, Self::Photo { .. });
        TextureOptions {
            magnification: if is_smooth { TextureFilter::Linear } else { TextureFilter::Nearest },
            minification: TextureFilter::Linear,
            wrap_mode: TextureWrapMode::ClampToEdge,
            mipmap_mode: None,
        }
    }
}

/// What one frame may still spend.
pub struct Budget {
    tiles: u32,
    until: Option<Instant>,
    /// Tiles that had to wait for a later frame.
    waiting: u32,
    is_first: bool,
}

impl Budget {
    /// At most `tiles` tiles, and none begun after `time`.
    #[must_use]
    pub fn new(tiles: u32, time: Option<Duration>) -> Self {
        Self { tiles, until: time.map(|t| Instant::now() + t), waiting: 0, is_first: true }
    }

    /// The budget of an ordinary frame.
    #[must_use]
    pub fn frame() -> Self {
        Self::new(TILES_PER_FRAME, Some(TIME_PER_FRAME))
    }

    /// True when something is left to do in the next frame.
    #[must_use]
    pub const fn is_overdrawn(&self) -> bool {
        self.waiting > 0
    }

    /// Takes one tile; at least one per frame is granted, or a slow machine would never finish.
    fn take(&mut self) -> bool {
        let is_late = self.until.is_some_and(|until| Instant::now() > until);
        if self.tiles == 0 || (is_late && !self.is_first) {
            self.waiting += 1;
            return false;
        }
        self.tiles -= 1;
        self.is_first = false;
        true
    }
}

/// The textures of everything seen lately, least recently used out first.
pub struct TileCache {
    tiles: HashMap<TileKey, Tile>,
    layers: HashMap<LayerKey, LayerState>,
    frame: u64,
    bytes: usize,
    byte_budget: usize,
}

impl Default for TileCache {
    fn default() -> Self {
        Self::with_byte_budget(BYTE_BUDGET)
    }
}

impl TileCache {
    /// A cache that keeps at most about `byte_budget` bytes of textures (what is in view is kept whatever it takes).
    #[must_use]
    pub fn with_byte_budget(byte_budget: usize) -> Self {
        Self { tiles: HashMap::new(), layers: HashMap::new(), frame: 0, bytes: 0, byte_budget }
    }

    /// Bytes of textures that are kept.
    #[cfg(test)]
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Call once per frame before drawing. Lets go of what was not used for longest while there is too much; what the last frame
    /// drew is kept.
    pub fn begin_frame(&mut self) {
        self.evict();
        self.frame += 1;
    }

    fn evict(&mut self) {
        const MOST_TILES: usize = 8192;
        const MOST_LAYERS: usize = 256;
        if self.layers.len() > MOST_LAYERS {
            let used: HashSet<LayerKey> = self.tiles.keys().map(|key| key.layer).collect();
            self.layers.retain(|key, _| used.contains(key));
        }
        if self.bytes <= self.byte_budget && self.tiles.len() <= MOST_TILES {
            return;
        }
        let mut unused: Vec<(u64, TileKey)> =
            self.tiles.iter().filter(|(_, tile)| tile.last_used < self.frame).map(|(key, tile)| (tile.last_used, *key)).collect();
        unused.sort_unstable_by_key(|(used, _)| *used);
        for (_, key) in unused {
            if self.bytes <= self.byte_budget && self.tiles.len() <= MOST_TILES {
                break;
            }
            if let Some(tile) = self.tiles.remove(&key) {
                self.bytes -= tile.bytes();
            }
        }
    }

    /// Says how a photo is now shown; another way than last time makes its tiles stale.
    pub fn sync_photo(&mut self, layer: LayerKey, display: Display) {
        self.sync(layer, LayerState::Photo(display));
    }

    /// Says which revision of a label map is now shown through which palette; another one than last time makes its tiles stale.
    pub fn sync_labels(&mut self, layer: LayerKey, revision: u64, palette: &Palette, is_outline: bool) {
        if let Some(LayerState::Labels { revision: r, palette: p, .. }) = self.layers.get(&layer)
            && *r == revision
            && **p == *palette
        {
            return;
        }
        self.sync(layer, LayerState::Labels { revision, palette: Box::new(palette.clone()), is_outline });
    }

    fn sync(&mut self, layer: LayerKey, state: LayerState) {
        let is_new = self.layers.get(&layer).is_some_and(|old| *old != state);
        if is_new {
            for (_, tile) in self.tiles.iter_mut().filter(|(key, _)| key.layer == layer) {
                tile.stale = tile.rect;
            }
        }
        self.layers.insert(layer, state);
    }

    /// Says that the label map of `layer` changed inside `rect` (image pixels) and is now at `revision`; nothing else changed.
    pub fn mark_dirty(&mut self, layer: LayerKey, rect: PixelRect, revision: u64) {
        // A pixel next to a changed one may begin or cease to be on the outline.
        let mut margin = 0;
        if let Some(LayerState::Labels { revision: known, is_outline, .. }) = self.layers.get_mut(&layer) {
            *known = revision;
            margin = u32::from(*is_outline);
        }
        if rect.is_empty() {
            return;
        }
        for (key, tile) in self.tiles.iter_mut().filter(|(key, _)| key.layer == layer) {
            let step = 1_u64 << key.level;
            let part = PixelRect::new(
                (rect.x0 >> key.level).saturating_sub(margin),
                (rect.y0 >> key.level).saturating_sub(margin),
                u64::from(rect.x1).div_ceil(step) as u32 + margin,
                u64::from(rect.y1).div_ceil(step) as u32 + margin,
            )
            .intersection(tile.rect);
            tile.stale = tile.stale.union(part);
        }
    }

    /// Makes the first tile of `level` without drawing it.
    pub fn prepare(&mut self, ctx: &Context, layer: LayerKey, source: &Source<'_>, level: u32, budget: &mut Budget) {
        self.refresh(ctx, TileKey { layer, level, column: 0, row: 0 }, source, budget);
    }

    /// Draws the part of a layer that is in `view`, cut to the painter's clip rectangle. `tint` is white × opacity.
    #[expect(clippy::too_many_arguments, reason = "one layer's whole drawing, called in one place")]
    pub fn draw(
        &mut self,
        painter: &Painter,
        view: &CanvasView,
        layer: LayerKey,
        source: &Source<'_>,
        level: u32,
        tint: Color32,
        budget: &mut Budget,
    ) {
        let (width, height) = source.size();
        let (level_width, level_height) = level_size(width, height, level);
        let visible = view.visible_pixels();
        if visible.is_empty() || tint == Color32::TRANSPARENT {
            return;
        }
        let columns = (visible.x0 >> level) / TILE_SIDE..=((visible.x1 - 1) >> level).min(level_width - 1) / TILE_SIDE;
        let rows = (visible.y0 >> level) / TILE_SIDE..=((visible.y1 - 1) >> level).min(level_height - 1) / TILE_SIDE;
        let mut keys: Vec<TileKey> =
            rows.flat_map(|row| columns.clone().map(move |column| TileKey { layer, level, column, row })).collect();
        // What the person looks at comes first.
        let middle = visible.centre();
        let place = |key: &TileKey| {
            let side = f64::from(TILE_SIDE << level);
            Point::new((f64::from(key.column) + 0.5) * side, (f64::from(key.row) + 0.5) * side).distance(middle)
        };
        keys.sort_by(|a, b| place(a).total_cmp(&place(b)));

        let mut shapes = Vec::with_capacity(keys.len());
        let mut stand_ins = Vec::new();
        for key in keys {
            if self.refresh(painter.ctx(), key, source, budget) {
                self.push(key, view, tint, visible, &mut shapes);
            } else {
                self.push_stand_ins(key, view, tint, visible, source, &mut stand_ins);
            }
        }
        painter.extend(stand_ins);
        painter.extend(shapes);
    }

    /// Makes or re-reads a tile as far as the budget allows; false when there is nothing to show in its place.
    fn refresh(&mut self, ctx: &Context, key: TileKey, source: &Source<'_>, budget: &mut Budget) -> bool {
        let frame = self.frame;
        let (width, height) = source.size();
        if let Some(tile) = self.tiles.get_mut(&key) {
            tile.last_used = frame;
            if tile.stale.is_empty() {
                return true;
            }
            // A part is re-read at once, or a stroke would lag behind the hand; a whole tile has to queue.
            if tile.stale == tile.rect && !source.is_surely_clear(key.level, tile.rect) && !budget.take() {
                return true;
            }
            let part = tile.stale;
            tile.stale = PixelRect::EMPTY;
            match &mut tile.texture {
                Some(texture) => {
                    let image = color_image(part, source.read(key.level, part));
                    let at = [(part.x0 - tile.rect.x0) as usize, (part.y0 - tile.rect.y0) as usize];
                    texture.set_partial(at, image, source.options(key.level));
                }
                None => {
                    // The rest of the tile was clear and did not change: only the part has to be read.
                    if !source.is_surely_clear(key.level, part) {
                        let pixels = spread(tile.rect, part, &source.read(key.level, part));
                        tile.texture = load(ctx, key, tile.rect, source, pixels);
                        self.bytes += tile.bytes();
                    }
                }
            }
            return true;
        }
        let (level_width, level_height) = level_size(width, height, key.level);
        let (x0, y0) = (key.column * TILE_SIDE, key.row * TILE_SIDE);
        let rect = PixelRect::new(x0, y0, (x0 + TILE_SIDE).min(level_width), (y0 + TILE_SIDE).min(level_height)).grown(
            BORDER,
            level_width,
            level_height,
        );
        let texture = if source.is_surely_clear(key.level, rect) {
            None
        } else if budget.take() {
            load(ctx, key, rect, source, source.read(key.level, rect))
        } else {
            return false;
        };
        let tile = Tile { texture, rect, stale: PixelRect::EMPTY, last_used: frame };
        self.bytes += tile.bytes();
        self.tiles.insert(key, tile);
        true
    }

    /// Adds the visible part of a tile.
    fn push(&mut self, key: TileKey, view: &CanvasView, tint: Color32, visible: PixelRect, shapes: &mut Vec<Shape>) {
        let Some(tile) = self.tiles.get_mut(&key) else { return };
        tile.last_used = self.frame;
        let Some(texture) = &tile.texture else { return };
        let part = content_rect(key, view).intersection(visible);
        if part.is_empty() {
            return;
        }
        let step = f64::from(1_u32 << key.level);
        let uv = |x: u32, y: u32| {
            Pos2::new(
                ((f64::from(x) / step - f64::from(tile.rect.x0)) / f64::from(tile.rect.width())) as f32,
                ((f64::from(y) / step - f64::from(tile.rect.y0)) / f64::from(tile.rect.height())) as f32,
            )
        };
        let mut mesh = Mesh::with_texture(texture.id());
        // Neighbours compute their common edge from the same pixel column, so not a hair of ground shows between them.
        mesh.add_rect_with_uv(view.screen_rect(part), Rect::from_min_max(uv(part.x0, part.y0), uv(part.x1, part.y1)), tint);
        shapes.push(Shape::mesh(mesh));
    }

    /// Adds what there is in place of a missing tile: a fresh coarser tile, and over it the four finer ones as far as they are there.
    fn push_stand_ins(
        &mut self,
        key: TileKey,
        view: &CanvasView,
        tint: Color32,
        visible: PixelRect,
        source: &Source<'_>,
        shapes: &mut Vec<Shape>,
    ) {
        let area = content_rect(key, view).intersection(visible);
        let (width, height) = source.size();
        let fresh = |cache: &Self, key: &TileKey| cache.tiles.get(key).is_some_and(|t| t.stale.is_empty());
        let children = key.level.checked_sub(1).map(|level| {
            [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| TileKey {
                level,
                column: key.column * 2 + dx,
                row: key.row * 2 + dy,
                ..key
            })
        });
        if let Some(children) = children {
            let needed: Vec<TileKey> =
                children.into_iter().filter(|c| !content_rect(*c, view).intersection(area).is_empty()).collect();
            if needed.iter().all(|child| fresh(self, child)) {
                for child in needed {
                    self.push(child, view, tint, area, shapes);
                }
                return;
            }
        }
        let mut coarse = key;
        while level_size(width, height, coarse.level).0.max(level_size(width, height, coarse.level).1) > 128 {
            coarse = TileKey { level: coarse.level + 1, column: coarse.column / 2, row: coarse.row / 2, ..coarse };
            if fresh(self, &coarse) {
                self.push(coarse, view, tint, area, shapes);
                return;
            }
        }
    }
}

/// The image pixels that a tile stands for, without its border.
fn content_rect(key: TileKey, view: &CanvasView) -> PixelRect {
    let (width, height) = view.image_size();
    let side = u64::from(TILE_SIDE) << key.level;
    let edge = |index: u32, limit: u32| (u64::from(index) * side).min(u64::from(limit)) as u32;
    PixelRect::new(edge(key.column, width), edge(key.row, height), edge(key.column + 1, width), edge(key.row + 1, height))
}

/// A new texture for `rect`, None when it would be clear everywhere.
fn load(ctx: &Context, key: TileKey, rect: PixelRect, source: &Source<'_>, pixels: Vec<Color32>) -> Option<TextureHandle> {
    if matches!(source, Source::Labels { .. }) && pixels.iter().all(|&c| c == Color32::TRANSPARENT) {
        return None;
    }
    let name = format!("canvas {}/{}/{}", key.level, key.column, key.row);
    Some(ctx.load_texture(name, color_image(rect, pixels), source.options(key.level)))
}

/// The pixels of `part` on a clear `rect` that holds it.
fn spread(rect: PixelRect, part: PixelRect, pixels: &[Color32]) -> Vec<Color32> {
    let mut all = vec![Color32::TRANSPARENT; rect.area() as usize];
    for (row, values) in pixels.chunks_exact(part.width() as usize).enumerate() {
        let at = (part.y0 - rect.y0) as usize + row;
        let start = at * rect.width() as usize + (part.x0 - rect.x0) as usize;
        all[start..start + values.len()].copy_from_slice(values);
    }
    all
}

fn color_image(rect: PixelRect, pixels: Vec<Color32>) -> ColorImage {
    ColorImage::new([rect.width() as usize, rect.height() as usize], pixels)
}
