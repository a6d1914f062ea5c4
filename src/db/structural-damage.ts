// What quick_check says of rows that break a NOT NULL, CHECK or type rule: the app's data, not damage to the file.
const remarkOnData =
  /^(?:NULL value in |CHECK constraint failed in |(?:TEXT|NUMERIC|BLOB|INT|INTEGER|REAL|NULL|non-\w+) value in )/

/** The lines of a `PRAGMA quick_check` that say the file itself is damaged. */
export function structuralDamage(lines: readonly string[]): string[] {
  return lines.filter((line) => line !== 'ok' && !remarkOnData.test(line))
}
