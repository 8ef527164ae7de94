//! Tells the crate whether the decoder of QR codes was installed (`npm ci`) and can be put into the binary.

fn main() {
    let decoder = "node_modules/zxing-wasm/dist/reader/zxing_reader.wasm";
    println!("cargo::rerun-if-changed={decoder}");
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rustc-check-cfg=cfg(decoder)");
    if std::path::Path::new(decoder).is_file() {
        println!("cargo::rustc-cfg=decoder");
    }
}
