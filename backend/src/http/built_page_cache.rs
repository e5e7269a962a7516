//! Built pages in memory. A page is read and parsed once, and again when one of its files is another
//! one: a screen that is built again while this runs has other digests. So it is when other languages are on
//! offer.

use std::{
    collections::HashMap,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use consent_contract::locale::offered;

use super::built_page::{BuiltPage, relative};
use crate::built_files::{BuiltFiles, Signature};

/// Built pages by where their files are. As many as there are places to serve from.
#[derive(Default)]
pub struct BuiltPageCache {
    known: Mutex<HashMap<BuiltFiles, Known>>,
    reads: AtomicU64,
}

#[derive(Clone)]
struct Known {
    page: Arc<BuiltPage>,
    /// Of each file that went into the page.
    files: Vec<(String, Option<Signature>)>,
    /// The languages on offer, which went into it, too.
    languages: &'static str,
}

impl Known {
    fn is_current(&self, files: &BuiltFiles) -> bool {
        self.languages == offered()
            && self.files.iter().all(|(name, known)| files.signature(name) == *known)
    }
}

impl BuiltPageCache {
    /// The page among these files. Looks at the files: not for a thread that runs other tasks.
    ///
    /// # Errors
    /// When it is not there.
    pub fn get(&self, files: &BuiltFiles) -> io::Result<Arc<BuiltPage>> {
        let known = self.known().get(files).cloned();
        if let Some(known) = known.filter(|it| it.is_current(files)) {
            return Ok(known.page);
        }
        self.reads.fetch_add(1, Ordering::Relaxed);
        // Looked at before they are read: what is written meanwhile is noticed the next time.
        let signed = |name: &str| (name.to_owned(), files.signature(name));
        let languages = offered();
        let mut read = vec![signed(BuiltPage::FILE)];
        let mut page = BuiltPage::read(files)?;
        for sheet in page.sheets_to_inline() {
            read.push(signed(relative(&sheet)));
            page.inline(sheet, files);
        }
        let page = Arc::new(page);
        let known = Known { page: Arc::clone(&page), files: read, languages };
        self.known().insert(files.clone(), known);
        Ok(page)
    }

    /// How often a page was read and parsed so far.
    #[cfg(test)]
    fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<BuiltFiles, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    const PAGE: &str = "<html><link rel=stylesheet href=/theme.css><div data-ssr-outlet></div>";

    #[test]
    fn a_page_is_read_once_until_one_of_its_files_changes() {
        let folder = TempDir::new().unwrap();
        let dist = folder.path();
        let files = &dist.to_owned().into();
        let cache = BuiltPageCache::default();
        assert!(cache.get(files).is_err(), "there is no page yet");
        fs::write(dist.join("index.html"), PAGE).unwrap();
        let first = cache.get(files).unwrap();
        let reads = cache.reads();
        for _ in 0..100 {
            assert!(Arc::ptr_eq(&first, &cache.get(files).unwrap()));
        }
        assert_eq!(cache.reads(), reads);

        // A theme that comes, changes and goes is a part of the page.
        for theme in [Some("a{}"), Some("b{}b{}"), None] {
            let file = dist.join("theme.css");
            match theme {
                Some(css) => fs::write(file, css).unwrap(),
                None => fs::remove_file(file).unwrap(),
            }
            let page = cache.get(files).unwrap();
            let digests = theme.map(|css| crate::crypto::sri(css.as_bytes()));
            assert_eq!(page.style_digests, digests.into_iter().collect::<Vec<_>>());
        }

        fs::write(dist.join("index.html"), format!("{PAGE}<script>1</script>")).unwrap();
        assert_eq!(cache.get(files).unwrap().script_digests.len(), 1);
        fs::remove_file(dist.join("index.html")).unwrap();
        assert!(cache.get(files).is_err(), "a page that is gone is not shown");
    }

    #[test]
    fn each_directory_has_its_own_page() {
        let folders = (TempDir::new().unwrap(), TempDir::new().unwrap());
        fs::write(folders.0.path().join("index.html"), "<p>one").unwrap();
        fs::write(folders.1.path().join("index.html"), "<p>other").unwrap();
        let [one, other] =
            [&folders.0, &folders.1].map(|it| BuiltFiles::from(it.path().to_owned()));
        let cache = BuiltPageCache::default();
        assert_eq!(cache.get(&one).unwrap().html(), "<p>one");
        assert_eq!(cache.get(&other).unwrap().html(), "<p>other");
        assert_eq!(cache.get(&one).unwrap().html(), "<p>one");
        assert_eq!(cache.reads(), 2);
    }
}
