#Requires -Version 5.1
<#
.SYNOPSIS
The detection script of the same app: says that it is there while the "go ahead" holds.

.DESCRIPTION
Intune takes an app for installed where the script ends with 0 and writes something. When the decision may
have changed the app is not detected any longer, and Intune asks again.
#>
param([string] $Action = 'ACTION_USE')

$ErrorActionPreference = 'Stop'
try {
    $noted = Get-ItemProperty 'HKLM:\SOFTWARE\Embargo'
    if ($noted.Admitted -cne $Action) { exit 1 }
    if ($noted.PSObject.Properties['NextChangeTime']) {
        $change = [DateTimeOffset]::Parse($noted.NextChangeTime, [Globalization.CultureInfo]::InvariantCulture)
        if ([DateTimeOffset]::UtcNow -ge $change) { exit 1 }
    }
    'admitted'
    exit 0
}
catch {
    exit 1
}
