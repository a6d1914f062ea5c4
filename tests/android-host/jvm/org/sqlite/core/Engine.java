package org.sqlite.core;

import android.database.sqlite.SQLiteException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import org.sqlite.SQLiteConfig;

/**
 * SQLite's C interface through sqlite-jdbc's JNI library, whose calls are open to this package only. Errors carry the text that
 * sqlcipher-android makes of them (jni/sqlcipher/android_database_SQLiteCommon.cpp): "message (code extended)".
 */
public final class Engine {
  private final NativeDB native_;

  public Engine(String path, int flags) {
    try {
      NativeDB.load();
      native_ = new NativeDB("jdbc:sqlite:" + path, path, new SQLiteConfig());
      native_._open_utf8(path.getBytes(StandardCharsets.UTF_8), flags);
    } catch (Exception error) {
      // nativeOpen has no connection to ask, so it says "unknown error".
      throw new SQLiteException("unknown error (code 14): Could not open database");
    }
  }

  public void busyTimeout(int milliseconds) {
    native_.busy_timeout(milliseconds);
  }

  public void close() {
    try {
      native_._close();
    } catch (SQLException error) {
      throw failure(error.getErrorCode(), "Count not close db.");
    }
  }

  /** For statements that are the engine's own affair, such as PRAGMA key. */
  public void execute(String sql) {
    try {
      native_._exec(sql);
    } catch (SQLException error) {
      throw failure(error.getErrorCode(), null);
    }
  }

  /** The first statement of the text; what follows it is left out, as sqlite3_prepare does. */
  public long prepare(String sql) {
    try {
      return native_.prepare_utf8(sql.getBytes(StandardCharsets.UTF_8));
    } catch (SQLException error) {
      throw failure(error.getErrorCode(), ", while compiling: " + sql);
    }
  }

  public void release(long statement) {
    if (statement != 0) native_.finalize(statement);
  }

  /** Whether there is a row; an error throws. */
  public boolean step(long statement) {
    if (statement == 0) throw new SQLiteException("not an error (code 0)");
    int code = native_.step(statement);
    if (code == Codes.SQLITE_ROW) return true;
    if (code == Codes.SQLITE_DONE) return false;
    throw failure(code, null);
  }

  public void bind(long statement, int index, Object value) {
    int code;
    if (value == null) code = native_.bind_null(statement, index);
    else if (value instanceof byte[]) code = native_.bind_blob(statement, index, (byte[]) value);
    else if (value instanceof Float || value instanceof Double) {
      code = native_.bind_double(statement, index, ((Number) value).doubleValue());
    } else if (value instanceof Number) code = native_.bind_long(statement, index, ((Number) value).longValue());
    else if (value instanceof Boolean) code = native_.bind_long(statement, index, (Boolean) value ? 1 : 0);
    else code = native_.bind_text_utf8(statement, index, value.toString().getBytes(StandardCharsets.UTF_8));
    if (code != Codes.SQLITE_OK) throw failure(code, null);
  }

  public int parameterCount(long statement) {
    return statement == 0 ? 0 : native_.bind_parameter_count(statement);
  }

  public String[] columnNames(long statement) {
    String[] names = new String[statement == 0 ? 0 : native_.column_count(statement)];
    for (int index = 0; index < names.length; index++) names[index] = native_.column_name(statement, index);
    return names;
  }

  public Object[] row(long statement) {
    Object[] values = new Object[native_.column_count(statement)];
    for (int index = 0; index < values.length; index++) values[index] = value(statement, index);
    return values;
  }

  private Object value(long statement, int index) {
    switch (native_.column_type(statement, index)) {
      case Codes.SQLITE_INTEGER:
        return native_.column_long(statement, index);
      case Codes.SQLITE_FLOAT:
        return native_.column_double(statement, index);
      case Codes.SQLITE_TEXT:
        return native_.column_text(statement, index);
      case Codes.SQLITE_BLOB:
        byte[] bytes = native_.column_blob(statement, index);
        return bytes == null ? new byte[0] : bytes;
      default:
        return null;
    }
  }

  public long changes() {
    return native_.changes();
  }

  private SQLiteException failure(int code, String more) {
    return new SQLiteException(native_.errmsg() + " (code " + code + ")" + (more == null ? "" : ": " + more));
  }
}
