package net.zetetic.database.sqlcipher;

import androidx.sqlite.db.SupportSQLiteStatement;

public final class SQLiteStatement implements SupportSQLiteStatement {
  private final SQLiteProgram program;

  SQLiteStatement(SQLiteProgram program) {
    this.program = program;
  }

  @Override
  public void bindNull(int index) {
    program.bind(index, null);
  }

  @Override
  public void bindLong(int index, long value) {
    program.bind(index, value);
  }

  @Override
  public void bindDouble(int index, double value) {
    program.bind(index, value);
  }

  @Override
  public void bindString(int index, String value) {
    program.bind(index, value);
  }

  @Override
  public void bindBlob(int index, byte[] value) {
    program.bind(index, value);
  }

  public void execute() {
    executeUpdateDelete();
  }

  @Override
  public int executeUpdateDelete() {
    return (int) program.session.executeForChangedRowCount(program.sql, program.values);
  }

  /** The plugin asks for the rowid itself, so the number is not looked up here. */
  @Override
  public long executeInsert() {
    return executeUpdateDelete();
  }

  @Override
  public void close() {}
}
