# The image: the static program, certificate authorities, and an empty directory for the database.
# docs/DEPLOYING.md has the command that runs it. `cargo xtask package --check` reads this file and runs
# its last stage without a container engine.

FROM rust:1.95.0-bookworm AS builder
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates musl-tools npm
WORKDIR /build
COPY . .
RUN cargo xtask package
RUN mkdir /empty

FROM scratch
COPY --from=builder /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=builder /build/target/package/consent-backend /consent-backend
COPY --from=builder --chown=65532:65532 /empty /data
# SQLite's temporary files, which hold personal data: the root is read-only and has no /tmp.
ENV SQLITE_TMPDIR=/data
USER 65532:65532
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["/consent-backend", "health", "http://127.0.0.1:8080/readyz"]
ENTRYPOINT ["/consent-backend"]
