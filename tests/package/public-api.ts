import ts from 'typescript'

/**
 * What each file exports, as declarations without comments and in the order of their names; through all re-exports, so
 * that it does not matter in which file a name lives.
 */
export function publicApi(files: readonly string[]): string[] {
  const program = ts.createProgram([...files], {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    skipLibCheck: true,
    noEmit: true,
    allowImportingTsExtensions: true,
  })
  const checker = program.getTypeChecker()
  const printer = ts.createPrinter({ removeComments: true })

  const print = (declaration: ts.Declaration): string => {
    // A variable's declaration says neither const nor its name twice: the statement around it does.
    const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration
    return printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile())
  }
  return files.map((file) => {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    if (!module) throw new Error(`${file} is no module: is the build complete?`)
    return checker
      .getExportsOfModule(module)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((exported) => {
        const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
        return `// ${exported.name}\n${(symbol.declarations ?? []).map(print).join('\n')}\n`
      })
      .join('\n')
  })
}
