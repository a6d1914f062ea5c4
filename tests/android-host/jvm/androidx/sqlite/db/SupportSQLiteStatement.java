package androidx.sqlite.db;

public interface SupportSQLiteStatement extends AutoCloseable {
  void bindNull(int index);

  void bindLong(int index, long value);

  void bindDouble(int index, double value);

  void bindString(int index, String value);

  void bindBlob(int index, byte[] value);

  int executeUpdateDelete();

  long executeInsert();

  @Override
  void close();
}
