/** `CapacitorSQLiteError.failed(message:)`; the only kind of failure that reaches the page. */
export class CapacitorSQLiteError extends Error {}
