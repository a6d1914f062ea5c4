package net.zetetic.database.sqlcipher;

import android.database.DatabaseUtils;
import android.database.sqlite.SQLiteException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.sqlite.core.Engine;

/** SQLiteSession of sqlcipher-android: its stack of transactions, and BEGIN, COMMIT and ROLLBACK taken out of the text. */
final class SQLiteSession {
  private static final class Transaction {
    boolean successful = false;
    boolean childFailed = false;
  }

  final Engine engine;
  private final Deque<Transaction> transactions = new ArrayDeque<>();

  SQLiteSession(Engine engine) {
    this.engine = engine;
  }

  boolean inTransaction() {
    return !transactions.isEmpty();
  }

  /** An inner transaction is counted only: SQLite hears of the outer one. */
  void begin() {
    throwIfSuccessful();
    if (transactions.isEmpty()) execute("BEGIN EXCLUSIVE;");
    transactions.push(new Transaction());
  }

  void markSuccessful() {
    throwIfNone();
    throwIfSuccessful();
    transactions.peek().successful = true;
  }

  void end() {
    throwIfNone();
    Transaction ended = transactions.pop();
    boolean successful = ended.successful && !ended.childFailed;
    if (transactions.isEmpty()) execute(successful ? "COMMIT;" : "ROLLBACK;");
    else if (!successful) transactions.peek().childFailed = true;
  }

  private void throwIfNone() {
    if (transactions.isEmpty()) {
      throw new IllegalStateException("Cannot perform this operation because there is no current transaction.");
    }
  }

  private void throwIfSuccessful() {
    if (!transactions.isEmpty() && transactions.peek().successful) {
      throw new IllegalStateException(
        "Cannot perform this operation because the transaction has already been marked successful.  " +
        "The only thing you can do now is call endTransaction()."
      );
    }
  }

  static boolean isTransactionControl(String sql) {
    int type = DatabaseUtils.getSqlStatementType(sql);
    return type >= DatabaseUtils.STATEMENT_BEGIN && type <= DatabaseUtils.STATEMENT_ABORT;
  }

  /** SQLiteSession.executeSpecial. */
  private void executeSpecial(String sql) {
    switch (DatabaseUtils.getSqlStatementType(sql)) {
      case DatabaseUtils.STATEMENT_BEGIN:
        begin();
        break;
      case DatabaseUtils.STATEMENT_COMMIT:
        markSuccessful();
        end();
        break;
      default:
        end();
    }
  }

  /** nativeExecuteForChangedRowCount: a first row is an error, though the statement has run by then. */
  long executeForChangedRowCount(String sql, Object[] values) {
    if (isTransactionControl(sql)) {
      executeSpecial(sql);
      return 0;
    }
    return run(sql, values, (statement) -> {
      if (engine.step(statement)) {
        throw new SQLiteException(
          "unknown error (code 0): Queries can be performed using SQLiteDatabase query or rawQuery methods only."
        );
      }
      return engine.changes();
    });
  }

  List<Object[]> rows(String sql, Object[] values) {
    if (isTransactionControl(sql)) {
      executeSpecial(sql);
      return List.of();
    }
    return run(sql, values, (statement) -> {
      List<Object[]> rows = new ArrayList<>();
      while (engine.step(statement)) rows.add(engine.row(statement));
      return rows;
    });
  }

  void execute(String sql) {
    run(sql, null, (statement) -> engine.step(statement));
  }

  long executeForLong(String sql) {
    return run(sql, null, (statement) -> engine.step(statement) ? (Long) engine.row(statement)[0] : -1L);
  }

  String executeForString(String sql) {
    return run(sql, null, (statement) -> engine.step(statement) ? String.valueOf(engine.row(statement)[0]) : null);
  }

  private interface Use<T> {
    T of(long statement);
  }

  private <T> T run(String sql, Object[] values, Use<T> use) {
    long statement = engine.prepare(sql);
    try {
      for (int index = 0; values != null && index < values.length; index++) {
        engine.bind(statement, index + 1, values[index]);
      }
      return use.of(statement);
    } finally {
      engine.release(statement);
    }
  }
}
