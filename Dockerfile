# syntax=docker/dockerfile:1
#
# An image that holds the binary `embargo`, the authorities that the world trusts, and nothing else: no
# shell, no package manager, no root.
#
#   docker build --tag embargo .
#   docker run --rm --read-only --tmpfs /tmp --publish 127.0.0.1:8181:8181 embargo serve --set insecure=true
#
# Two builds give the same binary. For one image by its digest, pin the base image by digest, too, and give
# SOURCE_DATE_EPOCH: docker buildx build --build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) \
#   --output type=image,rewrite-timestamp=true .

ARG RUST_VERSION=1.95.0

FROM docker.io/library/rust:${RUST_VERSION}-bookworm AS build
ARG SOURCE_DATE_EPOCH=0
# The newest of the distribution is wanted: the tools are in no image, and the binary is compared.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates file musl-tools \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# What is put into the last image, in its places. Folders are there so that volumes have owners.
RUN install -d -m 0755 /rootfs/usr/bin /rootfs/etc/ssl/certs /rootfs/etc/embargo \
 && install -d -m 0700 -o 65532 -g 65532 /rootfs/var/lib/embargo \
 && install -d -m 1777 /rootfs/tmp \
 && echo 'embargo:x:65532:65532::/nonexistent:/sbin/nologin' > /rootfs/etc/passwd \
 && echo 'embargo:x:65532:' > /rootfs/etc/group \
 && install -m 0644 /etc/ssl/certs/ca-certificates.crt /rootfs/etc/ssl/certs/ \
 && install -m 0644 deploy/container/embargo.yaml /rootfs/etc/embargo/
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    install -m 0755 "$(deploy/release/build)" /rootfs/usr/bin/embargo

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="embargo" \
      org.opencontainers.image.description="Policy as code for software restrictions on endpoints" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="scratch"
COPY --from=build /rootfs /
# By number, so that runAsNonRoot can be told without reading /etc/passwd.
USER 65532:65532
WORKDIR /
EXPOSE 8181 9464
VOLUME ["/var/lib/embargo"]
# For the server and for the check below alike. `--config` stands over it.
ENV EMBARGO_CONFIG=/etc/embargo/embargo.yaml
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["/usr/bin/embargo", "healthcheck"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/embargo"]
CMD ["serve"]
