import type { UserJob } from '#models/user-job.js';
import type { TenantContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { beginImport } from './begin.js';
import { previewImport } from './import-preview.js';

/** What a program sends of a file, or the id of the preview of one. */
interface ImportRequest {
  csv: string;
  import?: string | undefined;
  dryRun: boolean;
  reason: string;
}

/** Imports a text at once, or previews it; or begins a preview that there is. */
export async function importText(context: TenantContext, asked: ImportRequest): Promise<UserJob> {
  const { csv, import: id, dryRun, reason } = asked;
  if (id !== undefined) {
    if (csv !== '' || dryRun)
      throw Invalid.field('import', 'Send the id of a preview alone, or the text of a file without it.');
    return beginImport(context, id, reason);
  }
  if (csv.trim() === '') throw Invalid.field('csv', 'Send the text of the file.');
  const preview = await previewImport(context, { field: 'csv', text: csv });
  return dryRun ? preview : beginImport(context, preview.id, reason);
}
