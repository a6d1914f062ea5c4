package android.text;

public class TextUtils {
  public static boolean isEmpty(CharSequence text) {
    return text == null || text.length() == 0;
  }

  public static String join(CharSequence separator, Object[] parts) {
    return join(separator, java.util.Arrays.asList(parts));
  }

  public static String join(CharSequence separator, Iterable<?> parts) {
    StringBuilder joined = new StringBuilder();
    for (Object part : parts) joined.append(joined.length() > 0 ? separator : "").append(part);
    return joined.toString();
  }
}
