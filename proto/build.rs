//! Compiles the API with protox, so that a build needs no `protoc`, and keeps the encoded
//! descriptors beside the generated code for gRPC reflection.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;

/// Where the files of the API are, and what they import.
const API: &str = "embargo/v1";
const THIRD_PARTY: &str = "third_party";
/// The contract of Envoy that a server answers beside the API.
const ENVOY: &str = "third_party/envoy/service/auth/v3/external_auth.proto";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    // Both as folders: a file that is added or removed counts, too.
    println!("cargo::rerun-if-changed={API}");
    println!("cargo::rerun-if-changed={THIRD_PARTY}");

    generate(api_files()?, &[".", THIRD_PARTY], "embargo_v1")?;
    generate(vec![ENVOY.into()], &[THIRD_PARTY], "envoy_auth_v3")
}

/// Writes the code of `files`, and their descriptors under `name`.
fn generate(files: Vec<PathBuf>, imports: &[&str], name: &str) -> Result<(), Box<dyn Error>> {
    let descriptors = protox::compile(files, imports)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(
        out.join(format!("{name}_descriptors.bin")),
        descriptors.encode_to_vec(),
    )?;
    tonic_prost_build::configure()
        .emit_rerun_if_changed(false)
        .extern_path(".google.rpc", "::tonic_types::pb")
        .compile_fds(descriptors)?;
    Ok(())
}

/// The files of the API in a fixed order, so that equal sources give equal descriptors.
fn api_files() -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(API)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "proto")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
