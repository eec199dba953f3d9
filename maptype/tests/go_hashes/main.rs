//! Go's own hash functions give what real Go gives, in every family: a program built with Go 1.19
//! and Go 1.23 prints the hashes of inputs drawn from a seed; the same inputs are drawn and hashed
//! here.
#![cfg(target_pointer_width = "64")]

mod built;
#[path = "../common/random.rs"]
mod random;
mod shapes;

use std::ffi::c_void;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::ptr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use built::{Built, keep};
use maptype::Type;
use maptype::alg::go::{Family, GoHash, Hasher};
use maptype::alg::{FLOAT32, FLOAT64, GoString, STRING};
use random::Random;
use shapes::Shape;

const SEED: u64 = 20_231_109;
const LONGEST: usize = 300;
const ALIGNMENTS: usize = 8;

#[test]
fn go119_hashes_alike() {
    let nans = compare(Family::Go119, "hashes-1.19");
    assert!(nans.iter().all(|&drawn| drawn <= u64::from(u32::MAX)));
}

#[test]
fn go123_hashes_alike() {
    let nans = compare(Family::Go123, "hashes-1.23");
    assert!(nans.iter().any(|&drawn| drawn > u64::from(u32::MAX)));
}

/// Go 1.22 is not built here. Its release 1.22.10 had these keys, and printed hashes with this
/// digest, and these for NaNs.
#[test]
fn go122_hashes_alike() {
    let keys = [
        0x673d_b816_30fd_32d9,
        0x4c0d_8694_f247_1d4b,
        0xe797_ff5c_bac4_0885,
        0xe5c5_4587_4646_3e57,
    ];
    let nans = [
        "nan f32 fcf8d96374f4bb7e f64 9bfad7f2411becd5",
        "nan f32 93ff4dac01eebcb7 f64 55f5f69964db5c97",
        "nan f32 f05438fe142ea78a f64 4c28412fdc20f77b",
        "nan f32 25f86f8fc3667780 f64 226e600bf4d61d5c",
    ];
    let (go, drawn) = go_hash(Family::Go122, keys);
    let mut random = Random(SEED);
    let mut ours = memory_lines(go, &mut random);
    ours.extend(value_lines(go, &mut random));
    assert_eq!(digest(&ours), 0xa917_35ab_854c_348e);
    let drawn: Vec<u64> = nans
        .into_iter()
        .flat_map(|line| nan_drawn(go, drawn, line, &mut random))
        .collect();
    assert!(drawn.iter().any(|&drawn| drawn > u64::from(u32::MAX)));
}

/// FNV-1a of the lines.
fn digest(lines: &[String]) -> u64 {
    let bytes = lines.iter().flat_map(|line| line.bytes().chain([b'\n']));
    bytes.fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The hash functions with these keys, and what they draw for NaNs.
fn go_hash(family: Family, keys: [u64; 4]) -> (&'static GoHash, &'static AtomicU64) {
    let drawn = keep(AtomicU64::new(0));
    let context = ptr::from_ref(drawn).cast_mut().cast();
    (keep(GoHash::new(family, keys, take_drawn, context)), drawn)
}

/// Hashes what the Go program `name` hashes, and expects the same output line by line. Returns the
/// random numbers in its hashes of NaNs.
fn compare(family: Family, name: &str) -> Vec<u64> {
    let output = run(name);
    let mut theirs = output.lines();
    let keys: Vec<u64> = theirs.next().unwrap().split(' ').skip(1).map(hex).collect();
    let (go, drawn) = go_hash(family, keys.try_into().unwrap());

    let mut random = Random(SEED);
    let memory = memory_lines(go, &mut random);
    let values = value_lines(go, &mut random);
    for (number, ours) in memory.into_iter().chain(values).enumerate() {
        assert_eq!(
            ours,
            theirs.next().unwrap(),
            "line {} of {name}",
            number + 2
        );
    }
    let nan = |line| nan_drawn(go, drawn, line, &mut random);
    let nans: Vec<u64> = theirs.flat_map(nan).collect();
    assert_eq!(nans.len(), 200);
    nans
}

/// Builds the Go programs (once) and runs the one of this name.
fn run(name: &str) -> String {
    static PROGRAMS: LazyLock<PathBuf> = LazyLock::new(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let built = Command::new(root.join("tests/go/hashes/build")).status();
        assert!(built.expect("tests/go/hashes/build must run").success());
        root.join("target/go")
    });
    let mut command = Command::new(PROGRAMS.join(name));
    let output = command
        .arg(SEED.to_string())
        .env("GODEBUG", "cpu.aes=off")
        .output();
    let output = output.expect("the Go program must run");
    assert!(output.status.success(), "{name}: {}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

fn hex(digits: &str) -> u64 {
    u64::from_str_radix(digits, 16).unwrap()
}

/// Bytes of every length at every alignment, as memory and as strings.
fn memory_lines(go: &GoHash, random: &mut Random) -> Vec<String> {
    let string = go.of(Hasher::Compiled, &STRING).unwrap();
    let mut lines = Vec::new();
    for n in 0..=LONGEST {
        for align in 0..ALIGNMENTS {
            let mut data = vec![0u64; (ALIGNMENTS + n).div_ceil(8)];
            let data = &mut bytemuck::cast_slice_mut(&mut data)[align..align + n];
            data.copy_from_slice(&random.bytes(n));
            let seed = random.next();
            let header = GoString::new(data);
            // SAFETY: both are readable, and of these types.
            let (memhash, strhash) = unsafe {
                let strhash = string.alg.hash.unwrap();
                (
                    go.memhash(data.as_ptr(), seed, n),
                    strhash(header.as_key(), seed as usize, &string),
                )
            };
            lines.push(format!(
                "bytes {n} at {align} memhash {memhash:x} strhash {strhash:x}"
            ));
            if n == 4 || n == 8 {
                lines.push(format!("memhash{} {memhash:x}", 8 * n));
            }
        }
    }
    lines
}

/// Values of every key type.
fn value_lines(go: &'static GoHash, random: &mut Random) -> Vec<String> {
    let interpreted = |shape: &Shape| Built::new(go, Hasher::Interpreted, shape);
    let dynamic: Vec<Built> = shapes::dynamic().iter().map(interpreted).collect();
    let mut lines = Vec::new();
    for (name, shape) in shapes::keys() {
        let compiled = Built::new(go, Hasher::Compiled, &shape);
        let interpreted = interpreted(&shape);
        for _ in 0..40 {
            let value = compiled.value(random, &dynamic);
            let seed = random.next();
            let (by_map, by_type) = (compiled.hash(value, seed), interpreted.hash(value, seed));
            lines.push(format!(
                "{name} compiled {by_map:x} interpreted {by_type:x}"
            ));
        }
    }
    lines
}

unsafe extern "C-unwind" fn take_drawn(context: *mut c_void) -> u64 {
    // SAFETY: the context given with this function.
    unsafe { &*context.cast::<AtomicU64>() }.load(Ordering::Relaxed)
}

/// The random numbers in the hashes of a NaN of each width, which we then give too if they are
/// drawn.
fn nan_drawn(go: &GoHash, drawn: &AtomicU64, line: &str, random: &mut Random) -> [u64; 2] {
    let words: Vec<&str> = line.split(' ').collect();
    let ["nan", "f32", f32, "f64", f64] = words[..] else {
        panic!("unexpected line: {line}")
    };
    let seed = random.next();
    let check = |ty: &Type, nan: *const u8, theirs: u64| {
        // SAFETY: `nan` is a value of `ty`.
        let hash = |seed: u64| unsafe { ty.alg.hash.unwrap()(nan, seed as usize, ty) as u64 };
        // All hashes of NaN are one product; find what makes it theirs bit by bit, from the lowest.
        drawn.store(0, Ordering::Relaxed);
        let number = (0..64).fold(0, |number, bit| {
            number | ((hash(seed ^ number) ^ theirs) >> bit & 1) << bit
        });
        drawn.store(number, Ordering::Relaxed);
        assert_eq!(hash(seed), theirs);
        number
    };
    let (narrow_nan, wide_nan) = (f32::NAN, f64::NAN);
    let [narrow, wide] = [&FLOAT32, &FLOAT64].map(|ty| go.of(Hasher::Compiled, ty).unwrap());
    [
        check(&narrow, (&raw const narrow_nan).cast(), hex(f32)),
        check(&wide, (&raw const wide_nan).cast(), hex(f64)),
    ]
}
