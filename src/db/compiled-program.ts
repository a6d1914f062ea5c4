export type Cell = string | number | bigint | null | Uint8Array

/** One step of a compiled statement as `EXPLAIN` lists it: address, opcode, p1 to p5, comment. */
export type ProgramStep = readonly Cell[]

/** What a compiled program says of the statement, its tables still as numbers. */
export interface CompiledProgram {
  readonly writes: boolean
  /** The root pages it writes, as `database:page`. Page 1 of any is the schema's own table. */
  readonly pages: readonly string[]
  /** Where the virtual tables that it writes lie in memory. */
  readonly virtualTables: readonly Cell[]
  /** Whether it inserts rows that have a rowid. */
  readonly inserts: boolean
  /** Whether a row it was to insert may become an update, which leaves `last_insert_rowid()` as it was. */
  readonly upserts: boolean
  /** Whether triggers or foreign key actions are part of it, whose rows `total_changes()` counts too. */
  readonly nested: boolean
}

// Bits of the Insert and OpenWrite opcodes' p5 (OPFLAG_ISUPDATE, OPFLAG_P2ISREG, OPFLAG_LASTROWID in src/sqliteInt.h).
const flag = { isUpdate: 0x04, pageInRegister: 0x10, lastRowid: 0x20 }

/**
 * Reads the answer of an `EXPLAIN`. It lists the whole program, sub-programs included; its `OpenWrite`, `Clear`, `Destroy`
 * and `VUpdate` steps name what they touch by root page.
 */
export function readProgram(program: readonly ProgramStep[]): CompiledProgram {
  const writes = program.some(([, opcode, , p2]) => (opcode === 'Transaction' && Number(p2) > 0) || opcode === 'Vacuum')
  const pages = new Set<string>()
  const virtualTables = new Set<Cell>()
  let inserts = false
  let upserts = false
  let nested = false
  program.forEach(([address, opcode, p1, p2, p3, p4, p5], index) => {
    // The listing starts again at address 0 for each trigger and foreign key action.
    nested ||= index > 0 && Number(address) === 0
    const bits = Number(p5)
    if (opcode === 'OpenWrite' && !(bits & flag.pageInRegister)) pages.add(`${Number(p3)}:${Number(p2)}`)
    else if (opcode === 'Clear') pages.add(`${Number(p2)}:${Number(p1)}`)
    else if (opcode === 'Destroy') pages.add(`${Number(p3)}:${Number(p1)}`)
    else if (opcode === 'VUpdate') virtualTables.add(p4 ?? null)
    if (nested) return
    if (opcode === 'Insert') {
      inserts ||= (bits & flag.lastRowid) !== 0
      upserts ||= (bits & flag.isUpdate) !== 0
    } else if (opcode === 'VUpdate') inserts ||= Number(p1) !== 0
  })
  return {
    writes,
    pages: [...pages],
    virtualTables: [...virtualTables],
    inserts,
    upserts: inserts && upserts,
    nested: nested || virtualTables.size > 0,
  }
}

/** Whether a page holds the schema. */
export function isSchemaPage(page: string): boolean {
  return page.endsWith(':1')
}
