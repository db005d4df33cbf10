#!/usr/bin/env bash
# Tries the recipes as far as this machine allows, with a server of the shipped policies:
#   embargo with --policies policies -- docs/recipes/check.sh
#
# EMBARGO_VENV_DIR keeps what PyPI gave from run to run.
#
# It needs `embargo` (in the PATH, or named by EMBARGO), the server that EMBARGO_URL names, Python with
# venv, curl, and PyPI. What else is at hand is used: Go for actionlint, shellcheck, terraform, packer,
# cloud-init. Each line says what was tried, or left out and why.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

work=$(mktemp -d)
step='start'
finish() {
    local status=$?
    rm -rf "$work"
    if [ "$status" -ne 0 ]; then echo "docs/recipes: failed at: $step"; fi
}
trap finish EXIT

tried() { echo "tried     $*"; }
left_out() { echo "left out  $*"; }
has() { command -v "$1" >/dev/null 2>&1; }
stop() {
    echo "$*" >&2
    exit 1
}

# first COMMAND...: the first line of what a command says.
first() {
    local said
    said=$("$@" 2>/dev/null)
    echo "${said%%$'\n'*}"
}

# want CODE COMMAND...: runs a command and holds it to its exit code.
want() {
    local wanted=$1 got=0
    shift
    "$@" >"$work/out" 2>"$work/err" </dev/null || got=$?
    if [ "$got" -ne "$wanted" ]; then
        cat "$work/out" "$work/err" >&2
        stop "ended with $got, wanted $wanted: $*"
    fi
}

step='what is needed'
[ -n "${EMBARGO_URL:-}" ] || stop 'EMBARGO_URL names no server; hint: embargo with --policies policies -- docs/recipes/check.sh'
mkdir "$work/bin"
embargo=${EMBARGO:-$(command -v embargo || true)}
[ -x "$embargo" ] || stop 'there is no embargo; hint: put it in the PATH, or name it by EMBARGO'
ln -s "$(realpath "$embargo")" "$work/bin/embargo"
export PATH="$work/bin:$PATH"
embargo gate --help >/dev/null || stop 'this embargo has no gate; hint: build it from this tree'
nobody='http://127.0.0.1:1'

venv=${EMBARGO_VENV_DIR:-$work}/recipes
python3 -m venv "$venv"
python="$venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"

# What is installed on a machine on which nothing stands in the way, and on one that may not be used.
cat >"$work/sound.status" <<'END'
Package: bash
Status: install ok installed
Version: 5.2.15-2+b7
Architecture: amd64

END
{
    cat "$work/sound.status"
    printf 'Package: kesl\nStatus: install ok installed\nVersion: 12.0.0-6672\nArchitecture: amd64\n\n'
} >"$work/banned.status"

# part FILE PATH...: a part of a file in YAML or HCL, as text.
part() { "$python" "$here/part.py" "$@"; }

step='shell scripts'
for script in "$here"/apple-ade/hand-over.sh "$here/check.sh"; do
    bash -n "$script"
done
if has shellcheck; then
    shellcheck "$here"/apple-ade/hand-over.sh "$here/check.sh"
    tried 'shell: shellcheck'
fi

step='packer'
mkdir "$work/image"
cp "$here/packer/about.yaml" "$work/image/"
# shellcheck disable=SC2016
part "$here/packer/embargo.pkr.hcl" build provisioner shell-local inline |
    sed -e "s|\${path.root}|$work/image|g" -e 's|\$\${|${|g' >"$work/image/gate.sh"
image() { cp "$work/$1.status" "$work/image/image.dpkg-status" && EMBARGO_SERVER=$2 sh "$work/image/gate.sh"; }
want 0 image sound ''
want 0 image sound "$EMBARGO_URL"
want 1 image banned "$EMBARGO_URL"
want 2 image sound "$nobody"
tried 'packer: the gate of the build, offline, against a server, denied, and without the server'
if has packer && has ssh-keygen; then
    ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -f "$work/key"
    CHECKPOINT_DISABLE=1 want 0 packer validate -var "key=$work/key" "$here/packer/embargo.pkr.hcl"
    tried "packer: validated by $(first packer version)"
else
    left_out 'packer: packer is not here; its HCL was parsed'
fi

step='cloud-init'
part "$here/cloud-init/user-data" write_files /usr/local/sbin/embargo-admit content >"$work/admit.sh"
part "$here/cloud-init/user-data" write_files /etc/embargo/about.yaml content >"$work/about.yaml"
machine() {
    EMBARGO_SERVER=$2 EMBARGO_ABOUT="$work/about.yaml" EMBARGO_PACKAGES="$work/$1.status" EMBARGO_MACHINE=m-1 \
        sh "$work/admit.sh"
}
want 0 machine sound "$EMBARGO_URL"
want 1 machine banned "$EMBARGO_URL"
want 2 machine sound "$nobody"
tried 'cloud-init: the script that the unit runs, allowed, denied, and without the server'
if has cloud-init; then
    want 0 cloud-init schema --config-file "$here/cloud-init/user-data"
    tried "cloud-init: schema by $(first cloud-init --version)"
else
    left_out 'cloud-init: cloud-init is not here; its YAML was parsed'
fi

step='ansible'
export ANSIBLE_LOCALHOST_WARNING=False ANSIBLE_INVENTORY_UNPARSED_WARNING=False ANSIBLE_HOME="$work/ansible"
ansible="$venv/bin/ansible-playbook"
want 0 "$ansible" -i localhost, --syntax-check "$here/ansible/playbook.yml"
cat >"$work/play.yml" <<END
- hosts: all
  gather_facts: false
  vars:
    ansible_python_interpreter: $python
    embargo_action: use
    installed:
      none: {}
      sound: {bash: [{version: "5.2", source: apt}]}
      banned: {bash: [{version: "5.2", source: apt}], kesl: [{version: "12.0", source: apt}]}
    embargo_owner: {kind: government, jurisdictions: [US], sectors: [federal-civilian]}
  tasks:
    - ansible.builtin.set_fact:
        cacheable: true
        system: Linux
        distribution_version: "12"
        architecture: x86_64
        pkg_mgr: apt
        packages: "{{ installed[which] }}"
    - ansible.builtin.include_tasks: $here/ansible/tasks/{{ door }}.yml
    - ansible.builtin.file: {path: "$work/went-on", state: touch}
END
play() {
    rm -f "$work/went-on"
    "$ansible" -i localhost, -c local "$work/play.yml" -e "door=$1 which=$2" ${3:+-e "embargo_server=$3"}
}
# 2 is what ansible-playbook ends with when a host has failed.
held() {
    want 2 play "$@"
    [ ! -e "$work/went-on" ] || stop "the play went on: $*"
}
went() {
    want 0 play "$@"
    [ -e "$work/went-on" ] || stop "the play did not go on: $*"
}
went gate sound ''
for door in gate http; do
    went "$door" sound "$EMBARGO_URL"
    held "$door" banned "$EMBARGO_URL"
    held "$door" none "$EMBARGO_URL"
    held "$door" sound "$nobody"
done
tried "ansible: the tasks ran with $(first "$ansible" --version) against localhost, allowed, denied, and without the server"

step='ansible: AAP'
aap() { curl --silent --max-time 20 --write-out '\n%{http_code}' -H 'content-type: application/json' --data "$1" "$EMBARGO_URL/v1/data/embargo/aap"; }
answer=$(aap "{\"input\": $(cat "$here/ansible/launch.json")}")
if [ "${answer##*$'\n'}" = 404 ]; then
    left_out 'ansible: AAP, because this server has no OPA door'
else
    grep -Eq '"allowed": ?true' <<<"$answer" || stop "$answer"
    answer=$(aap "{\"input\": $(sed 's/nginx/kesl/g' "$here/ansible/launch.json")}")
    grep -Eq '"allowed": ?false' <<<"$answer" || stop "$answer"
    # An empty list of violations would let the job run.
    ! grep -Eq '"violations": ?\[\]' <<<"$answer" || stop "$answer"
    tried 'ansible: what AAP asks the OPA door, allowed and denied'
fi

step='terraform'
"$python" "$here/terraform/run_task_test.py" >"$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
tried 'terraform: the run task, against a Terraform that is made up'
part "$here/terraform/gate.tf" resource terraform_data embargo provisioner local-exec command |
    sed 's|\$\${|${|g' >"$work/apply.sh"
planned() { EMBARGO_FACTS=$1 EMBARGO_SERVER=$2 sh "$work/apply.sh"; }
sound='{"host_id": "web-1", "owner": {"kind": "government", "jurisdictions": ["US"], "sectors": ["federal-civilian"]}, "software": [{"name": "nginx", "package_id": "nginx", "source": "deb_packages"}]}'
want 0 planned "$sound" ''
want 0 planned "$sound" "$EMBARGO_URL"
want 1 planned "${sound//nginx/kesl}" "$EMBARGO_URL"
want 2 planned "$sound" "$nobody"
tried 'terraform: the command of the gate'
if has terraform; then
    mkdir "$work/terraform"
    cp "$here/terraform/gate.tf" "$work/terraform/"
    apply() { terraform -chdir="$work/terraform" apply -auto-approve -input=false -no-color "$@"; }
    export CHECKPOINT_DISABLE=1
    want 0 terraform fmt -check "$here/terraform"
    want 0 terraform -chdir="$work/terraform" init -input=false
    want 1 apply -var "embargo_server=$nobody"
    banned=${sound//nginx/kesl}
    want 1 apply -var "hosts={\"web-1\": ${banned/'"host_id": "web-1", '/}}"
    if grep -q machine <<<"$(terraform -chdir="$work/terraform" state list 2>/dev/null)"; then
        stop 'a machine was made without a go ahead'
    fi
    want 0 apply
    tried "terraform: applied by $(first terraform version), allowed, denied, and without the server"
else
    left_out 'terraform: terraform is not here; its HCL was parsed'
fi

step='github-actions'
mkdir -p "$work/repository/.github" "$work/runner"
cp "$here/packer/about.yaml" "$work/repository/.github/embargo-about.yaml"
part "$here/github-actions/embargo.yml" jobs gate steps 'Ask Embargo' run >"$work/workflow.sh"
workflow() {
    printf '{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"type": "application", "name": "%s", "version": "1", "purl": "pkg:deb/debian/%s@1"}]}' "$1" "$1" >"$work/runner/sbom.json"
    rm -f "$work/repository/embargo.sarif"
    (cd "$work/repository" && RUNNER_TEMP="$work/runner" EMBARGO_SERVER=$2 bash -e "$work/workflow.sh")
}
for row in "0 nginx $EMBARGO_URL" '0 nginx ' "1 kesl $EMBARGO_URL" "2 nginx $nobody"; do
    IFS=' ' read -r code name server <<<"$row"
    want "$code" workflow "$name" "$server"
    "$python" -c 'import json, sys; assert json.load(open(sys.argv[1]))["version"] == "2.1.0"' "$work/repository/embargo.sarif"
done
tried 'github-actions: the step that asks, which leaves SARIF whatever becomes of it'
if has go; then
    (cd "$work" && GOFLAGS=-mod=mod go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 "$here/github-actions/embargo.yml")
    tried 'github-actions: actionlint 1.7.12'
else
    left_out 'github-actions: actionlint, because Go is not here'
fi

step='apple-ade'
device='00008030-000000000000802E'
sed -e 's/com.example.editor/com.kaspersky.kav/' -e 's/Example Editor/Kaspersky/' "$here/apple-ade/list.plist" >"$work/banned.plist"
hand_over() { EMBARGO_SERVER=$3 "$here/apple-ade/hand-over.sh" "$1" "$2"; }
want 0 hand_over "$device" "$here/apple-ade/list.plist" "$EMBARGO_URL"
"$python" -c 'import plistlib, sys; assert plistlib.load(open(sys.argv[1], "rb"))["Command"]["RequestType"] == "DeviceConfigured"' "$work/out"
want 1 hand_over "$device" "$work/banned.plist" "$EMBARGO_URL"
[ ! -s "$work/out" ] || stop 'a device that is denied was let go'
want 2 hand_over "$device" "$here/apple-ade/list.plist" "$nobody"
[ ! -s "$work/out" ] || stop 'a device was let go without a decision'
want 2 hand_over '1: x' "$here/apple-ade/list.plist" "$EMBARGO_URL"
"$python" -m json.tool "$here/apple-ade/profile.json" >/dev/null
tried 'apple-ade: the script, allowed, denied, and without the server'
left_out 'apple-ade: a device, which needs Apple Business Manager and an MDM server'

step='autopilot'
"$python" "$here/part.py" --powershell "$here"/autopilot/*.ps1
tried 'autopilot: the scripts were parsed'
left_out 'autopilot: the scripts were not run, which needs Windows'

step='kubernetes'
for object in "$here"/kubernetes/*.yaml; do
    want 0 "$venv/bin/kubernetes-validate" --strict "$object"
done
tried 'kubernetes: the objects, against the schemas of Kubernetes'
review() {
    part --review "$1" | sed "s/nginx/$2/g" |
        curl --silent --max-time 20 --write-out '\n%{http_code}' -H 'content-type: application/json' --data @- "$EMBARGO_URL/webhook/k8s/v1"
}
answer=$(review "$here/kubernetes/inventory.yaml" nginx)
if [ "${answer##*$'\n'}" = 404 ]; then
    left_out 'kubernetes: the webhook, because this server has none'
else
    for object in "$here"/kubernetes/*.yaml; do
        answer=$(review "$object" nginx)
        grep -Eq '"allowed": ?true' <<<"$answer" || stop "$answer"
        answer=$(review "$object" kesl)
        grep -Eq '"allowed": ?false' <<<"$answer" || stop "$answer"
    done
    tried 'kubernetes: the objects, asked of the webhook, allowed and denied'
fi
left_out 'kubernetes: a cluster'

step='envoy'
part "$here/envoy/envoy.yaml" static_resources clusters 0 name >/dev/null
tried 'envoy: its YAML was parsed'
left_out 'envoy: a proxy'

echo 'docs/recipes: passed'
