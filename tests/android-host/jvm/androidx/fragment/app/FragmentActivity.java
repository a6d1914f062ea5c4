package androidx.fragment.app;

import android.content.Context;
import java.util.concurrent.Executor;

public class FragmentActivity extends Context {
  private final Executor uiThread;

  public FragmentActivity(Context app, Executor uiThread) {
    super(app);
    this.uiThread = uiThread;
  }

  public void runOnUiThread(Runnable task) {
    uiThread.execute(task);
  }
}
