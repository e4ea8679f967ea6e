import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** The script of the forms that ask for a passkey, with the part of @simplewebauthn/browser (MIT) that it uses. */
export function makePasskey(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(import.meta.dirname, 'passkey.js')],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
  });
  return outputFiles[0]?.text ?? '';
}
