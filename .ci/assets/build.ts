import { writeFileSync } from 'node:fs';
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
    writeFileSync(join(PUBLIC, file), text);
    process.stdout.write(`${file}: ${Math.round(text.length / 1024)} kB\n`);
  }
