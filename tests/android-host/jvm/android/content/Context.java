package android.content;

import android.content.pm.ApplicationInfo;
import android.content.res.AssetManager;
import androidx.fragment.app.FragmentActivity;
import java.io.File;

/** An app's folders on disk, laid out as below /data/data/<package>. */
public class Context {
  private final File data;
  private final AssetManager assets;

  public Context(File data, AssetManager assets) {
    this.data = data;
    this.assets = assets;
    getFilesDir().mkdirs();
    getCacheDir().mkdirs();
  }

  /** For an activity, which shares its app's folders. */
  protected Context(Context app) {
    data = app.data;
    assets = app.assets;
  }

  public AssetManager getAssets() {
    return assets;
  }

  public ApplicationInfo getApplicationInfo() {
    return new ApplicationInfo();
  }

  public File getDataDir() {
    return data;
  }

  public File getFilesDir() {
    return new File(data, "files");
  }

  public File getCacheDir() {
    return new File(data, "cache");
  }

  public File getDatabasePath(String name) {
    return name.startsWith("/") ? new File(name) : new File(new File(data, "databases"), name);
  }

  public String[] databaseList() {
    String[] names = new File(data, "databases").list();
    return names == null ? new String[0] : names;
  }

  public boolean deleteDatabase(String name) {
    File file = getDatabasePath(name);
    boolean deleted = file.delete();
    for (String suffix : new String[] { "-journal", "-wal", "-shm" }) new File(file.getPath() + suffix).delete();
    return deleted;
  }
}
