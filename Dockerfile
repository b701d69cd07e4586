# The operator is one file; Node is all that it needs beside it.
ARG BUILD_IMAGE=node:24-bookworm-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian12:nonroot

FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY dev/checks/require-node.mjs dev/checks/
COPY dev/build dev/build
COPY src src
RUN npm run build

FROM ${RUNTIME_IMAGE}
LABEL org.opencontainers.image.title="vmss-identity-operator" \
      org.opencontainers.image.description="Declares which managed identities an Azure virtual machine scale set has" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /app
COPY --from=build /src/dist/main.js /src/dist/main.js.map ./
USER 65532:65532
EXPOSE 8080
# Source maps, which Node reads with the first stack trace, would take 80 MiB; main.js.map is there for whoever reads one.
# A young generation that cannot grow keeps the resident memory flat.
ENTRYPOINT ["/nodejs/bin/node", "--max-old-space-size=160", "--max-semi-space-size=1", "/app/main.js"]
