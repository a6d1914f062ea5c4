package androidx.security.crypto;

import android.content.Context;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.UUID;

/** A key of the device's keystore: it belongs to the installed app and is in no backup. Its folder lies beside the app's data. */
public class MasterKey {
  public enum KeyScheme {
    AES256_GCM
  }

  final String alias;

  private MasterKey(String alias) {
    this.alias = alias;
  }

  public static class Builder {
    private final Context context;

    public Builder(Context context) {
      this.context = context;
    }

    public Builder setKeyScheme(KeyScheme scheme) {
      return this;
    }

    public Builder setUserAuthenticationRequired(boolean required, int seconds) {
      return this;
    }

    public MasterKey build() throws IOException {
      File file = new File(context.getDataDir().getParentFile(), "keystore/master-key");
      if (!file.exists()) {
        file.getParentFile().mkdirs();
        Files.writeString(file.toPath(), UUID.randomUUID().toString());
      }
      return new MasterKey(Files.readString(file.toPath()));
    }
  }
}
