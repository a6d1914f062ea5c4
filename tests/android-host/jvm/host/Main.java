package host;

import android.content.Context;
import android.content.res.AssetManager;
import android.webkit.WebView;
import androidx.webkit.WebMessageCompat;
import androidx.webkit.WebViewCompat;
import com.getcapacitor.Bridge;
import com.getcapacitor.JSExport;
import com.getcapacitor.Plugin;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.json.JSONException;
import org.json.JSONObject;

/**
 * The app's process. Arguments: its data folder, its assets, its libraries' assets, and the classes of its plugins. One JSON
 * object a line: in come `message` (what native-bridge.js posts) and `reload`; out go `script` (what the page runs before the
 * app's own) and `message` (what the page is answered).
 */
public class Main {
  private static final String FROM_NATIVE = "window.Capacitor.fromNative(";
  private static PrintStream out;

  public static void main(String[] arguments) throws Exception {
    out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    WebView page = new WebView() {
      // MessageHandler answers so when the first call is done before it has noted where answers go: it notes that last.
      @Override
      public void evaluateJavascript(String script, Object callback) {
        if (!script.startsWith(FROM_NATIVE)) throw new UnsupportedOperationException(script);
        say("message", script.substring(FROM_NATIVE.length(), script.length() - 1));
      }
    };
    AssetManager assets = new AssetManager(new File(arguments[1]), new File(arguments[2]));
    Context app = new Context(new File(arguments[0]), assets);
    List<Class<? extends Plugin>> plugins = new ArrayList<>();
    for (int index = 3; index < arguments.length; index++) {
      plugins.add(Class.forName(arguments[index]).asSubclass(Plugin.class));
    }
    Bridge bridge = new Bridge(app, page, plugins);
    say("script", JSExport.getGlobalJS(app, bridge.getConfig().isLoggingEnabled(), false) + "\n" +
      JSExport.getBridgeJS(app) + "\n" + JSExport.getPluginJS(bridge.getPlugins()));

    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JSONObject told = new JSONObject(line);
      if (told.has("reload")) bridge.execute(bridge::reset);
      else receive(page, told.getString("message"));
    }
    // Android ends an app without asking it.
    Runtime.getRuntime().halt(0);
  }

  private static void receive(WebView page, String message) {
    WebMessageCompat received = new WebMessageCompat(message);
    WebViewCompat.listener.onPostMessage(page, received, null, true, (reply) -> say("message", reply));
  }

  private static synchronized void say(String kind, String text) {
    try {
      out.println(new JSONObject().put(kind, text));
    } catch (JSONException error) {
      throw new IllegalStateException(error);
    }
  }
}
