package net.zetetic.database.sqlcipher;

import android.database.sqlite.SQLiteException;
import androidx.sqlite.db.SupportSQLiteDatabase;
import java.io.File;
import java.nio.charset.StandardCharsets;
import org.sqlite.core.Engine;

/** SQLiteDatabase of sqlcipher-android: one connection, opened and keyed in the order of SQLiteConnection.open. */
public final class SQLiteDatabase implements SupportSQLiteDatabase {
  public static final int OPEN_READWRITE = 0;
  public static final int OPEN_READONLY = 1;
  private static final int CREATE_IF_NECESSARY = 0x10000000;
  private static final int BUSY_TIMEOUT_MS = 2500;

  private final boolean readOnly;
  private final Engine engine;
  private final SQLiteSession session;
  private boolean open = true;

  private SQLiteDatabase(String path, byte[] password, int flags) {
    readOnly = flags == OPEN_READONLY;
    // SQLITE_OPEN_READWRITE is 2, SQLITE_OPEN_CREATE 4, SQLITE_OPEN_READONLY 1.
    engine = new Engine(path, flags == CREATE_IF_NECESSARY ? 6 : readOnly ? 1 : 2);
    session = new SQLiteSession(engine);
    try {
      engine.busyTimeout(BUSY_TIMEOUT_MS);
      if (password.length > 0) {
        engine.execute("PRAGMA key = " + quoted(password));
        session.executeForLong("SELECT COUNT(*) FROM sqlite_schema;");
      }
      if (!readOnly) configure();
    } catch (RuntimeException error) {
      engine.close();
      throw error;
    }
  }

  /** SQLiteConnection.open and SQLiteGlobal: rollback journal, synchronous NORMAL, foreign keys off until they are asked for. */
  private void configure() {
    setForeignKeys(false);
    session.executeForLong("PRAGMA journal_size_limit=10000");
    session.executeForLong("PRAGMA wal_autocheckpoint=1000");
    leaveWriteAheadLog();
    session.execute("PRAGMA synchronous=normal");
  }

  /** SQLiteConnection.setJournalMode: a database that somebody else has open stays in WAL, without an error. */
  private void leaveWriteAheadLog() {
    if (session.executeForString("PRAGMA journal_mode").equalsIgnoreCase("delete")) return;
    try {
      session.executeForString("PRAGMA journal_mode=delete");
    } catch (SQLiteException error) {
      if (!error.getMessage().contains("(code 5)")) throw error;
    }
  }

  private static String quoted(byte[] password) {
    return "'" + new String(password, StandardCharsets.UTF_8).replace("'", "''") + "'";
  }

  private static byte[] bytes(String password) {
    return password == null ? new byte[0] : password.getBytes(StandardCharsets.UTF_8);
  }

  public static SQLiteDatabase openOrCreateDatabase(File file, String password, Object factory, Object errorHandler) {
    return new SQLiteDatabase(file.getAbsolutePath(), bytes(password), CREATE_IF_NECESSARY);
  }

  public static SQLiteDatabase openDatabase(String path, String password, Object factory, int flags, Object hook) {
    return new SQLiteDatabase(path, bytes(password), flags);
  }

  public static SQLiteDatabase openDatabase(
    String path,
    byte[] password,
    Object factory,
    int flags,
    Object errorHandler,
    Object hook
  ) {
    return new SQLiteDatabase(path, password, flags);
  }

  SQLiteSession session() {
    if (!open) throw new IllegalStateException("attempt to re-open an already-closed object: SQLiteDatabase");
    return session;
  }

  @Override
  public void beginTransaction() {
    session().begin();
  }

  @Override
  public void setTransactionSuccessful() {
    session().markSuccessful();
  }

  @Override
  public void endTransaction() {
    session().end();
  }

  @Override
  public boolean inTransaction() {
    return session().inTransaction();
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    if (!open) return;
    open = false;
    // SQLiteConnectionPool.close: a connection that a session has for a transaction stays open until it is given back.
    if (!session.inTransaction()) engine.close();
  }

  @Override
  public int getVersion() {
    return (int) session().executeForLong("PRAGMA user_version;");
  }

  @Override
  public void setVersion(int version) {
    execSQL("PRAGMA user_version = " + version);
  }

  /** Refused inside a transaction: SQLiteConnectionPool.reconfigure. A read-only connection is left as it is. */
  @Override
  public void setForeignKeyConstraintsEnabled(boolean enabled) {
    if (session().inTransaction()) {
      throw new IllegalStateException(
        "Foreign Key Constraints cannot be enabled or disabled while there are transactions in progress.  " +
        "Finish all transactions and release all active database connections first."
      );
    }
    if (!readOnly) setForeignKeys(enabled);
  }

  private void setForeignKeys(boolean enabled) {
    session.execute("PRAGMA foreign_keys=" + (enabled ? 1 : 0));
  }

  @Override
  public void execSQL(String sql) {
    try (SQLiteStatement statement = compileStatement(sql)) {
      statement.executeUpdateDelete();
    }
  }

  /** Errors of its steps are not reported: nativeExecuteRaw. */
  public void rawExecSQL(String sql) {
    long statement = engine.prepare(sql);
    try {
      while (engine.step(statement));
    } catch (SQLiteException ignored) {
      // nativeExecuteRaw looks at no result.
    } finally {
      engine.release(statement);
    }
  }

  @Override
  public SQLiteCursor query(String sql) {
    return query(sql, null);
  }

  @Override
  public SQLiteCursor query(String sql, Object[] values) {
    return new SQLiteCursor(new SQLiteProgram(session(), sql, values));
  }

  @Override
  public SQLiteStatement compileStatement(String sql) {
    return new SQLiteStatement(new SQLiteProgram(session(), sql, null));
  }

  public void changePassword(String password) {
    engine.execute("PRAGMA rekey = " + quoted(bytes(password)));
  }
}
