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
# Node would let its heap grow to all of a small container's memory, and leave nothing for itself. Source maps, read at the
# first error, would take 70 MB: the bundle keeps all names, and the map is there for whoever wants lines.
ENTRYPOINT ["/nodejs/bin/node", "--max-old-space-size=128", "/app/main.js"]
