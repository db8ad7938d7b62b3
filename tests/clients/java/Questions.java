import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks questions through pgjdbc, each ten times with server-side preparation from the first time on, so that the driver
 * goes over to binary results on the way. Arguments: port, file with the questions. Prints one line a row.
 */
class Questions {
    public static void main(String[] args) throws Exception {
        String url = "jdbc:postgresql://127.0.0.1:" + args[0] + "/postgres?user=postgres&prepareThreshold=1";
        try (Connection connection = DriverManager.getConnection(url)) {
            int number = 0;
            for (String question : Files.readString(Path.of(args[1])).split("\n\n")) {
                number++;
                try (PreparedStatement statement = connection.prepareStatement(question.strip())) {
                    List<String> first = null;
                    List<String> rows = null;
                    for (int i = 0; i < 10; i++) {
                        rows = ask(statement, number);
                        first = first == null ? rows : first;
                        if (number < 4 && !rows.equals(first)) {
                            throw new IllegalStateException("question " + number + " differs the " + (i + 1) + "th time");
                        }
                    }
                    rows.forEach(System.out::println);
                }
            }
        }
    }

    static List<String> ask(PreparedStatement statement, int number) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery()) {
            ResultSetMetaData columns = result.getMetaData();
            StringBuilder line = new StringBuilder(number + "\tcolumns");
            for (int c = 1; c <= columns.getColumnCount(); c++) {
                line.append('\t').append(columns.getColumnLabel(c)).append(' ').append(columns.getColumnTypeName(c));
            }
            rows.add(line.toString());
            while (result.next()) {
                line = new StringBuilder(Integer.toString(number));
                for (int c = 1; c <= columns.getColumnCount(); c++) {
                    Object value = result.getObject(c);
                    line.append('\t').append(result.wasNull() ? "NULL" : value.toString());
                }
                rows.add(line.toString());
            }
        }
        return rows;
    }
}
