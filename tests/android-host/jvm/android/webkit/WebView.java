package android.webkit;

/** The page is a JavaScript engine at the other end of this process's pipe. */
public abstract class WebView {
  public void post(Runnable task) {
    task.run();
  }

  public void addJavascriptInterface(Object object, String name) {
    throw new UnsupportedOperationException("the host speaks by web messages only");
  }

  public abstract void evaluateJavascript(String script, Object callback);
}
