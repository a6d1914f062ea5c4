package android.content.res;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;

/** The app's assets over those of its libraries, as the build of an app merges them. */
public class AssetManager {
  private final File[] roots;

  public AssetManager(File... roots) {
    this.roots = roots;
  }

  public InputStream open(String path) throws IOException {
    for (File root : roots) {
      File file = new File(root, path);
      if (file.isFile()) return new FileInputStream(file);
    }
    throw new FileNotFoundException(path);
  }

  public String[] list(String path) {
    for (File root : roots) {
      String[] names = new File(root, path).list();
      if (names != null) return names;
    }
    return new String[0];
  }
}
