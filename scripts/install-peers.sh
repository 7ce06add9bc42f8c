#!/bin/sh
# Installs what `npm run bench` measures against and with: nginx, curl, GNU time. For Debian and Ubuntu; needs root.
set -eu

if [ "$(id -u)" -ne 0 ]; then
  echo 'install-peers.sh: needs root; run it with sudo.' >&2
  exit 1
fi
if ! command -v apt-get >/dev/null; then
  echo 'install-peers.sh: there is no apt-get here; install nginx, curl, bash and GNU time by hand.' >&2
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
apt-get install -y --no-install-recommends nginx-light curl time
