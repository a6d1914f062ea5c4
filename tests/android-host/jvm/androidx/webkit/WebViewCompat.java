package androidx.webkit;

import android.webkit.WebView;
import java.util.Set;

public class WebViewCompat {
  public interface WebMessageListener {
    void onPostMessage(
      WebView view,
      WebMessageCompat message,
      Object sourceOrigin,
      boolean isMainFrame,
      JavaScriptReplyProxy replyProxy
    );
  }

  /** The one listener of this process: Capacitor's. */
  public static WebMessageListener listener;

  public static void addWebMessageListener(WebView view, String name, Set<String> origins, WebMessageListener added) {
    listener = added;
  }
}
