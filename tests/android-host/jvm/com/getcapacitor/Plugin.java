package com.getcapacitor;

import android.content.Context;
import androidx.fragment.app.FragmentActivity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Capacitor's Plugin without activities, intents and permissions: context, config and listeners. */
public class Plugin {
  protected Bridge bridge;
  private PluginHandle handle;
  private final Map<String, List<PluginCall>> listeners = new HashMap<>();

  public void load() {}

  void initializeActivityLaunchers() {}

  public void setBridge(Bridge bridge) {
    this.bridge = bridge;
  }

  public void setPluginHandle(PluginHandle handle) {
    this.handle = handle;
  }

  public Context getContext() {
    return bridge.getContext();
  }

  public FragmentActivity getActivity() {
    return bridge.getActivity();
  }

  public PluginConfig getConfig() {
    return bridge.getConfig().getPluginConfiguration(handle.getId());
  }

  @PluginMethod(returnType = PluginMethod.RETURN_NONE)
  public void addListener(PluginCall call) {
    call.setKeepAlive(true);
    listeners.computeIfAbsent(call.getString("eventName"), (name) -> new ArrayList<>()).add(call);
  }

  @PluginMethod(returnType = PluginMethod.RETURN_NONE)
  public void removeListener(PluginCall call) {
    PluginCall saved = bridge.getSavedCall(call.getString("callbackId"));
    if (saved == null) return;
    listeners.getOrDefault(call.getString("eventName"), List.of()).remove(saved);
    bridge.releaseCall(saved);
  }

  @PluginMethod
  public void removeAllListeners(PluginCall call) {
    removeAllListeners();
    call.resolve();
  }

  public void removeAllListeners() {
    listeners.clear();
  }

  protected void notifyListeners(String event, JSObject data) {
    for (PluginCall call : List.copyOf(listeners.getOrDefault(event, List.of()))) call.resolve(data);
  }
}
