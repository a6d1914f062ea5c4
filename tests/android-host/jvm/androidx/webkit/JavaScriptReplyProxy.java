package androidx.webkit;

public interface JavaScriptReplyProxy {
  void postMessage(String message);
}
