#Requires -Version 5.1
<#
.SYNOPSIS
Asks Embargo whether what is installed on this device may be used, and notes a "go ahead".

.DESCRIPTION
The install command of a Win32 app that the Enrollment Status Page waits for:

  powershell.exe -NoProfile -ExecutionPolicy Bypass -File Admit-Device.ps1 -Server https://embargo.example

Ends with 0 only on an explicit ALLOW or WARN about exactly this device and action. Anything else, errors
and timeouts included, ends with another code, and the Enrollment Status Page holds the device.

  1 denied   2 no decision, or an indeterminate one   3 a person must decide
#>
param(
    [Parameter(Mandatory)] [uri] $Server,
    [string] $Action = 'ACTION_USE',
    [string[]] $Jurisdictions = @('US'),
    [int] $TimeoutSeconds = 30
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest
$marker = 'HKLM:\SOFTWARE\Embargo'

# What was true before is not true now.
if (Test-Path $marker) { Remove-Item $marker -Recurse -Force }

try {
    $roots = @(
        'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall',
        'HKLM:\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall'
    )
    $software = @(
        Get-ChildItem -Path @($roots | Where-Object { Test-Path $_ }) |
            Get-ItemProperty |
            Where-Object { $_.PSObject.Properties['DisplayName'] -and $_.DisplayName } |
            ForEach-Object {
                $item = @{ name = [string] $_.DisplayName; source = 'programs' }
                if ($_.PSObject.Properties['DisplayVersion'] -and $_.DisplayVersion) { $item.version = [string] $_.DisplayVersion }
                if ($_.PSObject.Properties['Publisher'] -and $_.Publisher) { $item.publisher = [string] $_.Publisher }
                if ($_.PSChildName -match '^\{[0-9A-Fa-f-]{36}\}$') { $item.productCode = [string] $_.PSChildName }
                $item
            }
    )
    # A device without any software was not read; it would be allowed for want of anything to judge.
    if ($software.Count -eq 0) { throw 'no software was read' }
    $device = [string] (Get-CimInstance -ClassName Win32_ComputerSystemProduct).UUID
    $question = @{
        action = $Action
        facts  = @{
            hostId   = $device
            os       = @{ family = 'windows'; version = [string] [Environment]::OSVersion.Version }
            owner    = @{ kind = 'KIND_GOVERNMENT'; jurisdictions = $Jurisdictions }
            software = $software
            coverage = @(@{ source = 'programs'; state = 'STATE_COMPLETE' })
        }
    } | ConvertTo-Json -Depth 6 -Compress

    [Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12
    $answer = Invoke-RestMethod -Method Post -Uri ([uri]::new($Server, '/v1/hosts:decide')) `
        -ContentType 'application/json; charset=utf-8' -Body ([Text.Encoding]::UTF8.GetBytes($question)) `
        -TimeoutSec $TimeoutSeconds
    $decision = $answer.decision
    if ($decision.hostId -cne $device -or $decision.action -cne $Action) {
        throw 'the answer is about something else than was asked'
    }
}
catch {
    # Its text may name what is installed.
    [Console]::Error.WriteLine("stop: no decision: $($_.Exception.GetType().Name)")
    exit 2
}

$effect = [string] $decision.effect
if ($effect -ceq 'EFFECT_ALLOW' -or $effect -ceq 'EFFECT_WARN') {
    $null = New-Item $marker -Force
    $null = New-ItemProperty $marker -Name DecisionId -Value $decision.decisionId
    $null = New-ItemProperty $marker -Name SnapshotId -Value $decision.snapshotId
    if ($decision.PSObject.Properties['nextChangeTime']) {
        # Newer releases of PowerShell make an instant of it.
        $change = $decision.nextChangeTime
        if ($change -is [datetime]) { $change = $change.ToUniversalTime().ToString('o') }
        $null = New-ItemProperty $marker -Name NextChangeTime -Value $change
    }
    # Last: a marker that is half written does not admit.
    $null = New-ItemProperty $marker -Name Admitted -Value $Action
    'go ahead'
    exit 0
}
if ($effect -ceq 'EFFECT_DENY') {
    'stop: denied'
    exit 1
}
if ($effect -ceq 'EFFECT_REVIEW') {
    'stop: a person must decide'
    exit 3
}
# INDETERMINATE, and what a newer server may say.
'stop: not all policies could be evaluated'
exit 2
