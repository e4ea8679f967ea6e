import { join } from 'node:path';

/** The folder of the project. */
export const ROOT = join(import.meta.dirname, '../..');

/** What browsers are given, as built. */
export const PUBLIC = join(ROOT, 'public');
export const VIEWS = join(ROOT, 'views');
/** Where what was built for this machine stands; nothing of it is kept. */
export const DIST = join(ROOT, 'dist');
