package com.getcapacitor;

import android.content.Context;
import android.webkit.WebView;
import androidx.fragment.app.FragmentActivity;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.cordova.PluginManager;

/** Capacitor's Bridge without a page: plugins, their calls on the one thread that Capacitor has for them, and the config. */
public class Bridge {
  public static final String CAPACITOR_HTTPS_SCHEME = "https";
  public static final int DEFAULT_ANDROID_WEBVIEW_VERSION = 60;
  public static final int MINIMUM_ANDROID_WEBVIEW_VERSION = 55;
  public static final int DEFAULT_HUAWEI_WEBVIEW_VERSION = 10;
  public static final int MINIMUM_HUAWEI_WEBVIEW_VERSION = 10;

  private final Context context;
  private final FragmentActivity activity;
  private final CapConfig config;
  private final App app = new App();
  private final Map<String, PluginHandle> plugins = new LinkedHashMap<>();
  private final Map<String, PluginCall> savedCalls = new LinkedHashMap<>();
  private final ExecutorService pluginThread = Executors.newSingleThreadExecutor((task) -> daemon("CapacitorPlugins", task));
  private final ExecutorService uiThread = Executors.newSingleThreadExecutor((task) -> daemon("main", task));

  public Bridge(Context context, WebView webView, Collection<Class<? extends Plugin>> classes) throws Exception {
    this.context = context;
    activity = new FragmentActivity(context, uiThread);
    config = CapConfig.loadFromAssets(context, null);
    Logger.init(config);
    new MessageHandler(this, webView, new PluginManager());
    for (Class<? extends Plugin> pluginClass : classes) {
      PluginHandle handle = new PluginHandle(this, pluginClass);
      plugins.put(handle.getId(), handle);
    }
  }

  private static Thread daemon(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  public Collection<PluginHandle> getPlugins() {
    return plugins.values();
  }

  public Context getContext() {
    return context;
  }

  public FragmentActivity getActivity() {
    return activity;
  }

  public CapConfig getConfig() {
    return config;
  }

  public App getApp() {
    return app;
  }

  public Set<String> getAllowedOriginRules() {
    return Set.of();
  }

  public void execute(Runnable task) {
    pluginThread.execute(task);
  }

  /** Bridge.callPluginMethod: an error that is not the call's own ends the app, there as here. */
  public void callPluginMethod(String pluginId, String methodName, PluginCall call) {
    PluginHandle plugin = plugins.get(pluginId);
    if (plugin == null) {
      call.errorCallback("unable to find plugin : " + pluginId);
      return;
    }
    execute(() -> {
      try {
        plugin.invoke(methodName, call);
        if (call.isKeptAlive()) savedCalls.put(call.getCallbackId(), call);
      } catch (PluginLoadException | InvalidPluginMethodException error) {
        Logger.error("Unable to execute plugin method", error);
      } catch (Throwable error) {
        error.printStackTrace();
        Runtime.getRuntime().halt(134);
      }
    });
  }

  public PluginCall getSavedCall(String callbackId) {
    return savedCalls.get(callbackId);
  }

  public void releaseCall(PluginCall call) {
    savedCalls.remove(call.getCallbackId());
  }

  /** Bridge.reset, when the page is loaded again: calls and listeners go, what plugins hold stays. */
  public void reset() {
    savedCalls.clear();
    for (PluginHandle handle : plugins.values()) handle.getInstance().removeAllListeners();
  }
}
