/** Several names in one cell of a file, parted by `|`: a name that has one itself has a backslash in front of it there. */
export function cellOfNames(names: readonly string[]): string {
  return names.map((name) => name.replace(/[\\|]/g, '\\$&')).join('|');
}

/** The names in a cell. A backslash that is in front of nothing of the kind is a letter like any other. */
export function namesInCell(cell: string): string[] {
  const parts = cell.match(/(?:\\[\\|]|[^|])+/g) ?? [];
  return parts.map((part) => part.replace(/\\([\\|])/g, '$1').trim()).filter((name) => name !== '');
}
