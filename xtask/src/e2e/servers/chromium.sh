#!/bin/sh
# The unpacked Chromium, with the libraries and fonts that were unpacked beside it.
place='@PLACE@'
for folder in "$place"/root/lib/*-linux-gnu "$place"/root/lib/*-linux-gnu/* "$place"/root/usr/lib/*-linux-gnu "$place"/root/usr/lib/*-linux-gnu/*; do
  if [ -d "$folder" ]; then libraries="$libraries:$folder"; fi
done
export LD_LIBRARY_PATH="${libraries#:}" FONTCONFIG_FILE="$place/fonts.conf"
exec "$place/root/usr/lib/chromium/chromium" "$@"
