package android.database;

public interface Cursor {
  int FIELD_TYPE_NULL = 0;
  int FIELD_TYPE_INTEGER = 1;
  int FIELD_TYPE_FLOAT = 2;
  int FIELD_TYPE_STRING = 3;
  int FIELD_TYPE_BLOB = 4;
}
