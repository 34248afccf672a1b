#!/usr/bin/env bash
# Unpacks Debian's Cyrus and Courier into a folder, and installs the libraries they need: their packages and Dovecot's exclude each other. And two proxies, whose packages would start them.
# As root, after apt-get update. The tests start them from there.
set -euo pipefail
mkdir -p "$1" && cd "$1"
cyrus='cyrus-common cyrus-imapd' courier='courier-authlib courier-base courier-imap'

# Without those of programs that the tests do not start.
libraries=$(apt-cache depends --important $cyrus $courier | awk '/Depends: lib/ && !/clamav|zephyr/ {print $NF}' | sort -u)
apt-get install -y -qq --no-install-recommends --no-upgrade $libraries

packages=$(mktemp -d) && trap 'rm -rf "$packages"' EXIT
here=$PWD && cd "$packages" && apt-get download -qq $cyrus $courier tinyproxy-bin microsocks
for server in cyrus courier; do
  for package in "$server"-*.deb; do dpkg -x "$package" "$server"; done
  rm -rf "${here:?}/$server" && mv "$server" "$here"
done
for package in tinyproxy-bin microsocks; do dpkg -x "$package"_*.deb proxies; done
rm -rf "${here:?}/proxies" && mv proxies "$here"
