"""Puts JSON values into a map, as they are. Arguments: cluster name, port, map. Standard input: one "key TAB text" a line."""

import sys

import hazelcast
from hazelcast.core import HazelcastJsonValue

name, port, map_name = sys.argv[1:]
client = hazelcast.HazelcastClient(cluster_name=name, cluster_members=[f"127.0.0.1:{port}"])
entries = client.get_map(map_name).blocking()
for line in sys.stdin.buffer.read().decode().splitlines():
    key, text = line.split("\t", 1)
    entries.set(int(key), HazelcastJsonValue(text))
client.shutdown()
