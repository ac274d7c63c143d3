# Sourced by every script here: where things are, and the few functions they share.
conformance=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
repository=$(cd "$conformance/.." && pwd)
export HEADWATER_CACHE=${HEADWATER_CACHE:-$HOME/.cache/headwater}
kafka_version=4.3.1
kafka_libs=$HEADWATER_CACHE/kafka-$kafka_version/libs
venv=$HEADWATER_CACHE/venv-$(cat "$conformance/lib/requirements.txt" | sha256sum | cut -c1-12)
python=$venv/bin/python
# The Node clients; the checks find them through this variable.
export HEADWATER_NODE=$HEADWATER_CACHE/node-$(cat "$conformance/lib/node/package-lock.json" | sha256sum | cut -c1-12)
# What is compiled here goes by its sources' hash, so that two checkouts can share one cache.
source_hash() { cat "$@" | sha256sum | cut -c1-12; }
java_classes=$HEADWATER_CACHE/java-$(source_hash "$conformance"/{java,tools,command-line}/*.java)
# Kafka Streams and Kafka Connect, and what is compiled against them.
application_libs=$HEADWATER_CACHE/applications-$kafka_version
application_classes=$HEADWATER_CACHE/applications-$(source_hash "$conformance"/streams/*.java)
go_checks=$HEADWATER_CACHE/go-$(source_hash "$conformance"/*/*.go "$conformance"/*/go.sum "$conformance"/lib/frame/*.go)
headwater_binary=${HEADWATER_BINARY:-${CARGO_TARGET_DIR:-$repository/target}/release/headwater}

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# A TCP port nobody listens on, below the range that outgoing connections take theirs from, so that a
# broker that is killed finds its port free again.
free_port() {
  python3 -c '
import random, socket, sys
low = int(open("/proc/sys/net/ipv4/ip_local_port_range").read().split()[0])
for _ in range(1000):
    port = random.randrange(max(10000, low - 12000), low)
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
        print(port); sys.exit(0)
    except OSError:
        pass
sys.exit("no free port")'
}

# broker_start headwater|apache DIR [PORT] [key=value…]: starts a broker on DIR and waits until it answers.
# Sets BOOTSTRAP (exported) and broker_pid. Both launchers write DIR/pid and DIR/broker.log.
broker_start() {
  local kind=$1 dir=$2 port=${3:-}
  [ -n "$port" ] || port=$(free_port) || die "no free port"
  shift; shift; [ $# -gt 0 ] && shift
  case $kind in
    headwater) "$conformance/headwater/start" "$port" "$dir" "$@" || return 1 ;;
    apache) "$conformance/reference/start" "$port" "$dir" "$@" || return 1 ;;
    *) die "unknown broker $kind (headwater or apache)" ;;
  esac
  broker_pid=$(cat "$dir/pid")
  export BOOTSTRAP=127.0.0.1:$port
}

# broker_stop DIR: SIGTERM, then SIGKILL after 30 s. Says when the second was needed.
broker_stop() {
  local pid
  pid=$(cat "$1/pid" 2>/dev/null) || return 0
  kill "$pid" 2>/dev/null || return 0
  for _ in $(seq 600); do kill -0 "$pid" 2>/dev/null || { rm -f "$1/pid"; return 0; }; sleep 0.05; done
  say "broker $pid did not stop within 30 s: SIGKILL"
  kill -KILL "$pid" 2>/dev/null
  rm -f "$1/pid"
  return 1
}
