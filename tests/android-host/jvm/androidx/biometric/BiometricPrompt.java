package androidx.biometric;

import androidx.fragment.app.FragmentActivity;
import java.util.concurrent.Executor;

/** Never shown: there is no hardware for it. It is here so that the plugin compiles. */
public class BiometricPrompt {
  public static class AuthenticationResult {}

  public static class AuthenticationCallback {
    public void onAuthenticationError(int code, CharSequence message) {}

    public void onAuthenticationSucceeded(AuthenticationResult result) {}

    public void onAuthenticationFailed() {}
  }

  public static class PromptInfo {
    public static class Builder {
      public Builder setTitle(CharSequence title) {
        return this;
      }

      public Builder setSubtitle(CharSequence subtitle) {
        return this;
      }

      public Builder setAllowedAuthenticators(int authenticators) {
        return this;
      }

      public PromptInfo build() {
        return new PromptInfo();
      }
    }
  }

  public BiometricPrompt(FragmentActivity activity, Executor executor, AuthenticationCallback callback) {}

  public void authenticate(PromptInfo info) {
    throw new UnsupportedOperationException("no biometric hardware");
  }
}
