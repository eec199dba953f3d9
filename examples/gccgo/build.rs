//! Links libgcc's `__morestack`, and keeps its thread-locals visible.

fn main() {
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    println!("cargo::rerun-if-changed=exports.map");
    println!("cargo::rustc-cdylib-link-arg=-lgcc");
    println!("cargo::rustc-cdylib-link-arg=-Wl,--version-script={root}/exports.map");
}
