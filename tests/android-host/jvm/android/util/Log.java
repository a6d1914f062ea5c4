package android.util;

/** Logcat: standard error, when the host was started with -Dlogcat=true. */
public class Log {
  private static final boolean shown = Boolean.getBoolean("logcat");

  public static int v(String tag, String message) {
    return write("V", tag, message, null);
  }

  public static int d(String tag, String message) {
    return write("D", tag, message, null);
  }

  public static int i(String tag, String message) {
    return write("I", tag, message, null);
  }

  public static int w(String tag, String message) {
    return write("W", tag, message, null);
  }

  public static int e(String tag, String message) {
    return write("E", tag, message, null);
  }

  public static int e(String tag, String message, Throwable error) {
    return write("E", tag, message, error);
  }

  private static int write(String level, String tag, String message, Throwable error) {
    if (shown) {
      System.err.println(level + "/" + tag + ": " + message);
      if (error != null) error.printStackTrace();
    }
    return 0;
  }
}
