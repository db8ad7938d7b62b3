import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastJsonValue;
import com.hazelcast.map.IMap;
import java.util.HashMap;
import java.util.Map;

/** Fills a map with the JSON values {"a": …, "b": …, "c": …} under the keys 1 to N. Arguments: cluster, port, map, N. */
class Fill {
    public static void main(String[] args) {
        ClientConfig config = new ClientConfig();
        config.setClusterName(args[0]);
        config.getNetworkConfig().addAddress("127.0.0.1:" + args[1]);
        HazelcastInstance client = HazelcastClient.newHazelcastClient(config);
        IMap<Integer, HazelcastJsonValue> map = client.getMap(args[2]);
        Map<Integer, HazelcastJsonValue> some = new HashMap<>();
        int count = Integer.parseInt(args[3]);
        for (int i = 1; i <= count; i++) {
            String value = "{\"a\":" + (i * 7L % 1000003) + ",\"b\":" + i / 8.0 + ",\"c\":\"name-" + i + "\"}";
            some.put(i, new HazelcastJsonValue(value));
            if (some.size() == 5000 || i == count) {
                map.putAll(some);
                some.clear();
            }
        }
        client.shutdown();
    }
}
