//! A machine to try a document of commands on: this one, with mounts, processes and a network of its own,
//! in which everything that is written to /etc, /usr/local and /var is gone at the end.

use std::{
    env,
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use tempfile::TempDir;

/// Run by a shell that is the first process of the machine: it gets paths of scripts, runs each in the
/// directory of the package and prints its status.
const FIRST_PROCESS: &str = r#"
set -euo pipefail
folder=$1
mount -t tmpfs tmpfs "$folder/written"
for place in etc usr/local var; do
    mkdir -p "$folder/written/$place/upper" "$folder/written/$place/work"
    mount -t overlay overlay \
        -o "lowerdir=/$place,upperdir=$folder/written/$place/upper,workdir=$folder/written/$place/work" \
        "/$place"
done
ip link set lo up
cd "$folder/package"
echo ready
while read -r script; do
    status=0
    bash -euo pipefail "$script" >"$script.out" 2>&1 </dev/null || status=$?
    echo "$status"
done
"#;

/// What stands in for systemd.
const STAND_INS: [&str; 2] = ["systemctl", "journalctl"];

pub struct Machine {
    folder: TempDir,
    shell: Child,
    to_shell: Option<ChildStdin>,
    from_shell: BufReader<ChildStdout>,
    scripts: usize,
}

impl Machine {
    /// A machine with a package: the program, and the files of `packaging/`.
    ///
    /// # Errors
    /// Why this platform allows no such machine.
    pub fn new(program: &Path) -> Result<Self, String> {
        let folder = TempDir::new().unwrap();
        // Others go through it: the user of the service.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for name in ["written", "package", "stand-ins", "scripts"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let package = folder.path().join("package");
        copy_program(program, &package.join("consent-backend"));
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for file in fs::read_dir(root.join("../packaging")).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), package.join(file.file_name())).unwrap();
        }
        let stand_ins = folder.path().join("stand-ins");
        for name in STAND_INS {
            fs::copy(root.join("tests/suite/operations").join(name), stand_ins.join(name)).unwrap();
        }
        let errors = folder.path().join("errors");
        let path = format!(
            "{}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            stand_ins.display()
        );
        let mut shell = Command::new("unshare")
            .args(["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "bash"])
            .args(["-c", FIRST_PROCESS, "bash"])
            .arg(folder.path())
            .env("PATH", path)
            .env_remove("RUST_LOG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&errors).unwrap())
            .spawn()
            .map_err(|error| format!("unshare: {error}"))?;
        let to_shell = shell.stdin.take();
        let from_shell = BufReader::new(shell.stdout.take().unwrap());
        let mut machine = Self { folder, shell, to_shell, from_shell, scripts: 0 };
        if machine.line() != "ready" {
            return Err(fs::read_to_string(errors).unwrap());
        }
        Ok(machine)
    }

    /// Runs commands as root, in the directory of the package. Returns the exit status and what they print.
    pub fn run(&mut self, commands: &str) -> (i32, String) {
        self.scripts += 1;
        let script = self.folder.path().join("scripts").join(self.scripts.to_string());
        fs::write(&script, commands).unwrap();
        writeln!(self.to_shell.as_mut().unwrap(), "{}", script.display()).unwrap();
        let status = self.line();
        let output = fs::read(script.with_extension("out")).unwrap();
        let status = status.parse().unwrap_or_else(|_| panic!("the machine ended: {commands}"));
        (status, String::from_utf8_lossy(&output).into_owned())
    }

    /// The output of commands that must succeed.
    #[track_caller]
    pub fn succeeds(&mut self, commands: &str) -> String {
        let (status, output) = self.run(commands);
        if status != 0 {
            let (_, journal) = self.run("journalctl");
            panic!("status {status}:\n{commands}\n{output}\njournal:\n{journal}");
        }
        output
    }

    /// Where a file of the test is, also inside the machine.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("scripts").join(name)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.from_shell.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // The first process ends at the end of its input, and all others with it.
        drop(self.to_shell.take());
        let _ = self.shell.wait();
    }
}

/// Without what is for a debugger, where that can be removed: the copy is kept in memory.
fn copy_program(from: &Path, to: &Path) {
    let stripped = Command::new("strip").arg("-o").arg(to).arg(from).status();
    if !stripped.is_ok_and(|status| status.success()) {
        fs::copy(from, to).unwrap();
    }
}

/// The program to try: the one that was named, or the one that this suite tests.
pub fn program() -> PathBuf {
    env::var_os("CONSENT_BACKEND")
        .map_or_else(|| env!("CARGO_BIN_EXE_consent-backend").into(), PathBuf::from)
}
