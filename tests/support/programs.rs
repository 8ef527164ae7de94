//! Programs and folders of a test run, which never outlive it, however it ends.
//!
//! A panic drops them, a plain end does not (statics are never dropped), and a killed test process
//! runs nothing at all. So one watchdog, a small shell, holds the reading end of a pipe: when the
//! test process is gone the pipe ends, and the watchdog stops what still runs and clears the folders.
//! (The kernel's parent-death signal would not do: it fires when the *thread* that started the child
//! ends, which for a test is long before the process does.)

use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The environment variable by which a program and all it starts are known.
const MARK: &str = "LANYARD_TEST_PROGRAM";

/// Reads `program PID SIGNAL`, `ended PID` and `folder PATH` until the test process is gone.
const WATCHDOG: &str = r#"
programs= folders=
while read -r word what signal; do
  case $word in
    program) programs="$programs $what:$signal" ;;
    ended) rest=; for one in $programs; do [ "${one%:*}" = "$what" ] || rest="$rest $one"; done; programs=$rest ;;
    folder) folders="$folders $what" ;;
  esac
done
for one in $programs; do kill -s "${one#*:}" "${one%:*}"; done
tries=0
for one in $programs; do
  while [ -e "/proc/${one%:*}/exe" ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
done
for left in $(grep -l "$1" /proc/[0-9]*/environ | cut -d/ -f3); do kill -s KILL "$left"; done
# Twice, since what is just dying may still write.
for folder in $folders; do rm -rf "$folder"; done
sleep 0.3
for folder in $folders; do rm -rf "$folder"; done
"#;

/// A running program; dropping it stops it and whatever it started.
pub struct Program {
    child: Child,
    mark: String,
    signal: &'static str,
}

impl Program {
    /// Starts `command`; `signal` ("TERM", "INT", "QUIT") is what asks it to end.
    pub fn start(command: &mut Command, signal: &'static str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let mark = format!("{}-{}", run_mark(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut watchdog = watchdog();
        let name = command.get_program().to_string_lossy().into_owned();
        // A group of its own, so that Ctrl-C in a terminal leaves stopping to the watchdog.
        let child = command
            .env(MARK, &mark)
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        tell(&mut watchdog, &format!("program {} {signal}", child.id()));
        Self { child, mark, signal }
    }

    /// Whether the program has not ended yet.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks the program to end, and ends it after ten seconds; then ends what it left behind.
    pub fn stop(&mut self) {
        let family = self.family();
        if self.is_running() {
            signal(self.child.id(), self.signal);
            let deadline = Instant::now() + Duration::from_secs(10);
            while self.is_running() && Instant::now() < deadline {
                sleep(Duration::from_millis(10));
            }
        }
        self.end(family);
    }

    /// Ends the program and all it started at once, as a crash would.
    pub fn kill(&mut self) {
        let family = self.family();
        self.end(family);
    }

    fn end(&mut self, family: Vec<u32>) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        tell(&mut watchdog(), &format!("ended {}", self.child.id()));
        let mut left = [family, marked(&self.mark)].concat();
        let deadline = Instant::now() + Duration::from_secs(5);
        // A dying process may still write, so its folder can only go when it is gone.
        left.retain(|process| is_alive(*process));
        left.iter().for_each(|process| signal(*process, "KILL"));
        while left.iter().any(|process| is_alive(*process)) && Instant::now() < deadline {
            sleep(Duration::from_millis(10));
        }
    }

    /// What the program started: by descent, as some programs overwrite their environment, and by
    /// mark, as some leave their parents.
    fn family(&self) -> Vec<u32> {
        let parents: Vec<(u32, u32)> = processes().filter_map(|process| Some((process, parent_of(process)?))).collect();
        let mut family = vec![self.child.id()];
        let mut next = 0;
        while let Some(parent) = family.get(next).copied() {
            family.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(process, _)| *process));
            next += 1;
        }
        family.remove(0);
        [family, marked(&self.mark)].concat()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A folder of this run, removed when dropped or when the test process ends.
pub struct Folder(PathBuf);

impl Folder {
    /// Makes a new folder in memory when /dev/shm has a gigabyte to spare, else on disk.
    pub fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        if free_kib(memory) > 1_048_576 { Self::under(memory) } else { Self::on_disk() }
    }

    /// Makes a new folder on disk, in the system's temporary folder.
    pub fn on_disk() -> Self {
        Self::under(&std::env::temp_dir())
    }

    /// A folder on disk that is made by whoever first writes into it.
    pub fn promised() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("lanyard-test-files-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        tell(&mut watchdog(), &format!("folder {}", path.display()));
        Self(path)
    }

    fn under(parent: &Path) -> Self {
        let path = tempfile::Builder::new()
            .prefix("lanyard-test-")
            .tempdir_in(parent)
            .unwrap_or_else(|error| panic!("no folder in {}: {error}", parent.display()))
            .keep();
        tell(&mut watchdog(), &format!("folder {}", path.display()));
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A program that is just ending may still write a last file.
        for _ in 0..20 {
            if fs::remove_dir_all(&self.0).is_ok() || !self.0.exists() {
                return;
            }
            sleep(Duration::from_millis(50));
        }
    }
}

/// The first of `names` that is an executable file in PATH or in one of `folders`.
pub fn find_program(names: &[&str], folders: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).chain(folders.iter().map(PathBuf::from)).collect();
    names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|file| file.is_file())
}

fn run_mark() -> String {
    format!("lanyard-{}", std::process::id())
}

/// The watchdog, which starts with the first program or folder.
fn watchdog() -> MutexGuard<'static, Child> {
    static RUNNING: OnceLock<Mutex<Child>> = OnceLock::new();
    let running = RUNNING.get_or_init(|| {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", WATCHDOG, "watchdog", &format!("{MARK}={}-", run_mark())]).env_remove(MARK).current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        Mutex::new(command.spawn().expect("/bin/sh does not start"))
    });
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tell(watchdog: &mut Child, line: &str) {
    let pipe = watchdog.stdin.as_mut().expect("the watchdog's input is a pipe");
    writeln!(pipe, "{line}").expect("the watchdog is gone");
}

fn signal(process: u32, signal: &str) {
    // The shell's own kill: the program of that name is missing on small systems.
    let _ =
        Command::new("/bin/sh").args(["-c", "kill -s \"$1\" \"$2\"", "kill", signal, &process.to_string()]).stderr(Stdio::null()).status();
}

/// The processes that carry `mark` in their environment.
fn marked(mark: &str) -> Vec<u32> {
    let entry = format!("{MARK}={mark}");
    let carries = |process: &u32| {
        let environment = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|one| one == entry.as_bytes())
    };
    processes().filter(carries).collect()
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn parent_of(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in parentheses, may contain anything.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// Whether a process runs; one that only waits to be collected does not.
fn is_alive(process: u32) -> bool {
    fs::read_link(format!("/proc/{process}/exe")).is_ok()
}

fn free_kib(folder: &Path) -> u64 {
    let output = Command::new("df").arg("-Pk").arg(folder).stderr(Stdio::null()).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    text.ok().and_then(|text| text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()).unwrap_or(0)
}
