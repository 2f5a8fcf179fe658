#!/usr/bin/env bash
# Print one of README.md's two commands, verbatim: readme_command.sh compare|test [README.md]
set -euo pipefail
awk -v marker="<!-- command: $1 -->" '
    $0 == marker { found = 1; next }
    found && /^```$/ { exit }
    found && !/^```/ { print }
' "${2:-README.md}"
