# The image of Fuselage: a Java runtime of the modules it needs, the distribution, and a cache of its
# classes trained in the build by that very runtime on those very files. No shell, no package manager.
#
# The distribution is built first, since Maven is better cached outside:
#
#   make dist && docker build --tag fuselage .
#
# `make image` does the same without a registry: it makes the two base images itself.

# A Debian, 12 or later. What of it goes into the image are the libraries of three packages.
ARG BASE=docker.io/library/debian:13-slim
# A JDK 25 that can link runtimes, at JDK_HOME.
ARG JDK=docker.io/library/eclipse-temurin:25-jdk

FROM ${JDK} AS jdk

FROM ${BASE} AS build
ARG JDK_HOME=/opt/java/openjdk
RUN command -v gcc >/dev/null \
    || { apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev; }

# The system: what the runtime and RocksDB are linked with, and what scanners read of it.
WORKDIR /system
RUN set -eu; \
    mkdir -p etc run tmp usr/lib usr/lib64 var/lib/dpkg/status.d var/lib/fuselage; \
    chmod 1777 tmp; \
    ln -s usr/lib lib; ln -s usr/lib64 lib64; \
    for package in libc6 libgcc-s1 libstdc++6; do \
      dpkg -s "$package" >"var/lib/dpkg/status.d/$package"; \
      dpkg -L "$package"; \
    done >/files; \
    grep -E '\.so(\.[0-9]+)*$|/copyright$' /files | grep -vE '/(gconv|audit)/' \
      | tar -c --no-recursion -T - | tar -x --keep-directory-symlink; \
    mkdir usr/lib/locale; cp -a /usr/lib/locale/C.utf8 usr/lib/locale/; \
    cp -L /etc/os-release etc/os-release; \
    echo 'root:x:0:0:root:/:/nonexistent' >etc/passwd; \
    echo 'root:x:0:' >etc/group; \
    echo 'hosts: files dns' >etc/nsswitch.conf

COPY --from=jdk ${JDK_HOME} /opt/jdk
# Without the tools that come with modules: keytool, and a web server that shows files.
RUN /opt/jdk/bin/jlink --output /opt/fuselage/runtime \
      --add-modules java.logging,java.management,java.naming,java.net.http \
      --add-modules jdk.httpserver,jdk.management,jdk.net,jdk.unsupported \
      --no-header-files --no-man-pages \
    && find /opt/fuselage/runtime/bin -type f ! -name java -delete

COPY src/main/c/fuselage.c /build/
RUN mkdir /opt/fuselage/bin \
    && gcc -O2 -s -Wall -Wextra -Werror -o /opt/fuselage/bin/fuselage /build/fuselage.c

COPY target/fuselage/LICENSE target/fuselage/sbom.cdx.json /opt/fuselage/
COPY target/fuselage/lib /opt/fuselage/lib
COPY target/test-classes/dev/fuselage/dist /build/classes/dev/fuselage/dist
# Fails unless the runtime accepts the cache. The variable keeps the machine of the build, which
# mounts nothing, out of what is looked at before the start.
RUN container=oci LANG=C.UTF-8 /opt/jdk/bin/java \
      -Djava.library.path=/opt/fuselage/lib/native \
      -cp '/build/classes:/opt/fuselage/lib/app/*:/opt/fuselage/lib/lib/main/*:/opt/fuselage/lib/lib/boot/*' \
      --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
      dev.fuselage.dist.AotTraining /opt/fuselage

# Changes with the base and the JDK alone: a layer that nodes keep from one release to the next.
FROM scratch AS runtime
COPY --from=build /system/ /
COPY --from=build /opt/fuselage/runtime /opt/fuselage/runtime

FROM runtime
ARG VERSION=unknown
LABEL org.opencontainers.image.title=fuselage \
      org.opencontainers.image.description="A containerd snapshotter for rootless Kubernetes nodes" \
      org.opencontainers.image.licenses=Apache-2.0 \
      org.opencontainers.image.version=${VERSION}
COPY --from=build /opt/fuselage/LICENSE /opt/fuselage/sbom.cdx.json /opt/fuselage/
COPY --from=build /opt/fuselage/bin /opt/fuselage/bin
COPY --from=build /opt/fuselage/lib /opt/fuselage/lib
# The last tells what is looked at before the start that containerd mounts elsewhere.
ENV PATH=/opt/fuselage/bin LANG=C.UTF-8 container=oci
# Copies must not have changed what the cache is checked against.
RUN ["/opt/fuselage/runtime/bin/java", "@/opt/fuselage/lib/all.options", \
     "@/opt/fuselage/lib/command.options", "-XX:AOTCache=/opt/fuselage/lib/fuselage.aot", \
     "-XX:AOTMode=on", "-jar", "/opt/fuselage/lib/quarkus-run.jar", "version"]
USER 0:0
EXPOSE 9750
ENTRYPOINT ["/opt/fuselage/bin/fuselage"]
CMD ["serve"]
