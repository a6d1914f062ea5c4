package androidx.sqlite.db;

import android.database.Cursor;

/** The part of the interface that the plugin calls. */
public interface SupportSQLiteDatabase {
  void beginTransaction();

  void setTransactionSuccessful();

  void endTransaction();

  boolean inTransaction();

  boolean isOpen();

  void close();

  int getVersion();

  void setVersion(int version);

  void setForeignKeyConstraintsEnabled(boolean enabled);

  void execSQL(String sql);

  Cursor query(String sql);

  Cursor query(String sql, Object[] values);

  SupportSQLiteStatement compileStatement(String sql);
}
