//! `--tls-local`: a certificate authority for tests on this machine, and certificates of it.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData,
};
use time::{Duration, OffsetDateTime};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use crate::{crypto, permissions};

/// The hosts of the platform. Clients that hard-code them are led here, see docs/CI.md.
pub const PLATFORM_HOSTS: [&str; 2] = ["kauth.kakao.com", "kapi.kakao.com"];

/// The names of this machine.
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

const CA: &str = "ca.pem";
const CA_KEY: &str = "ca-key.pem";
const CERTIFICATE: &str = "cert.pem";
const CERTIFICATE_KEY: &str = "key.pem";

/// How long a certificate is good. Apple's systems accept 825 days at most.
const CERTIFICATE_LIFETIME: Duration = Duration::days(365);

/// How long the authority is good.
const CA_LIFETIME: Duration = Duration::days(3650);

/// A certificate authority in a directory. It is kept: clients that trust it once trust the
/// certificates of later starts.
pub struct LocalCa {
    folder: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

/// Why there is no certificate.
#[derive(Debug)]
pub enum CaError {
    File(PathBuf, io::Error),
    /// A key in the directory that cannot be read, or a name that no certificate can have.
    Certificate(rcgen::Error),
    /// Other users can use the authority's key. The text has the command that fixes it.
    Exposed(PathBuf, String),
    Tls(rustls::Error),
}

impl fmt::Display for CaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Certificate(error) => write!(f, "{error}: delete the directory to begin again"),
            Self::Exposed(path, reason) => write!(
                f,
                "{}: {reason}\nor, if another user may have read the key, delete the directory to \
                 begin again with a new authority",
                path.display()
            ),
            Self::Tls(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CaError {}

impl From<rcgen::Error> for CaError {
    fn from(error: rcgen::Error) -> Self {
        Self::Certificate(error)
    }
}

impl From<rustls::Error> for CaError {
    fn from(error: rustls::Error) -> Self {
        Self::Tls(error)
    }
}

impl LocalCa {
    /// Opens the authority in a directory, and makes both where they are missing: `ca.pem` to be
    /// trusted, and `ca-key.pem`, which only our own user can read.
    ///
    /// # Errors
    /// When a file cannot be read or written or holds no key, or when other users can read the key.
    pub fn open(folder: &Path) -> Result<Self, CaError> {
        let folder =
            std::path::absolute(folder).map_err(|error| CaError::File(folder.to_owned(), error))?;
        make_directory(&folder)?;
        let key_file = folder.join(CA_KEY);
        if let Some(reason) = permissions::exposed_secrets(&key_file) {
            return Err(CaError::Exposed(key_file, reason));
        }
        let (key, is_new) = match fs::read_to_string(&key_file) {
            Ok(pem) => (KeyPair::from_pem(&pem)?, false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => (KeyPair::generate()?, true),
            Err(error) => return Err(CaError::File(key_file, error)),
        };
        let params = ca_params(&key);
        let ca_file = folder.join(CA);
        if is_new || !ca_file.exists() {
            let ca = params.self_signed(&key)?;
            write(&key_file, &key.serialize_pem(), 0o600)?;
            write(&ca_file, &ca.pem(), 0o644)?;
        }
        Ok(Self { folder, issuer: Issuer::new(params, key) })
    }

    /// The file that clients have to trust.
    #[must_use]
    pub fn ca_file(&self) -> PathBuf {
        self.folder.join(CA)
    }

    /// Makes a certificate for `localhost`, `127.0.0.1`, `::1` and these host names, which is written
    /// beside the authority as `cert.pem` and `key.pem`, and serves with it: HTTP/1.1 over TLS 1.2 or
    /// 1.3.
    ///
    /// # Errors
    /// When a file cannot be written, or a name is none.
    pub fn acceptor(&self, names: &[String]) -> Result<TlsAcceptor, CaError> {
        let names = LOCAL_NAMES.iter().map(ToString::to_string).chain(names.iter().cloned());
        let mut params = CertificateParams::new(names.collect::<Vec<_>>())?;
        let now = OffsetDateTime::now_utc();
        // Clocks of containers can be a little behind.
        params.not_before = now - Duration::days(1);
        params.not_after = now + CERTIFICATE_LIFETIME;
        params.distinguished_name = name("consent-backend on this machine");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        write(&self.folder.join(CERTIFICATE), &certificate.pem(), 0o644)?;
        write(&self.folder.join(CERTIFICATE_KEY), &key.serialize_pem(), 0o600)?;

        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// How to make clients trust the authority.
    #[must_use]
    pub fn how_to_trust(&self) -> String {
        let ca = self.ca_file();
        let (ca, store) = (ca.display(), self.folder.join("truststore.p12"));
        let store = store.display();
        format!(
            "https with a certificate authority of this directory; clients trust it with\n  \
             curl --cacert {ca}\n  \
             NODE_EXTRA_CA_CERTS={ca} (Node.js)\n  \
             SSL_CERT_FILE={ca} (OpenSSL, Python's ssl, Go)\n  \
             REQUESTS_CA_BUNDLE={ca} (Python's requests)\n  \
             keytool -importcert -noprompt -alias consent -file {ca} -keystore {store} \
             -storepass changeit && JAVA_TOOL_OPTIONS='-Djavax.net.ssl.trustStore={store} \
             -Djavax.net.ssl.trustStorePassword=changeit' (JVM)\n\
             Do not add it to the system: its key is in that directory"
        )
    }
}

/// The same for the same key: a certificate refers to its issuer by name and key.
fn ca_params(key: &KeyPair) -> CertificateParams {
    let mut params = CertificateParams::default();
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::days(1);
    params.not_after = now + CA_LIFETIME;
    let digest = crypto::content_name(&key.subject_public_key_info());
    params.distinguished_name =
        name(&format!("consent-backend test CA {}", digest.get(..8).unwrap_or(&digest)));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

fn make_directory(folder: &Path) -> Result<(), CaError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| CaError::File(folder.to_owned(), error))
}

/// Writes a file with this mode, whatever the umask, and never with a wider one.
fn write(path: &Path, text: &str, mode: u32) -> Result<(), CaError> {
    use io::Write;
    let written = || {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        #[cfg(not(unix))]
        let _ = mode;
        let mut file = options.open(path)?;
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))?;
        file.write_all(text.as_bytes())
    };
    written().map_err(|error| CaError::File(path.to_owned(), error))
}
