# The operator is one file; Node is all that it needs beside it.
# Both bases are lists of images, one for each platform, that can never change: what is built of them is known.
# --build-arg takes others, such as those of a mirror.
ARG BUILD_IMAGE=node:24.21.0-trixie-slim
ARG BUILD_DIGEST=sha256:173f125896c3b47ddf056734c7ea789d04595a6a08769a8f78e0df642781fb66
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot
ARG RUNTIME_DIGEST=sha256:9eeb7f5887d0e239e78264b06f7f11d2e14be534050481803a9e4728fcdd278e

# The bundle is the same for every platform: it is made once, on whichever builds.
FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE}@${BUILD_DIGEST} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json LICENSE ./
COPY dev/checks/require-node.mjs dev/checks/
COPY dev/build dev/build
COPY dev/supply-chain dev/supply-chain
COPY src src
RUN npm run build

# No command runs in this stage: it needs no emulation, whatever the platform.
FROM ${RUNTIME_IMAGE}@${RUNTIME_DIGEST}
WORKDIR /app
COPY --from=build /src/dist/main.js ./
COPY --from=build /src/LICENSE /src/dist/THIRD-PARTY-NOTICES.txt /licenses/
USER 65532:65532
EXPOSE 8080
# Node would read a source map with the first stack trace, and take 80 MiB for it; it comes with the release instead.
# Half of the container's limit is for the heap: who raises the limit for a larger fleet has raised the heap as well.
# What a pass leaves behind is collected before it grows old; a larger young generation would take more memory for ever.
ENTRYPOINT ["/nodejs/bin/node", "--max-old-space-size-percentage=50", "--max-semi-space-size=4", "/app/main.js"]
ARG RUNTIME_IMAGE
ARG RUNTIME_DIGEST
ARG VERSION=0.1.0
ARG SOURCE=
ARG REVISION=
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="vmss-identity-operator" \
      org.opencontainers.image.description="Declares which managed identities an Azure virtual machine scale set has" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="${RUNTIME_IMAGE}" \
      org.opencontainers.image.base.digest="${RUNTIME_DIGEST}"
