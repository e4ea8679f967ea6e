import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeEntrance } from './entrance.js';
import { makeIcons } from './icons.js';
import { makePasskey } from './passkey-script.js';
import { PUBLIC } from './places.js';
import { makeTabler } from './tabler.js';

/** The files of `public` that are made from others, as they must be now. */
export function madeFiles(): Record<string, string> {
  const tabler = makeTabler();
  return {
    'css/tabler.css': tabler,
    'css/entrance.css': makeEntrance(tabler),
    'img/icons.svg': makeIcons(),
    'js/passkey.js': makePasskey(),
  };
}

if (process.argv[1] === import.meta.filename)
  for (const [file, text] of Object.entries(madeFiles())) {
    // In one go: whoever serves it meanwhile has the whole of the one or of the other.
    const made = join(PUBLIC, file);
    writeFileSync(`${made}.new`, text);
    renameSync(`${made}.new`, made);
    process.stdout.write(`${file}: ${Math.round(text.length / 1024)} kB\n`);
  }
