package androidx.security.crypto;

import android.content.Context;
import android.content.SharedPreferences;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.util.Iterator;
import javax.crypto.AEADBadTagException;
import org.json.JSONException;
import org.json.JSONObject;

/** Preferences on disk. Not encrypted, but tied to the master key: with another one they are refused, as the real ones are. */
public class EncryptedSharedPreferences implements SharedPreferences {
  public enum PrefKeyEncryptionScheme {
    AES256_SIV
  }

  public enum PrefValueEncryptionScheme {
    AES256_GCM
  }

  private final File file;
  private final JSONObject values;

  private EncryptedSharedPreferences(File file, JSONObject values) {
    this.file = file;
    this.values = values;
  }

  public static SharedPreferences create(
    Context context,
    String name,
    MasterKey key,
    PrefKeyEncryptionScheme keys,
    PrefValueEncryptionScheme contents
  ) throws GeneralSecurityException, IOException {
    File file = new File(context.getDataDir(), "shared_prefs/" + name + ".xml");
    file.getParentFile().mkdirs();
    try {
      JSONObject values = file.exists() ? new JSONObject(Files.readString(file.toPath())) : new JSONObject();
      if (!values.optString("master-key", key.alias).equals(key.alias)) throw new AEADBadTagException();
      values.put("master-key", key.alias);
      return new EncryptedSharedPreferences(file, values);
    } catch (JSONException error) {
      throw new GeneralSecurityException(error);
    }
  }

  @Override
  public synchronized String getString(String key, String otherwise) {
    return values.has("value:" + key) ? values.optString("value:" + key) : otherwise;
  }

  @Override
  public Editor edit() {
    return new Changes();
  }

  private synchronized void save(JSONObject changes) throws JSONException {
    for (Iterator<String> keys = changes.keys(); keys.hasNext();) {
      String key = keys.next();
      if (changes.isNull(key)) values.remove("value:" + key);
      else values.put("value:" + key, changes.get(key));
    }
    File written = new File(file.getPath() + ".new");
    try {
      Files.writeString(written.toPath(), values.toString());
      Files.move(written.toPath(), file.toPath(), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  private class Changes implements Editor {
    private final JSONObject changes = new JSONObject();

    @Override
    public Editor putString(String key, String value) {
      return put(key, value);
    }

    @Override
    public Editor remove(String key) {
      return put(key, JSONObject.NULL);
    }

    private Editor put(String key, Object value) {
      try {
        changes.put(key, value);
        return this;
      } catch (JSONException error) {
        throw new IllegalStateException(error);
      }
    }

    @Override
    public boolean commit() {
      try {
        save(changes);
        return true;
      } catch (JSONException error) {
        throw new IllegalStateException(error);
      }
    }

    /** Android writes a moment later; here it is written at once. */
    @Override
    public void apply() {
      commit();
    }
  }
}
