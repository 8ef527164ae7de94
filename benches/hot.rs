//! The functions that every scan, page or quote runs through.

use criterion::{Criterion, criterion_group, criterion_main};
use lanyard::badges::layouts::{Front, Layout};
use lanyard::badges::rules::{read, token};
use lanyard::badges::typeset::{self, PrintJob, ToPrint};
use lanyard::people::rules::fold;
use lanyard::pricing::rules::{Candidate, DiscountKind, weigh};
use std::hint::black_box;
use std::sync::atomic::AtomicUsize;

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn a_sheet(token: &str) -> PrintJob {
    let front = |number: usize| Front {
        first: format!("Maya{number}"),
        rest: "Okafor".to_owned(),
        credentials: "MSN, RN".to_owned(),
        organization: "Harborview Medical Center".to_owned(),
        city: "Seattle, WA".to_owned(),
        kind: "General conference".to_owned(),
    };
    let badge = |number| ToPrint { front: front(number), token: token.to_owned(), ribbon: number, sessions: Vec::new() };
    let (event, badges) = ("Patient Safety Congress".to_owned(), (0..6).map(badge).collect());
    PrintJob { event, layout: Layout::Letter, backs: false, first_slot: 0, badges, lines: Vec::new() }
}

fn hot(criterion: &mut Criterion) {
    let badge = token("00112233445566778899aabbccddeeff", KEY).expect("a token");
    criterion.bench_function("read a badge's token", |bencher| bencher.iter(|| read(black_box(&badge), KEY)));
    criterion.bench_function("fold a name", |bencher| bencher.iter(|| fold(black_box("María de los Ángeles Fernández-Castañeda"))));
    criterion.bench_function("QR code as SVG", |bencher| bencher.iter(|| lanyard::qr::svg(black_box(&badge))));
    let fonts = lanyard::pdf::fonts::Fonts::of(std::path::Path::new("/usr/share/fonts")).expect("fonts");
    let sheet = a_sheet(&badge);
    criterion.bench_function("a sheet of six badges as PDF", |bencher| {
        bencher.iter(|| typeset::pdf(black_box(&sheet), fonts, &AtomicUsize::new(0)));
    });
    let candidate = |kind, percent| Candidate { kind, percent, usable: true, reason: String::new(), code_id: None };
    let candidates =
        [candidate(DiscountKind::RecognizedHospital, 15), candidate(DiscountKind::Group, 15), candidate(DiscountKind::Promotional, 10)];
    criterion.bench_function("weigh three discounts", |bencher| bencher.iter(|| weigh(black_box(129_910), true, &candidates)));
}

criterion_group!(benches, hot);
criterion_main!(benches);
