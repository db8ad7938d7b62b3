import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What all tours share: the server's place, the questions, and one way to print. */
final class Tour {
    private Tour() {}

    interface Action {
        Object run() throws Exception;
    }

    static String url() {
        return "jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/"
            + System.getenv("PGDATABASE") + "?user=" + System.getenv("PGUSER");
    }

    static List<String> questions(String here) throws Exception {
        List<String> questions = new ArrayList<>();
        for (String block : Files.readString(Path.of(here, "demo/questions.sql")).split("\n\n")) {
            if (!block.isBlank() && questions.size() < 3) {
                questions.add(block.strip().replaceAll(";$", ""));
            }
        }
        return questions;
    }

    static void show(String title, Object value) {
        System.out.println(title + ": " + text(value));
    }

    static void attempt(String title, Action action) {
        try {
            show(title, action.run());
        } catch (Exception error) {
            Throwable cause = error;
            while (!(cause instanceof SQLException) && cause.getCause() != null) {
                cause = cause.getCause();
            }
            String state = cause instanceof SQLException s ? s.getSQLState() : "";
            System.out.println(title + ": " + cause.getClass().getSimpleName() + " " + state + " " + cause.getMessage());
        }
    }

    /** All rows, one a line, and how many there were. */
    static String rows(ResultSet rows) throws SQLException {
        ResultSetMetaData meta = rows.getMetaData();
        StringBuilder all = new StringBuilder();
        int count = 0;
        while (rows.next()) {
            count++;
            all.append("\n    ");
            for (int i = 1; i <= meta.getColumnCount(); i++) {
                all.append(i == 1 ? "" : " | ").append(text(rows.getObject(i)));
            }
        }
        rows.close();
        return count + all.toString();
    }

    static String text(Object value) {
        try {
            if (value instanceof Array array) {
                return Arrays.deepToString((Object[]) array.getArray());
            }
        } catch (SQLException | ClassCastException error) {
            return String.valueOf(value);
        }
        if (value instanceof byte[] bytes) {
            return Arrays.toString(bytes);
        }
        if (value instanceof Object[] many) {
            return Arrays.deepToString(many);
        }
        if (value instanceof int[] many) {
            return Arrays.toString(many);
        }
        return value == null ? "null" : value + " " + value.getClass().getSimpleName();
    }
}
