//! Who else on this machine may read or write our files: Unix permissions, judged before a start.
//!
//! The data directory holds the signing key and what people typed, the configuration holds client
//! secrets. `judge` decides, the functions below it ask the file system. On other systems nothing
//! is checked: there the directory's own access list is what counts.

use std::path::{Path, PathBuf};

/// What is to be done about a data directory.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Only our own user can read and write the files.
    Private,
    /// The directory lets no one else in, so no one else has read these files. They are to be made
    /// private, too: a copy or a change of the directory would expose them.
    Tighten(Vec<PathBuf>),
    /// Others can read or write what they must not. The reason, with the command that fixes it.
    Refused(String),
}

/// Judges a data directory by its mode and by the modes of our files in it.
///
/// Others may list the directory, as with `StateDirectory=` of systemd (0755), while every file in
/// it is private. They may not write to it: then they could put other files in the place of ours.
#[must_use]
pub fn judge(folder: &Path, mode: u32, files: &[(PathBuf, u32)]) -> Verdict {
    let exposed: Vec<&Path> =
        files.iter().filter(|(_, mode)| mode & 0o077 != 0).map(|(path, _)| &**path).collect();
    let chmod_files = || {
        let words: Vec<String> = exposed.iter().map(|path| shell_word(path)).collect();
        format!("chmod 600 {}", words.join(" "))
    };
    if mode & 0o022 != 0 {
        let mut command = format!("chmod 700 {}", shell_word(folder));
        if !exposed.is_empty() {
            command = format!("{command} && {}", chmod_files());
        }
        return Verdict::Refused(format!(
            "other users of this machine can write to {} and replace the database in it; run\n  {command}",
            folder.display()
        ));
    }
    if exposed.is_empty() {
        Verdict::Private
    } else if mode & 0o011 == 0 {
        Verdict::Tighten(exposed.into_iter().map(Path::to_owned).collect())
    } else {
        Verdict::Refused(format!(
            "other users of this machine can read or write the database, which holds the signing \
             key and personal data; run\n  {}",
            chmod_files()
        ))
    }
}

/// A path as one word of a POSIX shell. The path should be absolute: one that begins with `-` would
/// be an option.
fn shell_word(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:@%".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Checks a data directory, and makes our files in it private where no one else could have read
/// them. `prefix` is how the names of our files begin.
///
/// # Errors
/// The reason with the command that fixes it; or what the file system reported.
#[cfg(unix)]
pub fn secure(folder: &Path, prefix: &str) -> Result<(), String> {
    use std::{
        fs::{self, Permissions},
        io::ErrorKind,
        os::unix::fs::PermissionsExt,
    };

    let cannot = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let mode = fs::metadata(folder).map_err(|error| cannot(folder, error))?.permissions().mode();
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| cannot(folder, error))? {
        let entry = entry.map_err(|error| cannot(folder, error))?;
        if !entry.file_name().to_string_lossy().starts_with(prefix) {
            continue;
        }
        let path = entry.path();
        match fs::symlink_metadata(&path) {
            Ok(file) if file.is_file() => files.push((path, file.permissions().mode())),
            // Its target lies in a directory that nothing here has judged.
            Ok(file) if file.is_symlink() => {
                return Err(format!(
                    "{} is a symbolic link; name the directory of the file itself with --data-dir",
                    path.display()
                ));
            }
            Ok(_) => {}
            // Another process has closed the database in between.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(cannot(&path, error)),
        }
    }
    match judge(folder, mode, &files) {
        Verdict::Private => Ok(()),
        Verdict::Refused(reason) => Err(reason),
        Verdict::Tighten(files) => {
            for file in files {
                match fs::set_permissions(&file, Permissions::from_mode(0o600)) {
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        return Err(cannot(&file, error));
                    }
                    _ => {}
                }
            }
            Ok(())
        }
    }
}

/// Nothing is known of other systems' access lists.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn secure(_: &Path, _: &str) -> Result<(), String> {
    Ok(())
}

/// Refuses a directory that is a link or another user's, who could put other files in the place of ours. For one
/// whose parent others may write to.
///
/// # Errors
/// Why, in words.
#[cfg(unix)]
pub fn owned(folder: &Path) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;

    let metadata = std::fs::symlink_metadata(folder)
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    if metadata.is_dir() && metadata.uid() == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(format!("{} is a link, or belongs to another user: remove it", folder.display()))
}

/// Nothing is known of other systems' access lists.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn owned(_: &Path) -> Result<(), String> {
    Ok(())
}

/// Why a file with secrets is not private, with the command that fixes it; none when it is, or when
/// it cannot be asked. A group may read a file that another user owns (`root:consent 0640`): it is
/// how a service gets to read it.
#[cfg(unix)]
#[must_use]
pub fn exposed_secrets(file: &Path) -> Option<String> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    let metadata = std::fs::metadata(file).ok()?;
    let mode = metadata.permissions().mode();
    let word = shell_word(&std::path::absolute(file).ok()?);
    let is_ours = metadata.uid() == rustix::process::geteuid().as_raw();
    let command = if is_ours && mode & 0o077 != 0 {
        format!("chmod 600 {word}")
    } else if !is_ours && mode & 0o027 != 0 {
        format!("chgrp {} {word} && chmod 640 {word}", rustix::process::getegid().as_raw())
    } else {
        return None;
    };
    Some(format!("other users of this machine can read or write it; run\n  {command}"))
}

/// Nothing is known of other systems' access lists.
#[cfg(not(unix))]
#[must_use]
pub fn exposed_secrets(_: &Path) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(directory: u32, file: u32) -> Verdict {
        judge(Path::new("/data"), directory, &[(PathBuf::from("/data/consent.sqlite"), file)])
    }

    #[test]
    fn every_mode_of_directory_and_file_is_judged() {
        for directory in 0o700..=0o777_u32 {
            for file in 0o600..=0o677_u32 {
                let (writable, reachable) = (directory & 0o022 != 0, directory & 0o011 != 0);
                let exposed = file & 0o077 != 0;
                let verdict = verdict(directory, file);
                match (writable, exposed, reachable) {
                    (true, ..) | (_, true, true) => {
                        assert!(matches!(verdict, Verdict::Refused(_)), "{directory:o} {file:o}");
                    }
                    (false, true, false) => {
                        assert!(matches!(verdict, Verdict::Tighten(_)), "{directory:o} {file:o}");
                    }
                    (false, false, _) => assert_eq!(verdict, Verdict::Private),
                }
            }
        }
    }

    #[test]
    fn the_command_names_what_has_to_change() {
        let Verdict::Refused(reason) = verdict(0o755, 0o640) else { panic!() };
        assert!(reason.ends_with("\n  chmod 600 /data/consent.sqlite"), "{reason}");
        let Verdict::Refused(reason) = verdict(0o775, 0o600) else { panic!() };
        assert!(reason.ends_with("\n  chmod 700 /data"), "{reason}");
        let Verdict::Refused(reason) = verdict(0o777, 0o644) else { panic!() };
        let both = "\n  chmod 700 /data && chmod 600 /data/consent.sqlite";
        assert!(reason.ends_with(both), "{reason}");
    }

    #[test]
    fn a_path_is_one_word_of_a_shell() {
        for (path, word) in [
            ("/var/lib/consent", "/var/lib/consent"),
            ("/a b", "'/a b'"),
            ("/it's; rm -rf $HOME", r"'/it'\''s; rm -rf $HOME'"),
            ("/동의", "'/동의'"),
        ] {
            assert_eq!(shell_word(Path::new(path)), word);
        }
    }
}
