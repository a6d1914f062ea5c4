package android.webkit;

/** The page is a JavaScript engine at the other end of this process's pipe, and hears web messages only. */
public class WebView {
  public void post(Runnable task) {
    task.run();
  }

  public void addJavascriptInterface(Object object, String name) {
    throw new UnsupportedOperationException("the host speaks by web messages only");
  }

  public void evaluateJavascript(String script, Object callback) {
    throw new UnsupportedOperationException("the host speaks by web messages only");
  }
}
