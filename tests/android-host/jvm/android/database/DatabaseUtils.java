package android.database;

import java.util.Locale;

/** What the plugin and SQLCipher's session ask of android.database.DatabaseUtils, as of Android 15 (API 35). */
public class DatabaseUtils {
  public static final int STATEMENT_BEGIN = 4;
  public static final int STATEMENT_COMMIT = 5;
  public static final int STATEMENT_ABORT = 6;
  public static final int STATEMENT_OTHER = 99;

  public static String sqlEscapeString(String value) {
    return "'" + value.replace("'", "''") + "'";
  }

  /**
   * By the first three letters. Since API 28 ROLLBACK TO is told apart; since API 35 comments before them are passed over
   * (getSqlStatementPrefixOffset), so that they hide a BEGIN on older phones only. A semicolon before them hides it on all.
   */
  public static int getSqlStatementType(String sql) {
    String text = withoutLeadingComments(sql).toUpperCase(Locale.ROOT);
    if (text.length() < 3) return STATEMENT_OTHER;
    switch (text.substring(0, 3)) {
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

  private static String withoutLeadingComments(String sql) {
    return sql.replaceFirst("^(?s:\\s+|--.*?\\n|/\\*.*?\\*/)+", "");
  }
}
