#!/bin/sh
# Installs what `npm run bench` measures with (nginx, GNU time) and against (curl, wget, wget2, aria2, programs in C and Python). For Debian and
# Ubuntu; needs root.
set -eu

if [ "$(id -u)" -ne 0 ]; then
  echo 'install-peers.sh: needs root; run it with sudo.' >&2
  exit 1
fi
if ! command -v apt-get >/dev/null; then
  echo 'install-peers.sh: there is no apt-get here; install nginx, bash, GNU time and the peers by hand.' >&2
  exit 1
fi

# The package would start a server on port 80. A policy of ours forbids it while it is installed (invoke-rc.d(8)).
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends nginx-light time
# One by one: a system that lacks one of them still runs the other rows.
for peer in curl wget wget2 aria2 'gcc libc6-dev' python3 openssl; do
  # shellcheck disable=SC2086 # A peer may be two packages.
  apt-get install -y --no-install-recommends $peer || echo "install-peers.sh: no $peer here; its rows are left out." >&2
done
