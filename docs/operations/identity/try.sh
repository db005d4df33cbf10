#!/bin/sh
# Shows who is let in by a server with TLS, and who is not: with certificates, tokens and JSON Web
# Tokens of each wrong kind. Needs `embargo` (or EMBARGO=PATH of it), OpenSSL 3 and curl, and leaves
# nothing behind.
set -eu

embargo=${EMBARGO:-embargo}
work=$(mktemp -d)
trap 'kill $servers 2>/dev/null || true; rm -rf "$work"' EXIT
servers=
cd "$work"

# --- Certificates: an authority, the server's, and a caller's with a SPIFFE id. ---
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2> /dev/null; }
key ca.key
openssl req -x509 -new -key ca.key -subj /O=Corp/CN=Authority -days 2 -out ca.pem
certify() { # NAME SUBJECT NAMES
    key "$1.key"
    openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
    printf 'subjectAltName=%s\n' "$3" > "$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
        -extfile "$1.ext" -out "$1.pem" 2>/dev/null
}
certify server /O=Corp/CN=server IP:127.0.0.1
certify mdm /O=Corp/CN=mdm URI:spiffe://corp/mdm/fleet-1
certify stranger /O=Corp/CN=stranger URI:spiffe://corp/somebody

# --- Tokens: a static one, and an issuer's key in a JSON Web Key Set. ---
"$embargo" token new --name mdm --scopes decide --output mdm.token > tokens.yaml
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
openssl genpkey -algorithm ed25519 -out issuer.key
openssl genpkey -algorithm ed25519 -out other.key
x=$(openssl pkey -in issuer.key -pubout -outform DER | tail -c 32 | base64url)
printf '{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k1", "x": "%s"}]}' "$x" > jwks.json
jwt() { # HEADER CLAIMS KEY
    message=$(printf %s "$1" | base64url).$(printf %s "$2" | base64url)
    printf %s "$message" > message
    printf '%s.%s' "$message" "$(openssl pkeyutl -sign -rawin -inkey "$3" -in message | base64url)"
}

# --- Two servers: one asks every caller for a certificate, one for a token. ---
cat > certificates.yaml <<YAML
tls:
  certificate: server.pem
  key: server.key
  client_ca: ca.pem
identity:
  certificates:
    - { spiffe: "spiffe://corp/mdm/*", scopes: [decide], tenant: corp }
YAML
cat > tokens-server.yaml <<YAML
tls:
  certificate: server.pem
  key: server.key
identity:
  tokens_file: tokens.yaml
  jwt:
    - issuer: https://issuer.example
      audiences: [embargo]
      jwks_file: jwks.json
YAML
serve() { # CONFIGURATION
    : > "$1.log"
    "$embargo" serve --config "$1" --listen 127.0.0.1:0 2> "$1.log" &
    servers="$servers $!"
    until url=$(sed -n 's/^serving on \(.*\)/https:\/\/\1/p' "$1.log") && [ -n "$url" ]; do
        kill -0 $! || { cat "$1.log" >&2; exit 1; }
        sleep 0.1
    done
}

# --- Asking: the status, and the reason and its cause where there is no answer. ---
ask() { # WHAT, then arguments of curl
    what=$1
    shift
    if status=$(curl -sS --cacert ca.pem -o answer -w '%{http_code}' "$@" \
        -H 'content-type: application/json' -d '{"facts": {"hostId": "h"}}' 2> refused); then
        part() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/ \1/p" answer; }
        printf '%-34s %s%s%s%s\n' "$what" "$status" "$(part reason)" "$(part cause)" "$(part scope)"
    else
        printf '%-34s no connection\n' "$what"
    fi
}

serve certificates.yaml
decide=$url/v1/hosts:decide
ask 'certificate' "$decide" --cert mdm.pem --key mdm.key
ask 'no certificate' "$decide"
ask 'certificate without a rule' "$decide" --cert stranger.pem --key stranger.key
ask 'certificate, another scope' "$url/v1/hosts:explain" --cert mdm.pem --key mdm.key

serve tokens-server.yaml
decide=$url/v1/hosts:decide
bearing() { ask "$1" "$decide" -H "authorization: Bearer $2"; }
now=$(date +%s)
eddsa='{"alg":"EdDSA","kid":"k1"}'
claims() { # MORE
    printf '{"iss":"https://issuer.example","sub":"mdm","scope":"decide",%s}' "$1"
}
sound=$(claims "\"aud\":\"embargo\",\"exp\":$((now + 600))")
ask 'no credential' "$decide"
bearing 'static token' "$(cat mdm.token)"
bearing 'static token, unknown' "$(cat mdm.token)x"
token=$(jwt "$eddsa" "$sound" issuer.key)
bearing 'JWT' "$token"
bearing 'JWT, expired' "$(jwt "$eddsa" "$(claims "\"aud\":\"embargo\",\"exp\":$((now - 600))")" issuer.key)"
bearing 'JWT, not valid yet' "$(jwt "$eddsa" "$(claims "\"aud\":\"embargo\",\"exp\":$((now + 900)),\"nbf\":$((now + 600))")" issuer.key)"
bearing 'JWT, for another audience' "$(jwt "$eddsa" "$(claims "\"aud\":\"other\",\"exp\":$((now + 600))")" issuer.key)"
bearing 'JWT, by another issuer' "$(jwt "$eddsa" "$(printf %s "$sound" | sed s/issuer.example/evil.example/)" issuer.key)"
bearing 'JWT, without end' "$(jwt "$eddsa" "$(claims '"aud":"embargo"')" issuer.key)"
bearing 'JWT, signed by another key' "$(jwt "$eddsa" "$sound" other.key)"
bearing 'JWT, by an unknown key' "$(jwt '{"alg":"EdDSA","kid":"k9"}' "$sound" other.key)"
none=$(printf '{"alg":"none"}' | base64url).$(printf %s "$sound" | base64url).
bearing 'JWT, without signature' "$none"
hs256='{"alg":"HS256","kid":"k1"}'
message=$(printf %s "$hs256" | base64url).$(printf %s "$sound" | base64url)
secret=$(openssl pkey -in issuer.key -pubout -outform DER | tail -c 32 | od -An -v -tx1 | tr -d ' \n')
keyed=$(printf %s "$message" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$secret" -binary | base64url)
bearing 'JWT, keyed by the public key' "$message.$keyed"
bearing 'JWT, by RS256 unless chosen' "$(jwt '{"alg":"RS256","kid":"k1"}' "$sound" issuer.key)"
more=$(printf %s "$sound" | sed s/decide/admin/ | base64url)
bearing 'JWT, changed' "${token%%.*}.$more.${token##*.}"
