package android.content.pm;

/** Of a release build: nothing is logged unless the config asks for it. */
public class ApplicationInfo {
  public static final int FLAG_DEBUGGABLE = 2;
  public int flags = 0;
}
