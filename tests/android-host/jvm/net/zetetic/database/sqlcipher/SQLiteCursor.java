package net.zetetic.database.sqlcipher;

import android.database.Cursor;
import android.database.sqlite.SQLiteException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** SQLiteCursor and CursorWindow of sqlcipher-android: the statement runs at the first move, and values convert as there. */
public final class SQLiteCursor implements Cursor {
  private final SQLiteProgram program;
  private List<Object[]> rows;
  private int position = -1;

  SQLiteCursor(SQLiteProgram program) {
    this.program = program;
  }

  public boolean moveToFirst() {
    position = -1;
    return moveToNext();
  }

  public boolean moveToNext() {
    if (rows == null) rows = program.session.rows(program.sql, program.values);
    position = Math.min(position + 1, rows.size());
    return position < rows.size();
  }

  public boolean isAfterLast() {
    return rows != null && position >= rows.size();
  }

  public int getColumnCount() {
    return program.columns.length;
  }

  public String getColumnName(int index) {
    return program.columns[index];
  }

  /** The last of several columns with one name, and a name's text up to its last dot is taken for a table's. */
  public int getColumnIndex(String name) {
    return Arrays.asList(program.columns).lastIndexOf(name.substring(name.lastIndexOf('.') + 1));
  }

  private Object value(int index) {
    if (index < 0) {
      throw new IllegalStateException(
        "Couldn't read row " + position + ", col " + index + " from CursorWindow.  " +
        "Make sure the Cursor is initialized correctly before accessing data from it."
      );
    }
    return rows.get(position)[index];
  }

  public int getType(int index) {
    Object value = value(index);
    if (value == null) return FIELD_TYPE_NULL;
    if (value instanceof Long) return FIELD_TYPE_INTEGER;
    if (value instanceof Double) return FIELD_TYPE_FLOAT;
    return value instanceof String ? FIELD_TYPE_STRING : FIELD_TYPE_BLOB;
  }

  public String getString(int index) {
    Object value = value(index);
    if (value instanceof byte[]) throw new SQLiteException("unknown error (code 0): Unable to convert BLOB to string");
    if (value instanceof Double) return String.format(Locale.ROOT, "%g", value);
    return value == null ? null : value.toString();
  }

  public long getLong(int index) {
    Object value = value(index);
    if (value instanceof byte[]) throw new SQLiteException("unknown error (code 0): Unable to convert BLOB to long");
    return value instanceof Number ? ((Number) value).longValue() : (long) leadingNumber(value);
  }

  public double getDouble(int index) {
    Object value = value(index);
    if (value instanceof byte[]) throw new SQLiteException("unknown error (code 0): Unable to convert BLOB to double");
    return value instanceof Number ? ((Number) value).doubleValue() : leadingNumber(value);
  }

  private static double leadingNumber(Object value) {
    String digits = value == null ? "" : value.toString().trim().replaceFirst("^([+-]?\\d*\\.?\\d*).*$", "$1");
    return digits.matches(".*\\d.*") ? Double.parseDouble(digits) : 0;
  }

  public byte[] getBlob(int index) {
    Object value = value(index);
    if (value instanceof Long) throw new SQLiteException("unknown error (code 0): INTEGER data in nativeGetBlob ");
    if (value instanceof Double) throw new SQLiteException("unknown error (code 0): FLOAT data in nativeGetBlob ");
    return value instanceof String ? value.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8) : (byte[]) value;
  }

  public void close() {}
}
