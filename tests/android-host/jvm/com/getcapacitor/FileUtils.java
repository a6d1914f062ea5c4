package com.getcapacitor;

import android.content.res.AssetManager;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;

/** The two readers that the bridge classes use; the real file is mostly about content providers. */
class FileUtils {
  static String readFileFromAssets(AssetManager assets, String path) throws IOException {
    try (InputStream stream = assets.open(path)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  static String readFileFromDisk(File file) throws IOException {
    return Files.readString(file.toPath());
  }
}
