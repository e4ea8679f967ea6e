/** Several names in one cell of a file, parted by `|`: a name that has one itself has a backslash in front of it there. */
export function cellOfNames(names: readonly string[]): string {
  return names.map((name) => name.replace(/[\\|]/g, '\\$&')).join('|');
}
