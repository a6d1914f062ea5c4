package org.apache.cordova;

public class PluginManager {
  public void exec(String service, String action, String callbackId, String arguments) {
    throw new UnsupportedOperationException("no Cordova plugins");
  }
}
