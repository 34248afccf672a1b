#!/usr/bin/env bash
# Packs ImapTrigger and ImapTrigger.Worker into packages/, the feed that the apps' nuget.config names, until they are published.
set -euo pipefail
cd "$(dirname "$0")"
rm -rf packages
cache=$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: *//')
for package in ImapTrigger ImapTrigger.Worker; do
  dotnet pack "../src/$package" -c Release -o packages -v quiet
  version=$(basename packages/"$package".[0-9]*.nupkg .nupkg)
  version=${version#"$package".}
  # NuGet unpacks a version once: what was packed before under this one would be used again.
  rm -rf "${cache:?}/$(echo "$package/${version:?}" | tr '[:upper:]' '[:lower:]')"
done
echo "The apps restore from $PWD/packages now."
