//! The last stage of the Dockerfile, run without a container engine: an empty root that is read-only, the
//! volume, an unprivileged user, and the program as the first process.

use super::client::Client;
use super::dockerfile::{self, Dockerfile};
use crate::{process, workspace};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Where the builder stage has the package.
const PACKAGE: &str = "/build/target/package/";

/// Mounts the volume in the root, makes the rest read-only, and becomes the program: arguments are the root,
/// the volume in it, what is mounted there, the user, and the command.
const ENTER: &str = "set -e; root=$1; mount --bind \"$root\" \"$root\"; mount --bind \"$3\" \"$root$2\"
mount -o remount,ro,bind \"$root\"; user=$4; shift 4; exec chroot --userspec=\"$user\" \"$root\" \"$@\"";

/// What a container engine puts into every container.
const HOSTS: &str = "127.0.0.1 localhost\n::1 localhost\n";

/// A service, and a provider on this machine that is found by name.
fn services(port: u16) -> String {
    format!(
        "[sign_in.oidc]\nissuer = \"http://localhost:{port}\"\nclient_id = \"consent\"\n\n\
         [[service]]\nclient_id = \"shop\"\nname = \"가게\"\ncompany = \"가게\"\napproved = true\n\
         redirect_uris = [\"https://shop.example/\"]\n\n[service.personal_info]\n\
         recipient = \"가게\"\npurpose = \"주문\"\nretention = \"1년\"\nrefusal_effect = \"없음\"\n\
         items = [{{ id = \"profile_nickname\", label = \"닉네임\", required = true }}]\n"
    )
}

/// Runs the image: health, a sign-up with the pages inside the program, the studio, a backup, an end in
/// order; and looks a provider up by its name.
///
/// # Errors
/// What does not work.
pub fn check(package: &Path) -> Result<()> {
    println!("Running the last stage of the Dockerfile");
    let image = Image::put_together(package)?;
    if let Some(why) = image.cannot_run()? {
        println!("The container is not run here, which needs root on Linux: {why}");
        return Ok(());
    }
    let refused = image.run(&["--demo", "--data-dir", "/elsewhere"])?;
    ensure!(!refused.status.success(), "the root is not read-only");

    let container = image.start(&["--demo", "--studio"])?;
    let health = image.health(container.port)?;
    ensure!(health.status.success(), "the health check fails: {health:?}");
    let mut client = Client::new(container.port);
    client.sign_up()?;
    client.loads_the_app()?;
    client.shows_the_studio()?;
    let backup = image.run(&["backup", "/data/backup.sqlite", "--demo", "--data-dir", "/data"])?;
    ensure!(backup.status.success(), "the backup fails: {backup:?}");
    let port = container.port;
    let status = container.stop()?;
    ensure!(status.success(), "it does not end in order: {status}");
    let health = image.health(port)?;
    ensure!(health.status.code() == Some(1), "the health check of nothing: {health:?}");

    image.finds_a_provider()?;
    println!("The container starts, signs up, backs up, finds names and stops");
    Ok(())
}

/// The files of the image.
struct Image {
    file: Dockerfile,
    folder: TempDir,
}

impl Image {
    fn put_together(package: &Path) -> Result<Self> {
        let file = dockerfile::read(&fs::read_to_string(workspace::root().join("Dockerfile"))?)?;
        let folder = tempfile::tempdir()?;
        // The unprivileged user goes through it.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        let image = Self { file, folder };
        fs::create_dir(image.root())?;
        fs::create_dir(image.volume())?;
        for copied in &image.file.copied {
            let to = image.root().join(copied.to.trim_start_matches('/'));
            fs::create_dir_all(to.parent().context("in a directory")?)?;
            if image.file.runs.iter().any(|run| *run == format!("mkdir {}", copied.from)) {
                fs::create_dir(&to)?;
            } else {
                let from = match copied.from.strip_prefix(PACKAGE) {
                    Some(name) => package.join(name),
                    None => PathBuf::from(&copied.from),
                };
                fs::copy(&from, &to).with_context(|| format!("copying {}", from.display()))?;
            }
            if copied.to == image.file.volume
                && let Some(owner) = &copied.owner
            {
                let (user, group) = ids(owner)?;
                // Only root may; `cannot_run` finds out.
                let _ = chown(image.volume(), Some(user), Some(group));
            }
        }
        fs::create_dir_all(image.root().join("etc"))?;
        fs::write(image.root().join("etc/hosts"), HOSTS)?;
        Ok(image)
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    fn volume(&self) -> PathBuf {
        self.folder.path().join("volume")
    }

    /// Why this platform cannot run it, if it cannot.
    fn cannot_run(&self) -> Result<Option<String>> {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--pid", "--fork", "mount", "--bind"]);
        command.args([self.root(), self.root()]);
        Ok(match command.output() {
            Err(error) => Some(format!("unshare: {error}")),
            Ok(output) if output.status.success() => None,
            Ok(output) => Some(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        })
    }

    /// A command in a new container with the same volume.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "sh"]);
        command.arg(self.root()).arg(&self.file.volume).arg(self.volume());
        command.arg(&self.file.user).args(words);
        command.env_clear().envs(self.file.environment.iter().cloned());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command
    }

    /// The program with these arguments, to its end.
    fn run(&self, arguments: &[&str]) -> Result<Output> {
        let entry: Vec<&str> = self.file.entry_point.iter().map(String::as_str).collect();
        Ok(self.command(&[&entry, arguments].concat()).output()?)
    }

    /// The health check of the image, for a server at another port.
    fn health(&self, port: u16) -> Result<Output> {
        let inside = format!(":{}/", self.file.port);
        ensure!(
            self.file.health_check.iter().any(|word| word.contains(&inside)),
            "the health check asks another port than the exposed one: {:?}",
            self.file.health_check
        );
        let words = self.file.health_check.iter();
        let words: Vec<String> =
            words.map(|word| word.replace(&inside, &format!(":{port}/"))).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Ok(self.command(&words).output()?)
    }

    /// Starts a server, and waits until it listens.
    fn start(&self, arguments: &[&str]) -> Result<Container> {
        let port = free_port()?;
        let listen = format!("127.0.0.1:{port}");
        let entry: Vec<&str> = self.file.entry_point.iter().map(String::as_str).collect();
        let place = ["--listen", &listen, "--data-dir", &self.file.volume, "--drain", "0s"];
        let mut command = self.command(&[&entry[..], &place, arguments].concat());
        let log = self.folder.path().join("log");
        command.stdout(Stdio::piped()).stderr(fs::File::create(&log)?);
        let mut child = command.spawn()?;
        let mut line = String::new();
        let output = child.stdout.take().context("its output")?;
        BufReader::new(output).read_line(&mut line)?;
        if !line.starts_with("listening on ") {
            child.wait()?;
            bail!("the container does not start: {}", fs::read_to_string(log)?);
        }
        Ok(Container { child, port })
    }

    /// Starts with a provider that is named by its host, and waits for the connection.
    fn finds_a_provider(&self) -> Result<()> {
        let provider = TcpListener::bind("127.0.0.1:0")?;
        let file = services(provider.local_addr()?.port());
        fs::write(self.root().join("services.toml"), file)?;
        // A database belongs to the demo or to production.
        fs::remove_dir_all(self.volume())?;
        fs::create_dir(self.volume())?;
        let (user, group) = ids(&self.file.user)?;
        chown(self.volume(), Some(user), Some(group))?;
        let container = self.start(&["--services", "/services.toml"])?;
        let asking = thread::spawn(move || {
            provider.set_nonblocking(true)?;
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_secs(15) {
                if let Ok((mut stream, _)) = provider.accept() {
                    stream.set_nonblocking(false)?;
                    let mut head = [0; 1024];
                    let read = stream.read(&mut head)?;
                    return Ok(String::from_utf8_lossy(&head[..read]).into_owned());
                }
                thread::sleep(Duration::from_millis(20));
            }
            bail!("the container does not find the provider by its name")
        });
        Client::new(container.port).asks_to_sign_in()?;
        let asked = asking.join().map_err(|_| anyhow::anyhow!("the provider ended"))??;
        ensure!(asked.starts_with("GET /.well-known/openid-configuration "), "{asked}");
        container.stop()?;
        Ok(())
    }
}

/// A running server.
struct Container {
    child: Child,
    port: u16,
}

impl Container {
    /// Stops it as an engine does, and waits for its end.
    fn stop(mut self) -> Result<ExitStatus> {
        let id = self.child.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
        let first = children.split_whitespace().next().context("the first process")?;
        let mut kill = Command::new("kill");
        kill.args(["-s", "TERM", first]);
        process::run(kill)?;
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(20));
        }
        bail!("it goes on after SIGTERM")
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        // With `--kill-child`, the first process ends, too.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ids(owner: &str) -> Result<(u32, u32)> {
    let (user, group) = owner.split_once(':').context("expected a user and a group")?;
    Ok((user.parse()?, group.parse()?))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
