/** Standard output: what was asked for. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

type Cell = string | number | boolean | null;

/** Rows as a table that people read or, with `json`, as an array that programs do. */
export function printList<T extends Record<string, Cell | readonly string[]>>(
  rows: readonly T[],
  columns: readonly (keyof T & string)[],
  json: boolean,
): void {
  if (json) {
    print(JSON.stringify(rows, null, 2));
    return;
  }
  const cells = [
    columns.map((column) => column.toUpperCase()),
    ...rows.map((row) => columns.map((column) => cellText(row[column]))),
  ];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => line[at]?.length ?? 0)));
  for (const line of cells)
    print(
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

// What somebody typed into a form must not steer the terminal that it is shown in.
function cellText(value: Cell | readonly string[] | undefined): string {
  if (value === null || value === undefined) return '-';
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  return text.replace(/\p{Cc}/gu, '?');
}
