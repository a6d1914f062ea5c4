// SQLite's keywords that never stand for a name without quotes (sqlite.org/lang_keywords.html, less those its parser
// falls back on as names), and the words that are values where no quotes say otherwise.
const reserved = new Set(
  `ADD ALL ALTER AND AS AUTOINCREMENT BETWEEN CASE CHECK COLLATE COMMIT CONSTRAINT CREATE DEFAULT DEFERRABLE DELETE DISTINCT
  DROP ELSE ESCAPE EXISTS FOREIGN FROM GROUP HAVING IN INDEX INSERT INTO IS ISNULL JOIN LIMIT NOT NOTHING NOTNULL NULL ON OR
  ORDER PRIMARY REFERENCES RETURNING SELECT SET TABLE THEN TO TRANSACTION UNION UNIQUE UPDATE USING VALUES WHEN WHERE
  CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP TRUE FALSE`.split(/\s+/),
)

/** Whether a name must keep its quotes: bare, it would be no name or another thing. */
export function needsQuotes(name: string): boolean {
  return !/^[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*$/.test(name) || reserved.has(name.toUpperCase())
}
