import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.TreeMap;

/** pgjdbc: the whole DatabaseMetaData, metadata of results and parameters, fetch size, batches, types, cancel. */
class JdbcTour {
    public static void main(String[] args) throws Exception {
        String root = Path.of(System.getProperty("user.dir")).getParent().getParent().getParent().toString();
        for (String options : new String[] {"", "&binaryTransfer=false", "&prepareThreshold=1", "&preferQueryMode=simple",
                "&preferQueryMode=extendedForPrepared&reWriteBatchedInserts=true"}) {
            Tour.show("options", options);
            try (Connection c = DriverManager.getConnection(Tour.url() + options)) {
                questions(c, Tour.questions(root));
                types(c);
                if (!options.contains("simple")) {
                    parameters(c);
                }
                errors(c);
                writes(c);
                cursors(c);
                cancel(c);
            }
        }
        try (Connection c = DriverManager.getConnection(Tour.url())) {
            metadata(c, c.getMetaData(), args.length > 0);
        }
    }

    static void questions(Connection c, List<String> questions) throws SQLException {
        for (String question : questions) {
            try (PreparedStatement s = c.prepareStatement(question)) {
                String first = Tour.rows(s.executeQuery());
                Tour.show("question", first);
                for (int i = 0; i < 7; i++) {
                    if (!first.equals(Tour.rows(s.executeQuery()))) {
                        Tour.show("asked again", "differs");
                    }
                }
            }
        }
    }

    static void types(Connection c) throws SQLException {
        try (PreparedStatement s = c.prepareStatement("SELECT * FROM types ORDER BY __key")) {
            for (int i = 0; i < 7; i++) {
                String rows = Tour.rows(s.executeQuery());
                if (i % 3 == 0) {
                    Tour.show("types", rows);
                }
            }
            try (ResultSet rows = s.executeQuery()) {
                rows.next();
                Tour.show("local", rows.getObject("c_date", LocalDate.class) + " " + rows.getObject("c_time", LocalTime.class)
                    + " " + rows.getObject("c_timestamp", LocalDateTime.class) + " " + rows.getObject("c_timestamptz", OffsetDateTime.class));
                Tour.show("others", rows.getString("c_numeric") + rows.getInt("c_bigint") + rows.getBoolean("c_boolean")
                    + rows.getDouble("c_int") + rows.getBigDecimal("c_double") + rows.getString("c_timestamptz"));
                ResultSetMetaData m = rows.getMetaData();
                for (int i = 1; i <= m.getColumnCount(); i++) {
                    Tour.show("column", m.getColumnName(i) + " " + m.getColumnLabel(i) + " " + m.getColumnTypeName(i) + " " + m.getColumnType(i)
                        + " " + m.getColumnClassName(i) + " " + m.getPrecision(i) + " " + m.getScale(i) + " " + m.isNullable(i) + " "
                        + m.isAutoIncrement(i) + " " + m.isSigned(i) + " " + m.getTableName(i) + " " + m.getSchemaName(i) + " "
                        + m.getColumnDisplaySize(i) + " " + m.isSearchable(i) + " " + m.isWritable(i) + " " + m.isCaseSensitive(i));
                }
            }
        }
    }

    static void parameters(Connection c) throws SQLException {
        Object[] values = {1, 10000000000L, 1.5, 1.5f, new BigDecimal("1.50"), "x", true, LocalDate.of(2024, 2, 29),
            LocalTime.of(1, 2, 3), LocalDateTime.of(2024, 2, 29, 1, 2, 3), OffsetDateTime.of(2024, 2, 29, 1, 2, 3, 0, ZoneOffset.UTC),
            java.sql.Date.valueOf("2024-02-29"), java.sql.Timestamp.valueOf("2024-02-29 01:02:03.5"), new byte[] {0, -1},
            java.util.UUID.fromString("6b1e37dd-b5a2-4ae7-b5bf-1b1f5a2b5f8e")};
        for (Object value : values) {
            Tour.attempt("parameter " + value.getClass().getSimpleName(), () -> {
                try (PreparedStatement s = c.prepareStatement("SELECT ?, pg_typeof(?)::text")) {
                    String last = "";
                    for (int i = 0; i < 7; i++) {
                        s.setObject(1, value);
                        s.setObject(2, value);
                        last = Tour.rows(s.executeQuery());
                    }
                    return last;
                }
            });
        }
        try (PreparedStatement s = c.prepareStatement("SELECT title FROM movies WHERE __key = ? AND vote_average > ? AND title <> ?")) {
            ParameterMetaData m = s.getParameterMetaData();
            for (int i = 1; i <= m.getParameterCount(); i++) {
                Tour.show("parameter", m.getParameterTypeName(i) + " " + m.getParameterType(i) + " " + m.getParameterClassName(i) + " " + m.isSigned(i));
            }
            for (int key = 1; key < 10; key++) {
                s.setInt(1, key);
                s.setDouble(2, 1);
                s.setString(3, "x");
                Tour.show("by key", Tour.rows(s.executeQuery()));
            }
            s.setNull(1, Types.INTEGER);
            Tour.show("by NULL", Tour.rows(s.executeQuery()));
        }
        try (PreparedStatement s = c.prepareStatement("SELECT title FROM movies WHERE __key = ANY(?) ORDER BY 1")) {
            s.setArray(1, c.createArrayOf("int4", new Object[] {1, 2, 3}));
            Tour.show("by keys", Tour.rows(s.executeQuery()));
        }
        Tour.attempt("escapes", () -> Tour.rows(c.createStatement().executeQuery(
            "SELECT {fn ucase('a')}, {d '2024-02-29'}, {fn concat('a', 'b')}, {ts '2024-02-29 01:02:03'} FROM {oj movies m LEFT OUTER JOIN casts c ON c.movie_id = m.id} WHERE m.__key = 1 LIMIT 1")));
    }

    static void errors(Connection c) throws SQLException {
        for (String sql : new String[] {"SELEC 1", "SELECT * FROM nowhere", "SELECT m.nothing FROM movies m", "SELECT lower(1)", "SELECT 1/0",
                "SELECT 'x'::int", "SELECT __key FROM movies GROUP BY title", "SELECT 1; SELEC 2"}) {
            Tour.attempt(sql, () -> Tour.rows(c.createStatement().executeQuery(sql)));
        }
        Tour.attempt("no result", () -> c.createStatement().executeQuery("SET application_name = 'x'"));
        try (Statement s = c.createStatement()) {
            boolean more = s.execute("SELECT 1; SELECT 2; SET application_name = 'y'; SELECT 3");
            do {
                Tour.show("one of many", more ? Tour.rows(s.getResultSet()) : s.getUpdateCount());
                more = s.getMoreResults();
            } while (more || s.getUpdateCount() != -1);
        }
    }

    static void writes(Connection c) throws SQLException {
        try (PreparedStatement s = c.prepareStatement("INSERT INTO notes VALUES (?, ?, ?, ?)")) {
            for (int i = 0; i < 50; i++) {
                s.setInt(1, i);
                s.setString(2, "a" + i);
                s.setString(3, null);
                s.setObject(4, i, Types.INTEGER);
                s.addBatch();
            }
            Tour.show("batch", java.util.Arrays.stream(s.executeBatch()).filter(n -> n == 1 || n == Statement.SUCCESS_NO_INFO).count());
        }
        try (Statement s = c.createStatement()) {
            Tour.show("updated", s.executeUpdate("UPDATE notes SET words = 'w', stars = stars + 1 WHERE __key < 10"));
            Tour.show("deleted", s.executeUpdate("DELETE FROM notes WHERE __key BETWEEN 20 AND 29"));
            Tour.show("notes", Tour.rows(s.executeQuery("SELECT count(*), sum(stars), count(words) FROM notes")));
        }
        c.setAutoCommit(false);
        try (Statement s = c.createStatement()) {
            s.executeUpdate("DELETE FROM notes");
            Tour.attempt("broken", () -> Tour.rows(s.executeQuery("SELECT 1/0")));
            Tour.attempt("in a broken block", () -> Tour.rows(s.executeQuery("SELECT 1")));
        }
        c.rollback();
        c.setAutoCommit(true);
        try (Statement s = c.createStatement()) {
            // PostgreSQL has taken the change back; the gateway warned that it can't.
            s.executeUpdate("DELETE FROM notes");
        }
    }

    static void cursors(Connection c) throws SQLException {
        c.setAutoCommit(false);
        for (int size : new int[] {1, 7, 1000}) {
            try (Statement s = c.createStatement()) {
                s.setFetchSize(size);
                long rows = 0, sum = 0;
                try (ResultSet r = s.executeQuery("SELECT __key, movie_id FROM casts" + (size == 1 ? " ORDER BY __key LIMIT 100" : ""))) {
                    while (r.next()) {
                        rows++;
                        sum += r.getInt(2);
                    }
                }
                Tour.show("fetch size " + size, rows + " " + sum);
            }
        }
        c.commit();
        c.setAutoCommit(true);
        try (Statement s = c.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY);
                ResultSet r = s.executeQuery("SELECT __key FROM movies ORDER BY __key LIMIT 10")) {
            r.last();
            Tour.show("last", r.getInt(1));
            r.absolute(3);
            Tour.show("third", r.getInt(1));
        }
        try (Statement s = c.createStatement()) {
            s.setMaxRows(3);
            Tour.show("max rows", Tour.rows(s.executeQuery("SELECT __key FROM movies ORDER BY __key")));
        }
    }

    static void cancel(Connection c) throws SQLException {
        try (Statement s = c.createStatement()) {
            s.setQueryTimeout(1);
            Tour.attempt("timeout", () -> Tour.rows(s.executeQuery("SELECT pg_sleep(20)")));
        }
        Tour.attempt("alive", () -> Tour.rows(c.createStatement().executeQuery("SELECT 1")));
        Tour.show("valid", c.isValid(5));
    }

    static void metadata(Connection c, DatabaseMetaData d, boolean old) throws Exception {
        Tour.show("catalog", c.getCatalog() + " " + c.getSchema() + " " + c.getTransactionIsolation() + " " + c.isReadOnly());
        Tour.attempt("schemas", () -> Tour.rows(d.getSchemas()));
        Tour.attempt("catalogs", () -> Tour.rows(d.getCatalogs()));
        Tour.attempt("table types", () -> Tour.rows(d.getTableTypes()));
        Tour.attempt("tables", () -> Tour.rows(d.getTables(null, "public", "%", new String[] {"TABLE", "VIEW"})));
        Tour.attempt("system tables", () -> d.getTables(null, "pg_catalog", "pg_cl%", null).next());
        Tour.attempt("columns", () -> Tour.rows(d.getColumns(null, "public", "%", "%")));
        Tour.attempt("keys", () -> Tour.rows(d.getPrimaryKeys(null, "public", "movies")));
        Tour.attempt("imported", () -> Tour.rows(d.getImportedKeys(null, "public", "movies")));
        Tour.attempt("exported", () -> Tour.rows(d.getExportedKeys(null, "public", "movies")));
        Tour.attempt("cross", () -> Tour.rows(d.getCrossReference(null, "public", "movies", null, "public", "casts")));
        Tour.attempt("indexes", () -> {
            // The numbers of pages and rows are the server's own.
            StringBuilder all = new StringBuilder();
            try (ResultSet r = d.getIndexInfo(null, "public", "movies", false, true)) {
                while (r.next()) {
                    all.append(r.getString("INDEX_NAME")).append(' ').append(r.getString("COLUMN_NAME")).append(' ').append(r.getBoolean("NON_UNIQUE")).append(' ').append(r.getShort("TYPE"));
                }
            }
            return all;
        });
        Tour.attempt("best row", () -> Tour.rows(d.getBestRowIdentifier(null, "public", "movies", 0, true)));
        Tour.attempt("versions", () -> Tour.rows(d.getVersionColumns(null, "public", "movies")));
        Tour.attempt("table privileges", () -> Tour.rows(d.getTablePrivileges(null, "public", "movies")));
        Tour.attempt("column privileges", () -> Tour.rows(d.getColumnPrivileges(null, "public", "casts", "%")));
        Tour.attempt("types", () -> {
            // In no order of its own within one JDBC type.
            String[] lines = Tour.rows(d.getTypeInfo()).split("\n");
            java.util.Arrays.sort(lines);
            return String.join("\n", lines);
        });
        Tour.attempt("user types", () -> Tour.rows(d.getUDTs(null, "public", "%", null)));
        Tour.attempt("procedures", () -> Tour.rows(d.getProcedures(null, "pg_catalog", "lower")));
        Tour.attempt("functions", () -> {
            try (ResultSet r = d.getFunctions(null, "pg_catalog", "lower")) {
                r.next();
                return r.getString("FUNCTION_NAME") + " " + r.getString("FUNCTION_SCHEM");
            }
        });
        Tour.attempt("function columns", () -> Tour.rows(d.getFunctionColumns(null, "pg_catalog", "lpad", "%")));
        Tour.attempt("client info", () -> Tour.rows(d.getClientInfoProperties()));
        Tour.show("limits", d.getMaxColumnNameLength() + " " + d.getMaxStatements() + " " + d.getMaxIndexLength());
        Tour.show("keywords", d.getSQLKeywords().length() > 100);
        Tour.show("functions", d.getNumericFunctions() + d.getStringFunctions() + d.getSystemFunctions() + d.getTimeDateFunctions());
        Tour.show("product", d.getDatabaseProductName() + " " + d.getDatabaseMajorVersion() + " " + d.getJDBCMajorVersion());
        TreeMap<String, Class<?>> map = new TreeMap<>(c.getTypeMap());
        Tour.show("type map", map);
    }
}
