import { failedStatement } from '../../../failed-statement.ts'
import { DataLayerError } from '../../../../errors/index.ts'
import type { DriverConnection } from '../../../driver.ts'
import { isCode, nameOf, tokenize } from '../../../sql-text/tokenize.ts'
import type { Call } from '../calls/operations.ts'
import { isWord } from '../host/pragma.ts'

/** What SQLite documents and what touches nothing but its arguments and the window's own tables. */
const allowed = new Set(
  `-> ->> abs acos acosh asin asinh atan atan2 atanh avg bm25 ceil ceiling changes char coalesce concat concat_ws cos cosh
  count cume_dist current_date current_time current_timestamp date datetime degrees dense_rank exp first_value floor format
  fts5_get_locale fts5_insttoken fts5_locale fts5_source_id geopoly_area geopoly_bbox geopoly_blob geopoly_ccw
  geopoly_contains_point geopoly_group_bbox geopoly_json geopoly_overlap geopoly_regular geopoly_svg geopoly_within
  geopoly_xform glob group_concat hex highlight if ifnull iif instr json json_array json_array_insert json_array_length
  json_error_position json_extract json_group_array json_group_object json_insert json_object json_patch json_pretty
  json_quote json_remove json_replace json_set json_type json_valid jsonb jsonb_array jsonb_array_insert jsonb_extract
  jsonb_group_array jsonb_group_object jsonb_insert jsonb_object jsonb_patch jsonb_remove jsonb_replace jsonb_set julianday
  lag last_insert_rowid last_value lead length like likelihood likely ln log log10 log2 lower ltrim match matchinfo max
  median min mod nth_value ntile nullif octet_length offsets optimize percent_rank percentile percentile_cont
  percentile_disc pi pow power printf quote radians random randomblob rank replace round row_number rtrim sign sin sinh
  snippet soundex sqlite_compileoption_get sqlite_compileoption_used sqlite_source_id sqlite_version sqrt strftime
  string_agg substr substring subtype sum tan tanh time timediff total total_changes trim trunc typeof unhex unicode unistr
  unistr_quote unixepoch unlikely upper zeroblob`.split(/\s+/),
)

/**
 * Refuses every function that this build of SQLite has and that is not known to be harmless: a list of the dangerous ones
 * would miss the next. The authorizer of node:sqlite would be the place, but the engine that encrypts has none.
 */
export class EngineFunctions {
  #refused: { readonly names: ReadonlySet<string>; readonly anyName: RegExp } | undefined

  /** Asks the engine once which functions it has. */
  async learn(connection: DriverConnection): Promise<void> {
    if (this.#refused) return
    const text = 'SELECT DISTINCT lower(name) FROM pragma_function_list'
    const [result] = await connection.run([{ text, params: [] }])
    const names = (result?.rows ?? []).map(([name]) => String(name)).filter((name) => !allowed.has(name))
    const sources = names.map((name) => name.replaceAll(/[^\w]/g, String.raw`\$&`))
    this.#refused = { names: new Set(names), anyName: new RegExp(sources.join('|') || '(?!)', 'i') }
  }

  /** @throws {DataLayerError} `unsupported` */
  check(call: Call): void {
    if (call.name === 'run' || call.name === 'runInSession')
      for (const [index, { text }] of call.values[1].entries()) this.#checkText(text, index)
    if (call.name !== 'restoreCopy') return
    const { belongs = [] } = call.values[2]
    // A database that was never opened has not said which functions its engine has.
    if (belongs.length > 0 && !this.#refused)
      throw new DataLayerError('unsupported', 'No query is asked of a copy while the database does not open.')
    for (const [index, text] of belongs.entries()) this.#checkText(text, index)
  }

  #checkText(text: string, index: number): void {
    // However a name is quoted, its letters stand together.
    if (!this.#refused?.anyName.test(text)) return
    const { names } = this.#refused
    const tokens = tokenize(text).filter(isCode)
    // A module calls the functions that its arguments name. Its own name may be a function's too: fts5.
    const module = isWord(tokens[1], 'VIRTUAL') ? tokens.findIndex((token) => isWord(token, 'USING')) + 1 : undefined
    const called = tokens.some(
      (token, at) =>
        (module === undefined ? tokens[at + 1]?.text === '(' : at !== module) &&
        names.has((nameOf(token) ?? '').toLowerCase()),
    )
    if (called) throw failedStatement(new DataLayerError('unsupported', 'This function is refused.'), index)
  }
}
