"""Kafka Connect, distributed: a file becomes a topic and a file again, over restarts and kills; see run.

    connect.py headwater|apache DIR

Lines are numbered. In every step each line that was appended to the first file has to reach the second one, in order of its first
appearance; twice only where something was killed ("at least once").
"""
import json
import os
import sys
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from applications import Cluster, Program, eventually, main

HERE = os.path.dirname(os.path.abspath(__file__))
LIBS, KAFKA_LIBS, LOG_CONFIG = (os.environ[name] for name in ("LIBS", "KAFKA_LIBS", "LOG_CONFIG"))
TOPIC = "lines"


class Worker(Program):
    """One worker of the Connect cluster; it answers REST when this returns."""

    def __init__(self, cluster, directory, name, port):
        self.port = port
        config = os.path.join(directory, f"{name}.properties")
        with open(os.path.join(HERE, "worker.properties")) as common, open(config, "w") as file:
            file.write(common.read())
            file.write(f"bootstrap.servers={cluster.broker.bootstrap}\nlisteners=http://127.0.0.1:{port}\nclient.id={name}\n")
        super().__init__(name, ["-cp", f"{LIBS}/*:{KAFKA_LIBS}/*", f"-Dlog4j2.configurationFile={LOG_CONFIG}",
                                "org.apache.kafka.connect.cli.ConnectDistributed", config], directory)

    def ready(self):
        def holds():
            if self.process.poll() is not None:
                return "ended"
            return isinstance(self.ask("GET", "/connectors"), list)
        if eventually(f"{self.name} answers", holds) == "ended":
            raise AssertionError(f"{self.name} ended: {self.tail()}")
        return self

    def ask(self, method, path, body=None):
        """The answer of the REST interface, decoded (None: no content)."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()[:300]}") from None
        return json.loads(text) if text else None

    def tasks(self):
        """{task or connector: (state, worker)} of all connectors."""
        found = {}
        for name in self.ask("GET", "/connectors"):
            status = self.ask("GET", f"/connectors/{name}/status")
            found[name] = (status["connector"]["state"], status["connector"]["worker_id"])
            for task in status["tasks"]:
                found[f"{name}-{task['id']}"] = (task["state"], task["worker_id"])
        return found


class Files:
    """The file that is read, the file that is written, and how many lines were appended."""

    def __init__(self, directory):
        self.source, self.sink = os.path.join(directory, "in.txt"), os.path.join(directory, "out.txt")
        self.appended = 0
        open(self.source, "w").close()

    def append(self, count):
        with open(self.source, "a") as file:
            for _ in range(count):
                file.write(f"line {self.appended} of the file\n")
                self.appended += 1

    def arrived(self):
        try:
            with open(self.sink) as file:
                text = file.read()
        except FileNotFoundError:
            return []
        return [int(line.split()[1]) for line in text.split("\n")[:-1] if line]

    def complete(self):
        """Waits until every line has arrived; returns what arrived."""
        try:
            eventually("all lines arrive", lambda: len(set(self.arrived())) >= self.appended)
        except AssertionError:
            missing = sorted(set(range(self.appended)) - set(self.arrived()))
            raise AssertionError(f"{len(missing)} of {self.appended} lines are missing, first {missing[:3]}") from None
        found = self.arrived()
        firsts = list(dict.fromkeys(found))
        if firsts != list(range(self.appended)):
            wrong = next(i for i, each in enumerate(firsts) if each != i)
            raise AssertionError(f"out of order: {firsts[wrong]} where {wrong} belongs")
        return found

    def each_once(self, before):
        """All have arrived, and of those that came after the first `before` arrivals none twice and none again."""
        found = self.complete()
        if len(found) - before != len(set(found[before:])) or len(found) - before != self.appended - len(set(found[:before])):
            return f"{len(found)} lines for {self.appended}, {before} before"


def running(worker, workers):
    """Waits until both connectors and their tasks run on these workers, on every one of them something."""
    ids = {f"127.0.0.1:{each.port}" for each in workers}
    def holds():
        found = worker.tasks()
        return set(found) == {"from-file", "to-file", "from-file-0", "to-file-0"} and \
            {state for state, _ in found.values()} == {"RUNNING"} and {where for _, where in found.values()} == ids
    eventually(f"everything runs on {sorted(ids)}", holds)


def internal_topics(cluster, worker):
    """The three topics have the policy and the number of partitions that the worker wants."""
    found = cluster.topics()
    for topic, partitions in {"connect-configs": 1, "connect-offsets": 5, "connect-status": 2}.items():
        if found.get(topic) != partitions:
            return f"{topic} has {found.get(topic)} partitions"
        policy = cluster.config(topic)["cleanup.policy"]
        if policy != "compact":
            return f"{topic}: cleanup.policy is {policy}"
    if (found[TOPIC], cluster.config(TOPIC)["max.message.bytes"]) != (1, "123456"):
        return f"the connector's own topic has {found[TOPIC]} partitions and {cluster.config(TOPIC)}"


def offsets(cluster, worker, files):
    """Both offsets, as Connect and as the broker tell them, reach the end."""
    size = os.path.getsize(files.source)
    def source():
        found = worker.ask("GET", "/connectors/from-file/offsets")["offsets"]
        return [each["offset"]["position"] for each in found] == [size]
    eventually("the source's offset is the file's size", source, 30)
    def sink():
        ends = {key: end for key, (_, end) in cluster.ends(TOPIC).items()}
        told = {(each["partition"]["kafka_topic"], each["partition"]["kafka_partition"]): each["offset"]["kafka_offset"]
                for each in worker.ask("GET", "/connectors/to-file/offsets")["offsets"]}
        committed = cluster.committed("connect-to-file")
        written = {key: end for key, end in ends.items() if end}
        return told == written == committed
    eventually("the sink's offsets are the ends of the topic", sink, 30)


def run(report, kind, directory, clusters):
    cluster = Cluster(kind, directory)
    clusters.append(cluster)
    files, ports, worker = Files(directory), os.environ["REST_PORTS"].split(), {}

    def start(name):
        worker[name] = Worker(cluster, directory, name, ports["ab".index(name)])
        return worker[name].ready()

    def file_to_file():
        one = start("a")
        files.append(1000)
        one.ask("POST", "/connectors", {"name": "from-file", "config": {
            "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector", "tasks.max": "1", "topic": TOPIC,
            "file": files.source, "topic.creation.default.replication.factor": "1", "topic.creation.default.partitions": "1",
            "topic.creation.default.max.message.bytes": "123456"}})
        one.ask("POST", "/connectors", {"name": "to-file", "config": {
            "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector", "tasks.max": "1", "topics": TOPIC,
            "file": files.sink}})
        running(one, [one])
        return files.each_once(0)

    def clean_restart():
        offsets(cluster, worker["a"], files)
        worker["a"].end()
        before = len(files.arrived())
        files.append(500)
        running(start("a"), [worker["a"]])
        return files.each_once(before)

    def second_worker():
        before = len(files.arrived())
        start("b")
        running(worker["b"], [worker["a"], worker["b"]])
        files.append(500)
        return files.each_once(before)

    def killed_worker():
        files.append(500)
        worker["b"].kill()
        files.append(500)
        running(worker["a"], [worker["a"]])
        files.append(500)
        files.complete()

    def killed_alone():
        files.append(500)
        worker["a"].kill()
        files.append(500)
        running(start("a"), [worker["a"]])
        files.complete()

    def killed_broker():
        for _ in range(3):
            files.append(500)
            cluster.broker.kill_and_start()
            files.append(500)
            files.complete()
        running(worker["a"], [worker["a"]])
        offsets(cluster, worker["a"], files)

    def paused():
        one = worker["a"]
        before = len(files.arrived())
        one.ask("PUT", "/connectors/to-file/pause")
        eventually("it is paused", lambda: one.tasks()["to-file-0"][0] == "PAUSED")
        files.append(100)
        one.ask("POST", "/connectors/from-file/restart?includeTasks=true")
        one.ask("PUT", "/connectors/to-file/resume")
        running(one, [one])
        return files.each_once(before)

    def deleted():
        one = worker["a"]
        for name in ("from-file", "to-file"):
            one.ask("DELETE", f"/connectors/{name}")
        eventually("none is left", lambda: one.ask("GET", "/connectors") == [])
        eventually("the sink's group is empty", lambda: cluster.group("connect-to-file").state.name == "EMPTY")
        one.end()
        return one.process.returncode not in (0, 143, -15) and f"exit code {one.process.returncode}"

    report.step("a file becomes a topic and a file again, each line once", file_to_file)
    report.step("the internal topics are what Connect asked for", lambda: internal_topics(cluster, worker["a"]))
    report.step("a clean restart: each line once", clean_restart)
    report.step("a second worker takes its share, each line once", second_worker)
    report.step("kill -9 of one of two workers: nothing lost", killed_worker)
    report.step("kill -9 of the only worker: nothing lost", killed_alone)
    report.step("kill -9 of the broker, three times: nothing lost", killed_broker)
    report.step("pause, restart and resume", paused)
    report.step("the connectors are deleted", deleted)


main(run)
