"""Creates mappings of thirty columns, as many as are asked for, beside anything that could slow it down.

Arguments: the cluster's name, a member's address, and the statements' file: one a line.
"""

import sys

import hazelcast

name, address, file = sys.argv[1:]
client = hazelcast.HazelcastClient(cluster_name=name, cluster_members=[address])
for statement in open(file, encoding="utf-8"):
    client.sql.execute(statement).result()
client.shutdown()
