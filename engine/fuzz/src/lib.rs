//! Between libFuzzer and the targets: a stack as large as the service's, and a measure of the
//! memory that an input takes.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{LazyLock, Mutex};
use std::thread;

use embargo_fuzzing::{STACK_BYTES, Target};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Bytes of memory that any input may take, and how many more for each of its own.
const ANY: usize = 32 * 1_024 * 1_024;
const EACH: usize = 100;

/// The thread with the large stack: what goes in, and a word when it is done.
type Fed = Mutex<(Sender<(Target, Vec<u8>)>, Receiver<()>)>;

static FED: LazyLock<Fed> = LazyLock::new(|| {
    let (to, inputs) = channel::<(Target, Vec<u8>)>();
    let (done, from) = channel();
    thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || {
            for (target, bytes) in inputs {
                target.feed(&bytes);
                done.send(()).expect("somebody waits");
            }
        })
        .expect("a thread starts");
    Mutex::new((to, from))
});

/// Feeds a target. A panic ends the process, as libFuzzer wants it.
pub fn feed(name: &str, bytes: &[u8]) {
    let target = Target::named(name).expect("there is such a target");
    let fed = FED.lock().expect("nobody panicked");
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    fed.0.send((target, bytes.to_vec())).expect("it runs");
    fed.1.recv().expect("it is done");
    let taken = MEMORY.peak_usage().saturating_sub(before);
    let most = ANY + EACH * bytes.len();
    assert!(taken <= most, "{} bytes took {taken} bytes", bytes.len());
}
