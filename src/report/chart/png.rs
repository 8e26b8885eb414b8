//! A chart as a picture: SVG to PNG with fonts of our own, so that it is the same on every machine.

use std::io;
use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

/// Family of the fonts, which covers Latin, Arabic, Greek and Cyrillic.
pub(super) const FAMILY: &str = "DejaVu Sans";
/// Largest picture, in pixels of one side.
const MOST_PIXELS: f32 = 8192.0;

/// Draws an SVG that stands alone; `zoom` is the number of pixels of a unit (2 for sharp screens and print).
///
/// # Errors
/// Where the SVG cannot be read, or the picture would be larger than 8192 pixels.
pub fn png(svg: &str, zoom: f32) -> io::Result<Vec<u8>> {
    let options = Options { font_family: FAMILY.to_owned(), fontdb: fonts(), ..Options::default() };
    let tree = Tree::from_str(svg, &options).map_err(io::Error::other)?;
    let size = tree.size();
    let pixels = |units: f32| (units * zoom).ceil().clamp(1.0, MOST_PIXELS + 1.0);
    let (width, height) = (pixels(size.width()), pixels(size.height()));
    if width > MOST_PIXELS || height > MOST_PIXELS {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("a picture of {width} by {height} pixels")));
    }
    let mut picture = Pixmap::new(width as u32, height as u32).ok_or_else(|| io::Error::other("no room for it"))?;
    resvg::render(&tree, Transform::from_scale(zoom, zoom), &mut picture.as_mut());
    picture.encode_png().map_err(io::Error::other)
}

/// The fonts, read once.
fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    Arc::clone(FONTS.get_or_init(|| {
        let mut fonts = fontdb::Database::new();
        for font in [dejavu::sans::regular(), dejavu::sans::bold()] {
            fonts.load_font_source(fontdb::Source::Binary(Arc::new(font)));
        }
        fonts.set_sans_serif_family(FAMILY);
        Arc::new(fonts)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SVG: &str =
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><text x="2" y="15">a</text></svg>"#;

    /// Width and height as the head of a PNG says them.
    fn size(png: &[u8]) -> (u32, u32) {
        let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        (number(16), number(20))
    }

    #[test]
    fn a_picture_has_its_size_and_its_letters() {
        let png = png(SVG, 2.0).unwrap();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
        assert_eq!(size(&png), (80, 40));
        let picture = Pixmap::decode_png(&png).unwrap();
        assert!(picture.pixels().iter().any(|pixel| pixel.alpha() > 200), "the letter was drawn");
    }

    #[test]
    fn what_is_no_svg_or_too_large_is_refused() {
        assert!(png("<svg", 1.0).is_err());
        assert!(png(SVG, 1000.0).unwrap_err().to_string().contains("pixels"));
    }
}
