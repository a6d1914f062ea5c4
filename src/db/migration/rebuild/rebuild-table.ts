/** How a table's definition changes. Every row stays; what a column holds afterwards is said by `columns`. */
export interface TableChange {
  readonly table: string
  /** The new `CREATE TABLE` statement, for the same name. It becomes the schema's text to the letter. */
  readonly sql: string
  /**
   * For a column of the new table, an SQL expression over the old one's columns. A column that both tables have copies
   * itself unless named here; a new column that is not named takes its default.
   */
  readonly columns?: Readonly<Record<string, string>>
  /** Indexes that go with the change. All others are made again as they were. */
  readonly dropIndexes?: readonly string[]
}
