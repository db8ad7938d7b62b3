import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.client.impl.ClientEndpoint;
import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.internal.metrics.MetricConsumer;
import com.hazelcast.internal.metrics.MetricDescriptor;
import com.hazelcast.internal.metrics.impl.MetricsCompressor;
import com.hazelcast.map.IMap;
import com.hazelcast.nio.serialization.ClassDefinition;
import com.hazelcast.nio.serialization.ClassDefinitionBuilder;
import com.hazelcast.nio.serialization.compact.CompactReader;
import com.hazelcast.nio.serialization.compact.CompactSerializer;
import com.hazelcast.nio.serialization.compact.CompactWriter;
import com.hazelcast.nio.serialization.genericrecord.GenericRecord;
import com.hazelcast.nio.serialization.genericrecord.GenericRecordBuilder;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;

/**
 * A member and a Java client in one process, for the client's tests: Compact records with every kind of field, written and
 * read by Java, and what a member knows of its clients. Commands come by standard input, answers go to standard output.
 */
public class Interop {
    record Inner(int n, String s) { }

    /** The values of all fields, in the order in which they are read. */
    static final class Every {
        final Object[] values;

        Every(Object... values) {
            this.values = values;
        }
    }

    static final class InnerSerializer implements CompactSerializer<Inner> {
        public Inner read(CompactReader r) {
            return new Inner(r.readInt32("n"), r.readString("s"));
        }

        public void write(CompactWriter w, Inner inner) {
            w.writeInt32("n", inner.n());
            w.writeString("s", inner.s());
        }

        public String getTypeName() {
            return "inner";
        }

        public Class<Inner> getCompactClass() {
            return Inner.class;
        }
    }

    static final class EverySerializer implements CompactSerializer<Every> {
        public Every read(CompactReader r) {
            return new Every(
                    r.readBoolean("Boolean"),
                    r.readArrayOfBoolean("ArrayOfBoolean"),
                    r.readInt8("Int8"),
                    r.readArrayOfInt8("ArrayOfInt8"),
                    r.readInt16("Int16"),
                    r.readArrayOfInt16("ArrayOfInt16"),
                    r.readInt32("Int32"),
                    r.readArrayOfInt32("ArrayOfInt32"),
                    r.readInt64("Int64"),
                    r.readArrayOfInt64("ArrayOfInt64"),
                    r.readFloat32("Float32"),
                    r.readArrayOfFloat32("ArrayOfFloat32"),
                    r.readFloat64("Float64"),
                    r.readArrayOfFloat64("ArrayOfFloat64"),
                    r.readString("String"),
                    r.readArrayOfString("ArrayOfString"),
                    r.readDecimal("Decimal"),
                    r.readArrayOfDecimal("ArrayOfDecimal"),
                    r.readTime("Time"),
                    r.readArrayOfTime("ArrayOfTime"),
                    r.readDate("Date"),
                    r.readArrayOfDate("ArrayOfDate"),
                    r.readTimestamp("Timestamp"),
                    r.readArrayOfTimestamp("ArrayOfTimestamp"),
                    r.readTimestampWithTimezone("TimestampWithTimezone"),
                    r.readArrayOfTimestampWithTimezone("ArrayOfTimestampWithTimezone"),
                    r.readCompact("Compact"),
                    r.readArrayOfCompact("ArrayOfCompact", Inner.class),
                    r.readNullableBoolean("NullableBoolean"),
                    r.readArrayOfNullableBoolean("ArrayOfNullableBoolean"),
                    r.readNullableInt8("NullableInt8"),
                    r.readArrayOfNullableInt8("ArrayOfNullableInt8"),
                    r.readNullableInt16("NullableInt16"),
                    r.readArrayOfNullableInt16("ArrayOfNullableInt16"),
                    r.readNullableInt32("NullableInt32"),
                    r.readArrayOfNullableInt32("ArrayOfNullableInt32"),
                    r.readNullableInt64("NullableInt64"),
                    r.readArrayOfNullableInt64("ArrayOfNullableInt64"),
                    r.readNullableFloat32("NullableFloat32"),
                    r.readArrayOfNullableFloat32("ArrayOfNullableFloat32"),
                    r.readNullableFloat64("NullableFloat64"),
                    r.readArrayOfNullableFloat64("ArrayOfNullableFloat64"));
        }

        public void write(CompactWriter w, Every e) {
            // In the order of their names, as generic records are written: the bytes of a record depend on it.
            w.writeArrayOfBoolean("ArrayOfBoolean", (boolean[]) e.values[1]);
            w.writeArrayOfCompact("ArrayOfCompact", (Inner[]) e.values[27]);
            w.writeArrayOfDate("ArrayOfDate", (LocalDate[]) e.values[21]);
            w.writeArrayOfDecimal("ArrayOfDecimal", (BigDecimal[]) e.values[17]);
            w.writeArrayOfFloat32("ArrayOfFloat32", (float[]) e.values[11]);
            w.writeArrayOfFloat64("ArrayOfFloat64", (double[]) e.values[13]);
            w.writeArrayOfInt16("ArrayOfInt16", (short[]) e.values[5]);
            w.writeArrayOfInt32("ArrayOfInt32", (int[]) e.values[7]);
            w.writeArrayOfInt64("ArrayOfInt64", (long[]) e.values[9]);
            w.writeArrayOfInt8("ArrayOfInt8", (byte[]) e.values[3]);
            w.writeArrayOfNullableBoolean("ArrayOfNullableBoolean", (Boolean[]) e.values[29]);
            w.writeArrayOfNullableFloat32("ArrayOfNullableFloat32", (Float[]) e.values[39]);
            w.writeArrayOfNullableFloat64("ArrayOfNullableFloat64", (Double[]) e.values[41]);
            w.writeArrayOfNullableInt16("ArrayOfNullableInt16", (Short[]) e.values[33]);
            w.writeArrayOfNullableInt32("ArrayOfNullableInt32", (Integer[]) e.values[35]);
            w.writeArrayOfNullableInt64("ArrayOfNullableInt64", (Long[]) e.values[37]);
            w.writeArrayOfNullableInt8("ArrayOfNullableInt8", (Byte[]) e.values[31]);
            w.writeArrayOfString("ArrayOfString", (String[]) e.values[15]);
            w.writeArrayOfTime("ArrayOfTime", (LocalTime[]) e.values[19]);
            w.writeArrayOfTimestamp("ArrayOfTimestamp", (LocalDateTime[]) e.values[23]);
            w.writeArrayOfTimestampWithTimezone("ArrayOfTimestampWithTimezone", (OffsetDateTime[]) e.values[25]);
            w.writeBoolean("Boolean", (Boolean) e.values[0]);
            w.writeCompact("Compact", (Inner) e.values[26]);
            w.writeDate("Date", (LocalDate) e.values[20]);
            w.writeDecimal("Decimal", (BigDecimal) e.values[16]);
            w.writeFloat32("Float32", (Float) e.values[10]);
            w.writeFloat64("Float64", (Double) e.values[12]);
            w.writeInt16("Int16", (Short) e.values[4]);
            w.writeInt32("Int32", (Integer) e.values[6]);
            w.writeInt64("Int64", (Long) e.values[8]);
            w.writeInt8("Int8", (Byte) e.values[2]);
            w.writeNullableBoolean("NullableBoolean", (Boolean) e.values[28]);
            w.writeNullableFloat32("NullableFloat32", (Float) e.values[38]);
            w.writeNullableFloat64("NullableFloat64", (Double) e.values[40]);
            w.writeNullableInt16("NullableInt16", (Short) e.values[32]);
            w.writeNullableInt32("NullableInt32", (Integer) e.values[34]);
            w.writeNullableInt64("NullableInt64", (Long) e.values[36]);
            w.writeNullableInt8("NullableInt8", (Byte) e.values[30]);
            w.writeString("String", (String) e.values[14]);
            w.writeTime("Time", (LocalTime) e.values[18]);
            w.writeTimestamp("Timestamp", (LocalDateTime) e.values[22]);
            w.writeTimestampWithTimezone("TimestampWithTimezone", (OffsetDateTime) e.values[24]);
        }

        public String getTypeName() {
            return "every";
        }

        public Class<Every> getCompactClass() {
            return Every.class;
        }
    }

    static final LocalDate LEAP = LocalDate.of(2024, 2, 29);
    static final LocalTime LATE = LocalTime.of(23, 59, 58, 123456789);
    static final BigDecimal LONG = new BigDecimal("-123456789012345678901234567890.123");
    static final OffsetDateTime AWAY = OffsetDateTime.of(LEAP, LATE, ZoneOffset.ofHoursMinutes(-5, -30));

    /** A value in every field. */
    static Every full() {
        return new Every(true, new boolean[] {true, false, true, true, false, false, false, true, true},
                (byte) -5, new byte[] {1, -1}, (short) -300, new short[] {2, -2}, 70000, new int[] {3, -3},
                -5_000_000_000L, new long[] {4, -4}, 1.5f, new float[] {0.25f, -0.5f}, -2.25, new double[] {1e300, -0.0},
                "h\u00e9llo \ud83d\ude00", new String[] {"a", null, ""}, LONG, new BigDecimal[] {LONG, null, new BigDecimal("0.00")},
                LATE, new LocalTime[] {LATE, null}, LEAP, new LocalDate[] {null, LEAP},
                LocalDateTime.of(LEAP, LATE), new LocalDateTime[] {LocalDateTime.of(LEAP, LATE), null},
                AWAY, new OffsetDateTime[] {null, AWAY}, new Inner(7, "seven"), new Inner[] {new Inner(1, null), null, new Inner(2, "two")},
                false, new Boolean[] {true, null, false}, (byte) 6, new Byte[] {null, 7}, (short) 8, new Short[] {9, null},
                10, new Integer[] {null, 11}, 12L, new Long[] {13L, null}, 0.125f, new Float[] {null, 3.5f},
                4.75, new Double[] {5.5, null});
    }

    /** Nothing wherever a field may have nothing. */
    static Every nothing() {
        Object[] values = new Object[full().values.length];
        Object[] zeros = {false, null, (byte) 0, null, (short) 0, null, 0, null, 0L, null, 0f, null, 0d};
        System.arraycopy(zeros, 0, values, 0, zeros.length);
        return new Every(values);
    }

    /** The ends of all ranges, empty arrays, and more bytes than offsets of one byte reach. */
    static Every edges() {
        String wide = "x".repeat(70_000);
        LocalDateTime early = LocalDateTime.of(LocalDate.of(-1, 1, 1), LocalTime.MIDNIGHT);
        return new Every(true, new boolean[0], Byte.MIN_VALUE, new byte[0], Short.MAX_VALUE, new short[0],
                Integer.MIN_VALUE, new int[0], Long.MAX_VALUE, new long[0], Float.MAX_VALUE, new float[0],
                Double.MIN_VALUE, new double[] {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY},
                wide, new String[] {wide, null, "end"}, new BigDecimal("128"), new BigDecimal[0],
                LocalTime.MAX, new LocalTime[0], LocalDate.of(9999, 12, 31), new LocalDate[0],
                early, new LocalDateTime[] {early}, OffsetDateTime.of(early, ZoneOffset.MAX), new OffsetDateTime[0],
                new Inner(Integer.MAX_VALUE, wide), new Inner[0], true, new Boolean[0], Byte.MAX_VALUE, new Byte[0],
                Short.MIN_VALUE, new Short[0], Integer.MAX_VALUE, new Integer[] {null, null, null}, Long.MIN_VALUE, new Long[0],
                Float.MIN_VALUE, new Float[0], Double.MAX_VALUE, new Double[0]);
    }

    static HazelcastInstance member(String cluster, int port) {
        Config config = new Config().setClusterName(cluster);
        config.getNetworkConfig().setPort(port).setPortAutoIncrement(false);
        config.getNetworkConfig().getJoin().getAutoDetectionConfig().setEnabled(false);
        config.getNetworkConfig().getJoin().getMulticastConfig().setEnabled(false);
        config.getJetConfig().setEnabled(true);
        return Hazelcast.newHazelcastInstance(config);
    }

    static HazelcastInstance client(String cluster, int port) {
        ClientConfig config = new ClientConfig().setClusterName(cluster);
        config.getNetworkConfig().addAddress("127.0.0.1:" + port);
        config.getMetricsConfig().setEnabled(false);
        config.getSerializationConfig().getCompactSerializationConfig()
                .addSerializer(new InnerSerializer()).addSerializer(new EverySerializer());
        return HazelcastClient.newHazelcastClient(config);
    }

    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[1]);
        HazelcastInstance member = member(args[0], port);
        IMap<Integer, Every> map = client(args[0], port).getMap("every");
        System.out.println("@ready");
        Every[] all = {full(), nothing(), edges()};
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "write" -> {
                    for (int i = 0; i < all.length; i++) {
                        map.set(i, all[i]);
                    }
                }
                case "read" -> {
                    for (int i = 0; i < all.length; i++) {
                        Every found = map.get(100 + i);
                        for (int field = 0; field < all[i].values.length; field++) {
                            Object[] pair = {found.values[field], all[i].values[field]};
                            if (!Arrays.deepEquals(new Object[] {pair[0]}, new Object[] {pair[1]})) {
                                System.out.println("@differs " + i + " " + field + " " + Arrays.deepToString(pair));
                            }
                        }
                    }
                }
                case "write-portable" -> portable(args[0], port, (portables, record) -> portables.set(1, record));
                case "read-portable" -> portable(args[0], port, (portables, record) -> {
                    Object found = portables.get(2);
                    if (!record.toString().equals(String.valueOf(found))) {
                        System.out.println("@differs " + found + " from " + record);
                    }
                });
                case "clients" -> {
                    for (com.hazelcast.client.Client client : member.getClientService().getConnectedClients()) {
                        if (client.getName().equals(words[1])) {
                            tell((ClientEndpoint) client);
                        }
                    }
                }
                default -> System.out.println("@unknown " + line);
            }
            System.out.println("@done");
        }
        System.exit(0);
    }

    /** Does something with a map and a Portable record that has a field of every type. */
    static void portable(String cluster, int port, java.util.function.BiConsumer<IMap<Integer, Object>, GenericRecord> act) {
        ClassDefinition inner = new ClassDefinitionBuilder(7, 2, 3).addIntField("n").build();
        ClassDefinition all = new ClassDefinitionBuilder(7, 1, 5)
                .addPortableField("Portable", inner).addPortableField("none", inner).addByteField("Byte").addBooleanField("Boolean")
                .addCharField("Char").addShortField("Short").addIntField("Int").addLongField("Long").addFloatField("Float")
                .addDoubleField("Double").addStringField("Utf").addPortableArrayField("PortableArray", inner)
                .addByteArrayField("ByteArray").addBooleanArrayField("BooleanArray").addCharArrayField("CharArray")
                .addShortArrayField("ShortArray").addIntArrayField("IntArray").addLongArrayField("LongArray")
                .addFloatArrayField("FloatArray").addDoubleArrayField("DoubleArray").addStringArrayField("UtfArray")
                .addDecimalField("Decimal").addDecimalArrayField("DecimalArray").addTimeField("Time").addTimeArrayField("TimeArray")
                .addDateField("Date").addDateArrayField("DateArray").addTimestampField("Timestamp")
                .addTimestampArrayField("TimestampArray").addTimestampWithTimezoneField("TimestampWithTimezone")
                .addTimestampWithTimezoneArrayField("TimestampWithTimezoneArray").addDateField("null").build();
        GenericRecord one = GenericRecordBuilder.portable(inner).setInt32("n", 1).build();
        GenericRecord two = GenericRecordBuilder.portable(inner).setInt32("n", -2).build();
        LocalDateTime local = LocalDateTime.of(LEAP, LATE);
        GenericRecord record = GenericRecordBuilder.portable(all)
                .setGenericRecord("Portable", one).setGenericRecord("none", null).setInt8("Byte", (byte) -5)
                .setBoolean("Boolean", true).setChar("Char", 'x').setInt16("Short", (short) -300).setInt32("Int", 70000)
                .setInt64("Long", -5_000_000_000L).setFloat32("Float", 1.5f).setFloat64("Double", -2.25)
                .setString("Utf", "h\u00e9llo").setArrayOfGenericRecord("PortableArray", new GenericRecord[] {one, two})
                .setArrayOfInt8("ByteArray", new byte[] {1, -1}).setArrayOfBoolean("BooleanArray", new boolean[] {true, false})
                .setArrayOfChar("CharArray", new char[] {'a', '\u00e9'}).setArrayOfInt16("ShortArray", new short[] {2, -2})
                .setArrayOfInt32("IntArray", new int[] {3, -3}).setArrayOfInt64("LongArray", new long[] {4, -4})
                .setArrayOfFloat32("FloatArray", new float[] {0.25f}).setArrayOfFloat64("DoubleArray", new double[0])
                .setArrayOfString("UtfArray", new String[] {"a", null, ""}).setDecimal("Decimal", LONG)
                .setArrayOfDecimal("DecimalArray", new BigDecimal[] {LONG, new BigDecimal("0.00")}).setTime("Time", LATE)
                .setArrayOfTime("TimeArray", new LocalTime[] {LATE}).setDate("Date", LEAP)
                .setArrayOfDate("DateArray", new LocalDate[] {LEAP, LEAP}).setTimestamp("Timestamp", local)
                .setArrayOfTimestamp("TimestampArray", new LocalDateTime[] {local}).setTimestampWithTimezone("TimestampWithTimezone", AWAY)
                .setArrayOfTimestampWithTimezone("TimestampWithTimezoneArray", new OffsetDateTime[] {AWAY})
                .setDate("null", null).build();
        HazelcastInstance client = client(cluster, port);
        act.accept(client.getMap("portable"), record);
        client.shutdown();
    }

    /** What Management Center is told of a client. */
    static void tell(ClientEndpoint client) {
        System.out.println("@labels " + client.getLabels() + " " + client.getClientType());
        if (client.getClientStatistics() == null) {
            return;
        }
        System.out.println("@attributes " + client.getClientStatistics().clientAttributes());
        MetricsCompressor.extractMetrics(client.getClientStatistics().metricsBlob(), new MetricConsumer() {
            public void consumeLong(MetricDescriptor metric, long value) {
                System.out.println("@metric " + metric.prefix() + "." + metric.metric() + "=" + value + " " + metric.unit());
            }

            public void consumeDouble(MetricDescriptor metric, double value) {
                System.out.println("@metric " + metric.prefix() + "." + metric.metric() + "=" + value + " " + metric.unit());
            }
        });
    }
}
