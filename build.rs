//! Tells the crate whether the decoder of QR codes was installed (`npm ci`) and can be put into the binary.

fn main() {
    let decoder = "node_modules/zxing-wasm/dist/reader/zxing_reader.wasm";
    println!("cargo::rerun-if-changed={decoder}");
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rustc-check-cfg=cfg(decoder)");
    if std::path::Path::new(decoder).is_file() {
        println!("cargo::rustc-cfg=decoder");
    }
    fold_equal_code();
}

/// Thousands of generic functions come to the same machine code; kept once, the service needs less memory. Only where
/// Rust links with its own linker, which can do it.
fn fold_equal_code() {
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    let links_with_lld = is("CARGO_CFG_TARGET_ARCH", "x86_64") && is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    let flags = std::env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let names_a_linker = std::env::var_os("RUSTC_LINKER").is_some() || flags.contains("link");
    if links_with_lld && !names_a_linker && is("PROFILE", "release") && has_own_linker() {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
}

/// Whether the compiler brought its linker along; some distributions' compilers do not.
fn has_own_linker() -> bool {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let asked = std::process::Command::new(variable("RUSTC")).args(["--print", "sysroot"]).output();
    let Ok(sysroot) = asked.map(|told| String::from_utf8_lossy(&told.stdout).trim().to_owned()) else { return false };
    std::path::Path::new(&sysroot).join("lib/rustlib").join(variable("TARGET")).join("bin/gcc-ld/ld.lld").is_file()
}
