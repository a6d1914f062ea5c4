package android.content;

/** Named by an annotation's import only. */
public class Intent {}
