#!/usr/bin/env bash
# Lets a device out of Setup Assistant only if Embargo says so.
#
#   hand-over.sh UDID ANSWER.plist > command.plist
#
# ANSWER.plist is what the device answered to InstalledApplicationList. On "go ahead" it writes the
# command DeviceConfigured, for the MDM server to send; on anything else it writes nothing and ends with
# the code of `embargo gate`, and the device stays where it is.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
device=${1:?name the device by its UDID}
answer=${2:?name the file of its answer to InstalledApplicationList}
case $device in
    *[!A-Za-z0-9-]* | '') echo "this is no UDID; hint: give it as the device sends it" >&2; exit 2 ;;
esac

about=$(mktemp)
trap 'rm -f "$about"' EXIT
{ printf 'host_id: %s\n' "$device"; cat "${EMBARGO_ABOUT:-$here/about.yaml}"; } >"$about"

# What is found goes to the log; standard output is the command's alone.
embargo gate "$answer" --from apple-mdm --about "$about" --action use \
    ${EMBARGO_SERVER:+--server "$EMBARGO_SERVER"} >&2

cat <<PLIST
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
    <key>CommandUUID</key>
    <string>embargo-device-configured-$device</string>
    <key>Command</key>
    <dict>
        <key>RequestType</key>
        <string>DeviceConfigured</string>
    </dict>
</dict>
</plist>
PLIST
