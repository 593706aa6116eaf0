#!/usr/bin/env bash
# Installs the foreign clients into a cache folder outside the workspace: some refuse our engines or pins, and none is a
# dependency of ours. Prints that folder. A second run finds everything and changes nothing.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${VARVE_CACHE:-$HOME/.cache}/varve-interop
mkdir -p "$cache"
exec 3>&1 1>&2

have() { [ "$(cat "$cache/$1/.installed" 2>/dev/null)" = "$2" ]; }
done_with() { printf '%s\n' "$2" >"$cache/$1/.installed"; }

if ! command -v kcat >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq kcat
fi

javascript='kafkajs@2.2.4'
if ! have kafkajs "$javascript"; then
  rm -rf "$cache/kafkajs" && mkdir -p "$cache/kafkajs"
  printf '{ "private": true }\n' >"$cache/kafkajs/package.json"
  npm install --prefix "$cache/kafkajs" --no-fund --no-audit --silent "$javascript"
  done_with kafkajs "$javascript"
fi

python='kafka-python==3.0.12 confluent-kafka==2.16.1 lz4==4.4.5 python-snappy==0.7.3 zstandard==0.25.0'
if ! have python "$python"; then
  rm -rf "$cache/python"
  python3 -m venv "$cache/python"
  # shellcheck disable=SC2086
  "$cache/python/bin/pip" install --quiet --no-input --disable-pip-version-check $python
  done_with python "$python"
fi

platformatic='@platformatic/kafka@1.35.0'
if ! have platformatic "$platformatic"; then
  rm -rf "$cache/platformatic" && mkdir -p "$cache/platformatic"
  printf '{ "private": true }\n' >"$cache/platformatic/package.json"
  npm install --prefix "$cache/platformatic" --no-fund --no-audit --silent "$platformatic"
  done_with platformatic "$platformatic"
fi

asyncio='aiokafka==0.14.0 lz4==4.4.5 cramjam==2.14.0 zstandard==0.25.0'
if ! have aiokafka "$asyncio"; then
  rm -rf "$cache/aiokafka"
  python3 -m venv "$cache/aiokafka"
  # shellcheck disable=SC2086
  "$cache/aiokafka/bin/pip" install --quiet --no-input --disable-pip-version-check $asyncio
  done_with aiokafka "$asyncio"
fi

# A first build compiles the libraries too, which takes a minute or two: CI has these clients where somebody else built them.
for go in 'franz-go v1.22.2' 'sarama v1.61.1'; do
  name=${go% *}
  pinned="$go $(cat "$here/$name/main.go" "$here/$name/go.mod" | cksum)"
  if command -v go >/dev/null && ! have "$name" "$pinned" && { [ "${CI:-}" != true ] || [ -e "$cache/$name" ]; }; then
    mkdir -p "$cache/$name"
    (cd "$here/$name" && go build -o "$cache/$name/peer" .)
    done_with "$name" "$pinned"
  fi
done

java='kafka-clients 4.2.0'
if command -v mvn >/dev/null && command -v java >/dev/null && ! have java "$java"; then
  rm -rf "$cache/java" && mkdir -p "$cache/java"
  cp "$here/java/pom.xml" "$cache/java/"
  mvn --quiet --batch-mode -f "$cache/java/pom.xml" dependency:copy-dependencies -DoutputDirectory="$cache/java/jars"
  done_with java "$java"
fi

tools='kafka-tools 4.2.0'
if command -v mvn >/dev/null && command -v java >/dev/null && ! have tools "$tools"; then
  rm -rf "$cache/tools" && mkdir -p "$cache/tools"
  cp "$here/java/tools-pom.xml" "$cache/tools/pom.xml"
  mvn --quiet --batch-mode -f "$cache/tools/pom.xml" dependency:copy-dependencies -DoutputDirectory="$cache/tools/jars"
  done_with tools "$tools"
fi

server='kafka server 4.2.0'
if command -v mvn >/dev/null && command -v java >/dev/null && ! have server "$server"; then
  rm -rf "$cache/server" && mkdir -p "$cache/server"
  cp "$here/java/server-pom.xml" "$cache/server/pom.xml"
  mvn --quiet --batch-mode -f "$cache/server/pom.xml" dependency:copy-dependencies -DoutputDirectory="$cache/server/jars"
  done_with server "$server"
fi

# Of 130 MB: CI, which does not run them, has them where somebody else installed them.
for framework in streams connect; do
  pinned="kafka $framework 4.2.0"
  if command -v mvn >/dev/null && command -v javac >/dev/null && ! have "$framework" "$pinned" && [ "${CI:-}" != true ]; then
    rm -rf "${cache:?}/$framework" && mkdir -p "$cache/$framework"
    cp "$here/java/$framework-pom.xml" "$cache/$framework/pom.xml"
    mvn --quiet --batch-mode -f "$cache/$framework/pom.xml" dependency:copy-dependencies -DoutputDirectory="$cache/$framework/jars"
    done_with "$framework" "$pinned"
  fi
done

printf '%s\n' "$cache" >&3
