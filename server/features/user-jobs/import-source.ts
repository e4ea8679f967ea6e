import { Invalid } from '#server/errors.js';
import type { SentFile } from '#server/lib/sent-file.js';
import type { Source } from './import-preview.js';

/** What of a form is to be imported: the file, or else what was pasted. */
export function sourceOf({ file, csv }: { file?: SentFile | undefined; csv: string }): Source {
  if (file) return { field: 'file', bytes: file.bytes };
  if (csv.trim() === '') throw Invalid.field('file', 'Choose a file, or paste its text.');
  return { field: 'csv', text: csv };
}
