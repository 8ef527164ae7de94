//! The functions that every scan, page or quote runs through.

use criterion::{Criterion, criterion_group, criterion_main};
use lanyard::badges::rules::{read, token};
use lanyard::people::rules::fold;
use lanyard::pricing::rules::{Candidate, DiscountKind, weigh};
use std::hint::black_box;

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn hot(criterion: &mut Criterion) {
    let badge = token("00112233445566778899aabbccddeeff", KEY).expect("a token");
    criterion.bench_function("read a badge's token", |bencher| bencher.iter(|| read(black_box(&badge), KEY)));
    criterion.bench_function("fold a name", |bencher| bencher.iter(|| fold(black_box("María de los Ángeles Fernández-Castañeda"))));
    criterion.bench_function("QR code as SVG", |bencher| bencher.iter(|| lanyard::qr::svg(black_box(&badge))));
    let candidate = |kind, percent| Candidate { kind, percent, usable: true, reason: String::new(), code_id: None };
    let candidates =
        [candidate(DiscountKind::RecognizedHospital, 15), candidate(DiscountKind::Group, 15), candidate(DiscountKind::Promotional, 10)];
    criterion.bench_function("weigh three discounts", |bencher| bencher.iter(|| weigh(black_box(129_910), true, &candidates)));
}

criterion_group!(benches, hot);
criterion_main!(benches);
