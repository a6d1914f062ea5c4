package androidx.biometric;

import android.content.Context;

/** A device without biometric hardware. */
public class BiometricManager {
  public static final int BIOMETRIC_SUCCESS = 0;
  public static final int BIOMETRIC_ERROR_HW_UNAVAILABLE = 1;
  public static final int BIOMETRIC_ERROR_NONE_ENROLLED = 11;
  public static final int BIOMETRIC_ERROR_NO_HARDWARE = 12;

  public static class Authenticators {
    public static final int BIOMETRIC_STRONG = 15;
    public static final int DEVICE_CREDENTIAL = 1 << 15;
  }

  public static BiometricManager from(Context context) {
    return new BiometricManager();
  }

  public int canAuthenticate(int authenticators) {
    return BIOMETRIC_ERROR_NO_HARDWARE;
  }
}
