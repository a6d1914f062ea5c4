package net.zetetic.database.sqlcipher;

/** A text, prepared once to learn its parameters and columns, and its values: those not given are NULL. */
final class SQLiteProgram {
  final SQLiteSession session;
  final String sql;
  final Object[] values;
  final String[] columns;

  SQLiteProgram(SQLiteSession session, String text, Object[] given) {
    this.session = session;
    sql = text.trim();
    if (SQLiteSession.isTransactionControl(sql)) {
      values = new Object[0];
      columns = new String[0];
    } else {
      long statement = session.engine.prepare(sql);
      values = new Object[session.engine.parameterCount(statement)];
      columns = session.engine.columnNames(statement);
      session.engine.release(statement);
    }
    for (int index = given == null ? 0 : given.length; index > 0; index--) bind(index, given[index - 1]);
  }

  void bind(int index, Object value) {
    if (index < 1 || index > values.length) {
      throw new IllegalArgumentException(
        "Cannot bind argument at index " + index + " because the index is out of range.  " +
        "The statement has " + values.length + " parameters."
      );
    }
    values[index - 1] = value;
  }
}
