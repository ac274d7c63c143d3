"""The two nodes that take turns on one directory, each with the same server.properties."""
import glob
import os
import re
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from processes import has_ended

JAVA = ["java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
CLASS_PATH = ["-cp", os.environ["KAFKA_LIBS"] + "/*"]
CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qg"
# What a cluster must not have finalized if Headwater is to take it over.
LOWERED = ["metadata.version=30", "transaction.version=0", "share.version=0", "streams.version=0",
           "eligible.leader.replicas.version=0"]


def free_port():
    """Below the range of outgoing connections, so that it stays free between two nodes."""
    script = '. "$1"; free_port'
    found = subprocess.run(["bash", "-c", script, "-", os.path.join(HERE, "..", "lib", "env.sh")],
                           check=True, capture_output=True, text=True)
    return int(found.stdout)


class Nodes:
    """One directory with its configuration, and whoever runs on it."""

    def __init__(self, directory, quorum, log_dirs=1, options=(), apache_only=()):
        """`apache_only`: keys that Headwater refuses, and that its own copy of the configuration leaves out."""
        self.directory, self.quorum = directory, quorum
        self.log_dirs = [os.path.join(directory, name) for name in ["data", "data-b", "data-c"][:log_dirs]]
        self.config, self.headwater_config = os.path.join(directory, "server.properties"), os.path.join(directory, "headwater.properties")
        self.port, controller = free_port(), free_port()
        self.bootstrap = f"127.0.0.1:{self.port}"
        voters = {"static": f"controller.quorum.voters=1@127.0.0.1:{controller}",
                  "standalone": f"controller.quorum.bootstrap.servers=127.0.0.1:{controller}"}
        os.makedirs(directory)
        lines = [
            "process.roles=broker,controller", "node.id=1", voters[quorum], "controller.listener.names=CONTROLLER",
            f"listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}",
            f"log.dirs={','.join(self.log_dirs)}", "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=2",
            "transaction.state.log.replication.factor=1", "transaction.state.log.min.isr=1",
            "transaction.state.log.num.partitions=2", "share.coordinator.state.topic.replication.factor=1",
            "share.coordinator.state.topic.min.isr=1", "share.coordinator.state.topic.num.partitions=2",
            "group.initial.rebalance.delay.ms=0", "log.retention.ms=-1", *options]
        for path, more in [(self.config, apache_only), (self.headwater_config, ())]:
            with open(path, "w") as file:
                file.write("\n".join([*lines, *more, ""]))
        self.process = None

    def format(self, features):
        command = [*JAVA, *CLASS_PATH, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", self.config]
        command += ["--standalone"] if self.quorum == "standalone" else []
        for feature in features:
            command += ["--feature", feature]
        subprocess.run(command, check=True, capture_output=True)

    def start_apache(self):
        """The reference's own launcher, which finds the configuration and the formatted directory there."""
        subprocess.run([os.path.join(HERE, "..", "reference", "start"), str(self.port), self.directory], check=True)
        with open(os.path.join(self.directory, "pid")) as file:
            self.process = int(file.read())

    def tool(self, name, *arguments):
        """One of the reference's command line tools; gives its output."""
        done = subprocess.run([*JAVA, *CLASS_PATH, name, "--bootstrap-server", self.bootstrap, *arguments],
                              capture_output=True, text=True, errors="replace", timeout=120)
        if done.returncode:
            raise AssertionError(f"{name} {arguments}: {done.stdout} {done.stderr}")
        return done.stdout

    def headwater_command(self, *overrides, config=None):
        command = [os.environ["HEADWATER_BINARY"], "server", "--config", config or self.headwater_config]
        return command + [word for pair in overrides for word in ["--override", pair]]

    def start_headwater(self, *overrides):
        with open(os.path.join(self.directory, "headwater.log"), "ab") as log:
            child = subprocess.Popen(self.headwater_command(*overrides), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.process = child.pid
        with open(os.path.join(self.directory, "pid"), "w") as file:
            file.write(str(child.pid))
        subprocess.run([sys.executable, os.path.join(HERE, "..", "lib", "wait_ready.py"), str(self.port), str(child.pid), "30"],
                       check=True)

    def stop(self):
        """SIGTERM; the directory must be left as after a clean stop."""
        os.kill(self.process, signal.SIGTERM)
        end = time.monotonic() + 60
        while not ended(self.process):
            if time.monotonic() > end:
                raise AssertionError("it does not stop")
            time.sleep(0.02)
        os.remove(os.path.join(self.directory, "pid"))
        if not all(os.path.exists(os.path.join(data, ".kafka_cleanshutdown")) for data in self.log_dirs):
            raise AssertionError("no mark of a clean stop")

    def kill(self):
        """kill -9, in the middle of whatever it does."""
        os.kill(self.process, signal.SIGKILL)
        while not ended(self.process):
            time.sleep(0.02)
        os.remove(os.path.join(self.directory, "pid"))

    def complaints(self, name):
        """What a log file says of damage, or in level ERROR."""
        with open(os.path.join(self.directory, name), errors="replace") as file:
            bad = re.compile(r"\b(ERROR|FATAL)\b|[Cc]orrupt|Exception")
            return [line.strip()[:300] for line in file if bad.search(line)]

    def dump_log(self):
        """What kafka-dump-log finds wrong in all files of the directory, each kind with its decoder."""
        files = sorted(file for data in self.log_dirs for file in glob.glob(os.path.join(data, "*", "*")) if "-stray/" not in file)
        kinds = {"metadata": [], "other": []}
        for file in files:
            if file.endswith((".log", ".index", ".timeindex", ".txnindex", ".snapshot", ".checkpoint")):
                kinds["metadata" if "__cluster_metadata" in file else "other"].append(file)
        wrong, seen = [], 0
        for kind, decoder in [("metadata", ["--cluster-metadata-decoder"]), ("other", ["--deep-iteration"])]:
            found = subprocess.run([*JAVA, *CLASS_PATH, "org.apache.kafka.tools.DumpLogSegments", *decoder, "--files",
                                    ",".join(kinds[kind])], capture_output=True, text=True)
            if found.returncode:
                wrong.append(f"{kind}: exit code {found.returncode}: {found.stderr[-500:]}")
            bad = re.compile(r"isvalid: false|[Mm]ismatch|[Ff]ound timestamp|is not valid|[Cc]orrupt|trailing|Exception|"
                             r"Invalid|out of order|not found")
            wrong += [f"{kind}: {line[:300]}" for line in found.stdout.splitlines() if bad.search(line)]
            wrong += [f"{kind}: {line[:300]}" for line in found.stderr.splitlines() if "Exception" in line]
            seen += found.stdout.count("baseOffset: ")
        return wrong, seen


def ended(pid):
    try:
        os.waitpid(pid, os.WNOHANG)  # Headwater is a child of this process, the reference is not
    except ChildProcessError:
        pass
    return has_ended(pid)
