interface StatementInfo {
  readonly isReturning: boolean
  readonly statement: string
}

/** UtilsSQLStatement.swift, isReturning: what is left of a text when returnMode is 'no'. */
export function withoutReturning(sql: string): StatementInfo {
  const whole = { isReturning: false, statement: sql }
  let statement = sql.trim()
  // getStatementType: the first word, up to a blank
  const type = statement.split(' ')[0]?.toUpperCase()
  // cleanStatement
  if (statement.endsWith(';')) statement = statement.slice(0, -1).trim()
  if (type === 'INSERT') {
    // processInsertStatement: cut behind the last «)» after VALUES, an ON CONFLICT clause included
    const values = statement.toUpperCase().indexOf('VALUES')
    const end = statement.lastIndexOf(')') + 1
    if (values < 0 || end <= values) return whole
    if (end === statement.length) return { isReturning: false, statement: `${statement};` }
    if (!statement.slice(end).toLowerCase().includes('returning')) return whole
    return { isReturning: true, statement: `${statement.slice(0, end + 1).trim()};` }
  }
  if (type === 'DELETE' || type === 'UPDATE') {
    // processDeleteOrUpdateStatement: the words before RETURNING, one blank between two
    const words = statement.split(/\s/)
    const at = words.findIndex((word) => word.toLowerCase() === 'returning')
    return at < 0 ? whole : { isReturning: true, statement: `${words.slice(0, at).join(' ')};` }
  }
  return whole
}
