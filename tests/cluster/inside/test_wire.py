"""What can be read on the way between a driver and its executors."""

import json
import secrets
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.support import sniffer
from tests.support.cluster import Cluster
from tests.support.executor import PYTHON
from tests.support.scene import Scene

pytestmark = pytest.mark.xdist_group("people")
PATIENCE_S = 400
PIECES = 2000
SESSION = """
from spark_connector import connect, status
marker = "".join({halves!r})
spark = connect(**{{"spark.shuffle.compress": "false"}})
rows = spark.sparkContext.parallelize([marker * 20] * {pieces}, 4)
pairs = rows.zipWithIndex().map(lambda it: (it[1], it[0]))
print(pairs.groupByKey(4).map(lambda it: len(list(it[1])[0])).sum())
print(sum(map(len, rows.map(lambda it: it + ".").collect())))
"""


def test_marker_of_the_data_is_not_in_clear_between_pods(
    own_node: Cluster, scene: Scene
) -> None:
    marker, end = f"marker-{secrets.token_hex(8)}", f"end-{secrets.token_hex(8)}"
    heard: list[dict[str, Any]] = []

    def listen() -> None:
        command = ["python3", "-", marker, end, str(PATIENCE_S)]
        program = Path(sniffer.__file__).read_text()
        heard.append(json.loads(own_node.node_shell(command, stdin=program)))

    listener = threading.Thread(target=listen)
    listener.start()
    # The program itself comes to the pod over the network too.
    halves = [marker[:8], marker[8:]]
    printed = scene.kubectl(
        *("exec", "-i", "-n", scene.alice.namespace, scene.alice.name, "--"),
        *(PYTHON, "-"),
        stdin=SESSION.format(halves=halves, pieces=PIECES),
    )
    # A plain connection between the same two kinds of pods, on the same port, which
    # shows that the listener hears them, and ends it.
    url = f"http://{scene.executor.ip}:7200/{end}"
    while listener.is_alive():
        scene.alice.ask(("ask", {"url": url}))
    listener.join()

    data = PIECES * 20 * len(marker)
    assert str(data + PIECES) in printed
    [seen] = heard
    assert seen["ended"], "the listener hears nothing of this network"
    assert seen["bytes"] > 2 * data, seen
    assert seen["marked"] == 0


def test_marker_is_heard_in_a_plain_connection(own_node: Cluster, scene: Scene) -> None:
    marker = f"marker-{secrets.token_hex(8)}"
    url = f"http://{scene.executor.ip}:7200/{marker}"
    heard: list[dict[str, Any]] = []

    def listen() -> None:
        command = ["python3", "-", marker, marker, "60"]
        program = Path(sniffer.__file__).read_text()
        heard.append(json.loads(own_node.node_shell(command, stdin=program)))

    listener = threading.Thread(target=listen)
    listener.start()
    while listener.is_alive():
        scene.alice.ask(("ask", {"url": url}))

    assert heard[0]["marked"] > 0
