import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.sql.Types;

/** Runs SINK INTO through pgjdbc, with its question marks, and reads the rows back. Arguments: port, table. */
class Sink {
    public static void main(String[] args) throws Exception {
        String url = "jdbc:postgresql://127.0.0.1:" + args[0] + "/postgres?user=postgres&prepareThreshold=1";
        String sql = "SINK INTO " + args[1] + "(__key, movie_id, author, rating, content) VALUES (?, ?, ?, ?, ?)";
        try (Connection connection = DriverManager.getConnection(url)) {
            try (PreparedStatement sink = connection.prepareStatement(sql)) {
                for (int i = 1; i <= 10; i++) {
                    sink.setInt(1, i);
                    sink.setInt(2, i * 3);
                    sink.setString(3, "Ana " + i);
                    if (i % 3 == 0) {
                        sink.setNull(4, Types.DOUBLE);
                    } else {
                        sink.setDouble(4, i / 2.0);
                    }
                    sink.setString(5, "text " + i);
                    sink.execute();
                }
                for (int i = 11; i <= 20; i++) {
                    sink.setInt(1, i);
                    sink.setInt(2, i);
                    sink.setString(3, "batch");
                    sink.setDouble(4, i);
                    sink.setString(5, "b");
                    sink.addBatch();
                }
                sink.executeBatch();
            }
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT * FROM " + args[1] + " WHERE __key <= 100 ORDER BY __key")) {
                while (rows.next()) {
                    System.out.println(rows.getInt(1) + "\t" + rows.getInt(2) + "\t" + rows.getString(3) + "\t"
                            + rows.getObject(4) + "\t" + rows.getString(5));
                }
            }
        }
    }
}
