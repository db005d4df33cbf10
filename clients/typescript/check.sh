#!/usr/bin/env bash
# Everything that a change to the TypeScript client must pass, from anywhere: types, the generated code, the tests, the package as it
# installs, and the suite that all clients share. Needs Node and a package registry, and a server at EMBARGO_TARGET:
#   embargo with --policies clients/conformance/policies -- clients/typescript/check.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

packed="$(mktemp -d)"
outcome() {
  local code=$?
  rm -rf "$packed"
  [ $code -eq 0 ] || echo 'clients/typescript: failed' >&2
}
trap outcome EXIT

npm ci --silent
rm -rf build
npx --no-install tsc
node generate.mjs --check

# The package goes into an empty folder, where nothing of this one is found.
tarball="$(npm pack --silent --pack-destination "$packed")"
(
  cd "$packed"
  echo '{ "private": true, "type": "module" }' > package.json
  npm install --silent --no-package-lock "./$tarball"
)
node --input-type=module --eval '
  import { readFileSync } from "node:fs";
  const [, example] = /```ts\n(.*?)```/s.exec(readFileSync("README.md", "utf8"));
  process.stdout.write(example);
' > "$packed/example.mts"
types="$PWD/node_modules/@types"
npx --no-install tsc --noEmit --strict --target es2022 --module nodenext --skipLibCheck --typeRoots "$types" --types node "$packed/example.mts"
cp "$packed/example.mts" "$packed/example.mjs"
(
  cd "$packed"
  EMBARGO_URL="http://${EMBARGO_TARGET:-127.0.0.1:1}" node example.mjs | grep -q '^go ahead: ALLOW$' ||
    { echo 'the installed package gets no answer; hint: EMBARGO_TARGET names a server' >&2; exit 1; }
)
echo "package: $tarball installs, has types and answers"

node --test --test-force-exit --test-reporter=dot --test-timeout=120000 build/test/*.test.js
node build/test/conformance.js
echo 'clients/typescript: all checks passed'
