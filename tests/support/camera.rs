//! Films for a fake camera: a QR code or a picture held still before it, as an uncompressed y4m file.

use image::imageops::{FilterType, overlay, resize};
use image::{GrayImage, Luma};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

const WIDTH: u32 = 640;
const HEIGHT: u32 = 480;
const FRAMES: u32 = 5;

/// The side of the card held before the camera, in pixels.
const CARD: u32 = 400;

/// Films a QR code of `text`, with its quiet zone, in the middle of a gray picture.
pub fn write_y4m_of_qr(text: &str, path: &Path) {
    let code = qrcode::QrCode::new(text).expect("a text that fits a QR code");
    let side = code.width() as u32;
    let quiet = 4;
    let dark = code.to_colors();
    let card = GrayImage::from_fn(side + 2 * quiet, side + 2 * quiet, |x, y| {
        let inside = (quiet..quiet + side).contains(&x) && (quiet..quiet + side).contains(&y);
        let is_dark = inside && dark[((y - quiet) * side + x - quiet) as usize] == qrcode::Color::Dark;
        Luma([if is_dark { 0 } else { 255 }])
    });
    // Whole pixels per module keep the edges sharp.
    let scale = (CARD / card.width()).max(1);
    let card = resize(&card, card.width() * scale, card.height() * scale, FilterType::Nearest);
    write_y4m(&card, path);
}

/// Films a picture (PNG or JPEG), such as the badge's code in a letter, on a white card.
pub fn write_y4m_of_picture(picture: &[u8], path: &Path) {
    let picture = image::load_from_memory(picture).expect("a PNG or JPEG picture").to_luma_alpha8();
    let mut card = GrayImage::from_pixel(picture.width(), picture.height(), Luma([255]));
    for (x, y, pixel) in picture.enumerate_pixels() {
        let [light, alpha] = pixel.0.map(u32::from);
        card.put_pixel(x, y, Luma([((light * alpha + 255 * (255 - alpha)) / 255) as u8]));
    }
    let fit = f64::from(CARD) / f64::from(card.width().max(card.height()));
    let scaled = |side: u32| ((f64::from(side) * fit) as u32).max(1);
    let card = resize(&card, scaled(card.width()), scaled(card.height()), FilterType::Triangle);
    write_y4m(&card, path);
}

fn write_y4m(card: &GrayImage, path: &Path) {
    let mut scene = GrayImage::from_pixel(WIDTH, HEIGHT, Luma([190]));
    let corner = |room: u32, side: u32| i64::from(room.saturating_sub(side) / 2);
    overlay(&mut scene, card, corner(WIDTH, card.width()), corner(HEIGHT, card.height()));
    // Video black is 16 and white 235.
    let light: Vec<u8> = scene.iter().map(|value| (16 + u32::from(*value) * 219 / 255) as u8).collect();
    let color = vec![128_u8; (WIDTH / 2 * (HEIGHT / 2) * 2) as usize];
    let mut file = BufWriter::new(File::create(path).expect("the film's file"));
    writeln!(file, "YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg").expect("the film's head");
    for _ in 0..FRAMES {
        file.write_all(b"FRAME\n").and_then(|()| file.write_all(&light)).expect("a frame's light");
        file.write_all(&color).expect("a frame's color");
    }
    file.flush().expect("the film's end");
}
