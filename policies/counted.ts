/** So many of something, in words that agree with the number: `1 row`, `2 rows`; `many` where it is not made with an s. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
