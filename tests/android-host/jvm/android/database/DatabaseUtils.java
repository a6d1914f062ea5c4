package android.database;

import java.util.Locale;

/** What the plugin and SQLCipher's session ask of android.database.DatabaseUtils. */
public class DatabaseUtils {
  public static final int STATEMENT_ATTACH = 3;
  public static final int STATEMENT_BEGIN = 4;
  public static final int STATEMENT_COMMIT = 5;
  public static final int STATEMENT_ABORT = 6;
  public static final int STATEMENT_OTHER = 99;

  public static String sqlEscapeString(String value) {
    return "'" + value.replace("'", "''") + "'";
  }

  /** By the first three letters, as Android does; ROLLBACK TO is told apart since API 28. */
  public static int getSqlStatementType(String sql) {
    String text = sql.trim().toUpperCase(Locale.ROOT);
    if (text.length() < 3) return STATEMENT_OTHER;
    switch (text.substring(0, 3)) {
      case "ATT":
        return STATEMENT_ATTACH;
      case "BEG":
        return STATEMENT_BEGIN;
      case "COM":
      case "END":
        return STATEMENT_COMMIT;
      case "ROL":
        return text.contains(" TO ") ? STATEMENT_OTHER : STATEMENT_ABORT;
      default:
        return STATEMENT_OTHER;
    }
  }
}
