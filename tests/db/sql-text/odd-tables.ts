/** `CREATE TABLE` statements that SQLite takes and that a careless reader gets wrong. */
export const oddTables: readonly (readonly [what: string, statement: string])[] = [
  ['a plain table', 'CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL)'],
  ['columns without a type', 'CREATE TABLE t(a,b,c)'],
  [
    'all four ways to quote a name',
    'CREATE TABLE "t" ("a ""1""" TEXT, [b, 2] TEXT, `c ``3``` TEXT, \'d \'\'4\'\'\' TEXT)',
  ],
  ['a table whose name is a literal', "CREATE TABLE 'my table' ('a')"],
  [
    'keywords as names',
    'CREATE TABLE temp (key, action TEXT, end, "primary" INT, "check" , [unique], `constraint`, begin, match)',
  ],
  [
    'comments everywhere',
    'CREATE /* , */ TABLE -- (\n t /* ) */ ( -- a,\n a /* , */ INT -- ,\n , /* b, */ b -- )\n ) -- end',
  ],
  ['a comment that never closes', 'CREATE TABLE t (a, b) /* that is all'],
  ['CRLF line ends', 'CREATE TABLE t (\r\n  a INT, -- first\r\n  b INT\r\n)'],
  [
    'types with commas and parentheses',
    'CREATE TABLE t (a DECIMAL(10, 2), b VARCHAR ( 5 ), c UNSIGNED BIG INT, d "odd, type"(+1,-2))',
  ],
  [
    'checks with commas, strings and parentheses',
    "CREATE TABLE t (a CHECK (a IN ('x,)', '(', (1))), b CHECK(length(b) < 3 AND b <> ','))",
  ],
  [
    'defaults of all kinds',
    "CREATE TABLE t (a DEFAULT 'x, y', b DEFAULT -1.5, c DEFAULT (max(1, 2)), d DEFAULT CURRENT_TIMESTAMP, e DEFAULT NULL, f DEFAULT id)",
  ],
  ['a CASE in a check', 'CREATE TABLE t (a CHECK (CASE WHEN a THEN 1 ELSE 0 END), b)'],
  [
    'table constraints without commas',
    'CREATE TABLE t (a, b, UNIQUE (a) CHECK (a > 0) CONSTRAINT x UNIQUE (b) FOREIGN KEY (a) REFERENCES t (b))',
  ],
  [
    'a constraint name with nothing behind it',
    'CREATE TABLE t (a INT CONSTRAINT x, b CONSTRAINT y NOT NULL, CONSTRAINT z)',
  ],
  ['a constraint name with a comma behind it', 'CREATE TABLE t (a, CONSTRAINT x, UNIQUE (a))'],
  [
    'conflict clauses',
    'CREATE TABLE t (a NOT NULL ON CONFLICT IGNORE UNIQUE ON CONFLICT REPLACE, b, UNIQUE (b) ON CONFLICT FAIL, PRIMARY KEY (a, b) ON CONFLICT ABORT)',
  ],
  [
    'foreign keys in full',
    'CREATE TABLE t (a REFERENCES u ON DELETE SET NULL ON UPDATE CASCADE MATCH FULL NOT DEFERRABLE INITIALLY IMMEDIATE, b, FOREIGN KEY (b) REFERENCES "u, v" ("x") DEFERRABLE INITIALLY DEFERRED)',
  ],
  [
    'generated columns',
    "CREATE TABLE t (a, b AS (a + 1), c TEXT GENERATED ALWAYS AS (a || ',)') STORED NOT NULL, d INT AS (max(a, 1)) VIRTUAL UNIQUE)",
  ],
  ['AUTOINCREMENT', 'CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a)'],
  ['AUTOINCREMENT in the table constraint', 'CREATE TABLE t (id INTEGER, a, PRIMARY KEY (id AUTOINCREMENT))'],
  ['a column called autoincrement', 'CREATE TABLE t ("autoincrement" INTEGER PRIMARY KEY, a)'],
  ['WITHOUT ROWID', 'CREATE TABLE t (a PRIMARY KEY, b) without rowid'],
  ['STRICT and WITHOUT ROWID', 'CREATE TABLE t (a INT PRIMARY KEY, b ANY) STRICT , WITHOUT\nROWID'],
  ['a column called strict', 'CREATE TABLE t (strict, without, rowid)'],
  [
    'collations',
    'CREATE TABLE t (a COLLATE NOCASE, b TEXT COLLATE "rtrim" UNIQUE, PRIMARY KEY (a COLLATE binary DESC))',
  ],
  ['IF NOT EXISTS and a schema', 'CREATE TABLE IF NOT EXISTS main.t (a, b)'],
  ['a table called if', 'CREATE TABLE "if" (a, b)'],
  ['CREATE TABLE … AS SELECT, as it is stored', 'CREATE TABLE t AS SELECT 1 AS a, \'x\' AS [b, c], 2.5 AS "d""e"'],
  ['names that are not ASCII', 'CREATE TABLE größe (länge REAL, 名前 TEXT, "😀" INT)'],
  ['parentheses around the columns of a key', 'CREATE TABLE t (a, b, UNIQUE ((a), ((b)) DESC))'],
  ['numbers and operators close together', 'CREATE TABLE t (a CHECK(a>=-1.e3 AND a<>0x1F),b DEFAULT+1)'],
]
