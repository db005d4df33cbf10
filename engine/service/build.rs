//! Has the crate built again when a file of the shipped policies changes: `include_dir!` reads
//! the folder without telling cargo.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../../policies");
}
