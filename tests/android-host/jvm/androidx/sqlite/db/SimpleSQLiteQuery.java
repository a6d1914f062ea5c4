package androidx.sqlite.db;

public class SimpleSQLiteQuery {
  /** androidx.sqlite 2.4.0, SimpleSQLiteQuery.bind: by the value's Java class, and nothing else is taken. */
  public static void bind(SupportSQLiteStatement statement, Object[] values) {
    for (int index = 1; values != null && index <= values.length; index++) {
      Object value = values[index - 1];
      if (value == null) statement.bindNull(index);
      else if (value instanceof byte[]) statement.bindBlob(index, (byte[]) value);
      else if (value instanceof Float || value instanceof Double) {
        statement.bindDouble(index, ((Number) value).doubleValue());
      } else if (value instanceof Number) statement.bindLong(index, ((Number) value).longValue());
      else if (value instanceof String) statement.bindString(index, (String) value);
      else if (value instanceof Boolean) statement.bindLong(index, (Boolean) value ? 1 : 0);
      else {
        throw new IllegalArgumentException(
          "Cannot bind " + value + " at index " + index +
          " Supported types: Null, ByteArray, Float, Double, Long, Int, Short, Byte, String"
        );
      }
    }
  }
}
