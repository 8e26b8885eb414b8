#!/bin/sh
# The unpacked Chromium, with the libraries and fonts that were unpacked beside it.
place='@PLACE@'
unpacked="$place/root"
for folder in "$unpacked"/lib/*-linux-gnu "$unpacked"/lib/*-linux-gnu/* "$unpacked"/usr/lib/*-linux-gnu "$unpacked"/usr/lib/*-linux-gnu/*; do
  if [ -d "$folder" ]; then libraries="$libraries:$folder"; fi
done
export LD_LIBRARY_PATH="${libraries#:}" FONTCONFIG_FILE="$place/fonts.conf"
exec "$unpacked/usr/lib/chromium/chromium" "$@"
