import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder that holds `package.json`, `views` and `public`: the same from the sources and from the build. */
export const PROJECT_ROOT = findRoot(import.meta.dirname);

/** True where the build is run, and not the sources. */
export const IS_BUILT = import.meta.dirname.startsWith(join(PROJECT_ROOT, 'dist'));

/** The version of this Gatehouse. */
export const VERSION = (JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')) as { version: string })
  .version;

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'views'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('The folder with package.json and views was not found above this file.');
  return findRoot(parent);
}
