import java.sql.DriverManager;
import java.util.Arrays;

/** The median of what a connection takes with pgjdbc's defaults and one statement. Arguments: URL, times. */
class Connect {
    public static void main(String[] args) throws Exception {
        long[] times = new long[Integer.parseInt(args[1])];
        for (int i = 0; i < times.length; i++) {
            long begun = System.nanoTime();
            try (var connection = DriverManager.getConnection(args[0]); var statement = connection.createStatement()) {
                statement.executeQuery("SELECT 1").next();
            }
            times[i] = System.nanoTime() - begun;
        }
        Arrays.sort(times);
        System.out.println(times[times.length / 2] / 1000);
    }
}
