import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { PROJECT_ROOT } from '#server/lib/project-root.js';

/** A file of the project: where it is, seen from the root, and what stands in it. */
export interface Source {
  path: string;
  text: string;
}

/** The files below these folders whose names end so. */
export function sources(folders: readonly string[], ending: string): Source[] {
  return folders
    .flatMap((folder) => below(join(PROJECT_ROOT, folder)))
    .filter((file) => file.endsWith(ending))
    .map((file) => ({ path: relative(PROJECT_ROOT, file), text: readFileSync(file, 'utf8') }));
}

/** The folders below these, each seen from the root. */
export function foldersBelow(folders: readonly string[]): string[] {
  return [
    ...new Set(
      folders.flatMap((folder) =>
        below(join(PROJECT_ROOT, folder)).map((file) => relative(PROJECT_ROOT, dirname(file))),
      ),
    ),
  ];
}

function below(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? below(path) : [path];
  });
}

export interface Import {
  /** Where the file is, seen from the root; null for a package. */
  path: string | null;
  name: string;
  typeOnly: boolean;
}

const IMPORT = /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\(\s*'([^']+)'\s*\)/gm;

/** What a file imports, and what it exports again. */
export function importsOf({ path, text }: Source): Import[] {
  return [...text.matchAll(IMPORT)].map(([, type, named, dynamic]) => {
    const name = named ?? dynamic ?? '';
    return { name, path: pathOf(path, name), typeOnly: type !== undefined };
  });
}

export interface Export {
  name: string;
  type: boolean;
}

const EXPORT = /^export\s+(?:abstract\s+|async\s+)?(const|let|function\*?|class|interface|type|enum)\s+(\w+)/gm;

/** What a file exports under a name. */
export function exportsOf({ text }: Source): Export[] {
  return [...text.matchAll(EXPORT)].map(([, kind = '', name = '']) => ({
    name,
    type: kind === 'interface' || kind === 'type',
  }));
}

const TAKEN = /^(?:import|export)\s+(?:type\s+)?(?:\{([^}]*)\}|\*\s+as\s+(\w+))\s+from\s+'([^']+)'/gm;

const TAKEN_LATER = /\(await import\('([^']+)'\)\)\.(\w+)/g;

/** Which names these files import, by the file that they import them from. */
export function namesTakenFrom(files: readonly Source[]): Map<string, Set<string>> {
  const taken = new Map<string, Set<string>>();
  for (const { path, text } of files) {
    for (const [, from = '', name = ''] of text.matchAll(TAKEN_LATER)) namesOf(taken, pathOf(path, from)).add(name);
    for (const [, list, whole, from = ''] of text.matchAll(TAKEN)) {
      const names = namesOf(taken, pathOf(path, from));
      const listed = (list ?? '').split(',').map((one) =>
        one
          .trim()
          .replace(/^type\s+/, '')
          .replace(/\s+as\s.*$/s, ''),
      );
      const used =
        whole === undefined
          ? []
          : [...text.matchAll(new RegExp(`\\b${whole}\\.(\\w+)`, 'g'))].map(([, name = '']) => name);
      for (const name of [...listed, ...used]) names.add(name);
    }
  }
  return taken;
}

/** The names of that file; of a package they are let go. */
function namesOf(taken: Map<string, Set<string>>, source: string | null): Set<string> {
  const names = (source === null ? undefined : taken.get(source)) ?? new Set();
  if (source !== null) taken.set(source, names);
  return names;
}

function pathOf(from: string, name: string): string | null {
  const source = name.replace(/\.js$/, '.ts');
  if (name.startsWith('.')) return relative(PROJECT_ROOT, resolve(PROJECT_ROOT, dirname(from), source));
  const [, room, rest] = /^#(server|models|policies)\/(.*)$/.exec(source) ?? [];
  return room === undefined ? null : `${room}/${rest ?? ''}`;
}
