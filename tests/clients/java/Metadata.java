import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;

/** What pgjdbc says about the movies' tables. Argument: port. Prints one line a row. */
class Metadata {
    public static void main(String[] args) throws Exception {
        String url = "jdbc:postgresql://127.0.0.1:" + args[0] + "/postgres?user=postgres";
        try (Connection connection = DriverManager.getConnection(url)) {
            DatabaseMetaData data = connection.getMetaData();
            System.out.println(data.getDatabaseProductName() + " " + data.getDatabaseMajorVersion());
            for (String table : new String[] {"actors", "casts", "movies", "reviews"}) {
                try (ResultSet r = data.getTables(null, "public", table, new String[] {"TABLE"})) {
                    print(r, "TABLE_SCHEM", "TABLE_NAME", "TABLE_TYPE");
                }
                try (ResultSet r = data.getColumns(null, "public", table, "%")) {
                    print(r, "TABLE_NAME", "COLUMN_NAME", "DATA_TYPE", "TYPE_NAME", "ORDINAL_POSITION");
                }
                try (ResultSet r = data.getPrimaryKeys(null, "public", table)) {
                    print(r, "TABLE_NAME", "COLUMN_NAME", "KEY_SEQ");
                }
            }
            try (ResultSet r = data.getSchemas(null, "public")) {
                print(r, "TABLE_SCHEM");
            }
            try (ResultSet r = data.getTypeInfo()) {
                int types = 0;
                while (r.next()) {
                    types++;
                }
                System.out.println("types " + (types > 50));
            }
        }
    }

    static void print(ResultSet rows, String... columns) throws Exception {
        while (rows.next()) {
            StringBuilder line = new StringBuilder();
            for (String column : columns) {
                line.append(rows.getString(column)).append('\t');
            }
            System.out.println(line);
        }
    }
}
