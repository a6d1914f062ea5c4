package android.database.sqlite;

import android.database.SQLException;

/** One class for all of Android's: the plugin looks at the message alone. */
public class SQLiteException extends SQLException {
  public SQLiteException(String message) {
    super(message);
  }
}
